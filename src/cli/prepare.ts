import { ok, type Result } from "../base/result.ts";
import { didYouMean } from "../base/suggest.ts";
import { kindsByName } from "../kinds/index.ts";
import { diagnosticText } from "../language/diagnostic.ts";
import type { Source } from "../language/source.ts";
import type { Platform } from "../platform/platform.ts";
import { fixedNames, paramValue } from "../plan/names.ts";
import { makePlan, type Plan } from "../plan/plan.ts";
import { loadRunbook, loadSource, type LoadProblem } from "../runbook/load.ts";
import { readParam } from "../runbook/parse.ts";
import type { Runbook } from "../runbook/runbook.ts";
import { loadPlatform, locateInclude, locateRunbook } from "./find.ts";
import { whereOf } from "./wire.ts";
import { refusal, type GlobalOptions, type Refusal, type World } from "./world.ts";

/** From a name on the command line to a plan; every way this can go wrong ends here, before anything runs. */
export async function preparePlan(
  world: World,
  options: GlobalOptions,
  name: string,
  given: readonly string[],
): Promise<Result<Plan, Refusal>> {
  const path = await locateRunbook(world, name);
  if (!path.ok) return path;
  const runbook = await readRunbook(world, path.value);
  if (!runbook.ok) return runbook;
  return await planFor(world, options, runbook.value, given);
}

export async function planFor(
  world: World,
  options: GlobalOptions,
  runbook: Runbook,
  given: readonly string[],
): Promise<Result<Plan, Refusal>> {
  const platform = await loadPlatform(world, options);
  if (!platform.ok) return platform;
  const params = readParams(runbook, given);
  if (!params.ok) return params;
  return planOf(runbook, platform.value, params.value);
}

export function planOf(
  runbook: Runbook,
  platform: Platform,
  params: Readonly<Record<string, unknown>>,
): Result<Plan, Refusal> {
  const values = Object.fromEntries(
    runbook.params.map((param) => [param.name, paramValue(param, params[param.name])]),
  );
  const names = fixedNames(runbook, platform, values);
  const plan = makePlan({ runbook, platform, params, names, where: whereOf(platform) });
  return plan.ok ? plan : refusal(plan.failure.map(diagnosticText).join("\n"));
}

export async function readRunbook(world: World, path: string): Promise<Result<Runbook, Refusal>> {
  return refused(await loadRunbook(path, loading(world)));
}

/** A runbook from a text that was kept: how a resumed run gets the very text it began with. */
export async function readKept(world: World, source: Source): Promise<Result<Runbook, Refusal>> {
  return refused(await loadSource(source, loading(world)));
}

function loading(world: World): Parameters<typeof loadRunbook>[1] {
  return { kinds: kindsByName, locate: (name, from) => locateInclude(world, name, from) };
}

function refused(loaded: Result<Runbook, LoadProblem>): Result<Runbook, Refusal> {
  if (loaded.ok) return loaded;
  const { failure } = loaded;
  return refusal(
    failure.type === "unreadable" ? failure.message : failure.diagnostics.map(diagnosticText).join("\n"),
  );
}

/** `--param name=value`, each once, each known, each of its type; missing ones named with their question. */
function readParams(
  runbook: Runbook,
  given: readonly string[],
): Result<Readonly<Record<string, unknown>>, Refusal> {
  const values: Record<string, unknown> = {};
  const names = runbook.params.map((param) => param.name);
  for (const text of given) {
    const at = text.indexOf("=");
    if (at <= 0) return refusal(`--param ${text}: write it NAME=VALUE`);
    const name = text.slice(0, at);
    const param = runbook.params.find((candidate) => candidate.name === name);
    if (param === undefined) {
      const has = names.length === 0 ? "it takes none" : `it takes ${names.join(", ")}`;
      return refusal(
        `--param ${name}: ${runbook.id} has no such parameter${didYouMean(name, names)}; ${has}`,
      );
    }
    if (Object.hasOwn(values, name)) return refusal(`--param ${name} is given twice`);
    const value = readParam(param, text.slice(at + 1));
    if (!value.ok) return refusal(`--param ${name} ${value.failure}`);
    values[name] = value.value;
  }
  for (const param of runbook.params) {
    if (Object.hasOwn(values, param.name)) continue;
    if (param.default === undefined) {
      const question = param.ask === undefined ? "" : ` (${param.ask})`;
      return refusal(`${runbook.id} needs --param ${param.name}=…${question}`);
    }
    values[param.name] = param.default;
  }
  return ok(values);
}
