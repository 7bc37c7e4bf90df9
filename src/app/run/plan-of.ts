import { createHash } from "node:crypto";
import { canonicalJson } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { didYouMean } from "../../base/suggest.ts";
import { kindsByName } from "../wiring/kinds.ts";
import { interlockNames } from "../../trading/interlocks.ts";
import type { Source } from "../../language/source.ts";
import type { Names } from "../../language/value.ts";
import type { Platform } from "../../platform/platform.ts";
import { fixedNames, paramValue } from "../../plan/names.ts";
import { makePlan, type Outline, type Plan } from "../../plan/plan.ts";
import { reachOf } from "../../plan/reach.ts";
import { loadRunbook, loadSource, type LoadProblem } from "../../runbook/load.ts";
import type { Unread } from "../../runbook/parse.ts";
import { ownItems, seenItems, type Item, type Runbook } from "../../runbook/runbook.ts";
import { locateInclude, locateRunbook } from "../context/runbooks.ts";
import { readParams, type Params } from "./params.ts";
import { nowhere, whereOf } from "../wiring/ports.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { loadPlatformIfAny, type OpenPlatform } from "../context/platform.ts";
import { refusal, refusalFor, type Refusal } from "../context/refusal.ts";

/** What there is to show of a runbook: with a platform file its plan, without one as much of it as is known. */
export async function prepareOutline(
  world: World,
  options: GlobalOptions,
  name: string,
  given: readonly string[],
): Promise<Result<Outline, Refusal>> {
  const runbook = await findRunbook(world, name);
  if (!runbook.ok) return runbook;
  const params = await readParams(runbook.value, given);
  if (!params.ok) return params;
  const found = await loadPlatformIfAny(world, options, { command: "show", untrusted: "warn" });
  if (!found.ok) return found;
  if (found.value.type === "platform") return planOf(runbook.value, found.value.platform, params.value);
  const names = fixedNames(runbook.value, undefined, valuesOf(runbook.value, params.value));
  return ok({ runbook: runbook.value, platform: undefined, params: params.value, names, where: nowhere() });
}

export async function findRunbook(world: World, name: string): Promise<Result<Runbook, Refusal>> {
  const path = await locateRunbook(world, name);
  return path.ok ? await readRunbook(world, path.value) : path;
}

export function planOf(runbook: Runbook, platform: Platform, params: Params): Result<Plan, Refusal> {
  const plan = makePlan(uncheckedPlan(runbook, platform, params));
  return plan.ok ? plan : refusalFor(plan.failure);
}

/** A plan of which nobody knows yet whether runbook and platform go together. */
export function uncheckedPlan(runbook: Runbook, platform: Platform, params: Params): Plan {
  const names = fixedNames(runbook, platform, valuesOf(runbook, params));
  return { runbook, platform, params, names, where: whereOf(platform) };
}

/** The plan with the passwords and certificates of the servers that it may speak to; those of no other are asked for. */
export async function withLogins(plan: Plan, { credentials }: OpenPlatform): Promise<Result<Plan, Refusal>> {
  const platform = await credentials(reachOf(plan));
  return platform.ok ? ok({ ...plan, platform: platform.value }) : platform;
}

function valuesOf(runbook: Runbook, params: Params): Names {
  const known = runbook.params.filter((param) => Object.hasOwn(params, param.name));
  return Object.fromEntries(known.map((param) => [param.name, paramValue(param, params[param.name])]));
}

export async function readRunbook(world: World, path: string): Promise<Result<Runbook, Refusal>> {
  return refused(await loadRunbook(path, loading(world)));
}

/** A runbook from a text that was kept: how a resumed run gets the very text it began with. */
export async function readKept(world: World, source: Source): Promise<Result<Runbook, Refusal>> {
  return refused(await loadSource(source, loading(world)));
}

/** The same for lint: the problems, and what could be read in spite of them. */
export async function readToLint(world: World, source: Source): Promise<Unread> {
  const loaded = await loadSource(source, loading(world));
  if (loaded.ok) return { diagnostics: [], read: loaded.value };
  const { failure } = loaded;
  return failure.type === "diagnostics" ? failure : { diagnostics: [] };
}

function loading(world: World): Parameters<typeof loadRunbook>[1] {
  return {
    kinds: kindsByName,
    interlocks: interlockNames,
    locate: (name, from) => locateInclude(world, name, from),
  };
}

function refused(loaded: Result<Runbook, LoadProblem>): Result<Runbook, Refusal> {
  if (loaded.ok) return loaded;
  const { failure } = loaded;
  return failure.type === "unreadable"
    ? refusal(failure.message, "runbook")
    : refusalFor(failure.diagnostics);
}

/** Where a run begins when not at its beginning. */
export interface Begin {
  /** `--from`: a step of the procedure. */
  readonly from?: string;
  /** `--rung`: a rung of the ladder. */
  readonly rung?: string;
}

/** Leaves out what comes before the step or rung to begin at. */
export function beginAt(plan: Plan, begin: Begin): Result<Plan, Refusal> {
  const { runbook } = plan;
  const { from, rung } = begin;
  const steps = from === undefined ? runbook.steps : cutAt(runbook.steps, from);
  if (steps === undefined) return noBeginning(runbook, from);
  const at = rung === undefined ? 0 : runbook.resolve.findIndex(({ id }) => id === rung);
  if (at < 0) return unknownPlace(runbook.resolve, rung, `${runbook.id} has no rung`);
  return ok({ ...plan, runbook: { ...runbook, steps, resolve: runbook.resolve.slice(at) } });
}

/** The items from one of them on; of the group that it stands in, what comes from it on. */
function cutAt(items: readonly Item[], id: string): readonly Item[] | undefined {
  for (const [at, item] of items.entries()) {
    if (item.id === id) return items.slice(at);
    // Of a list nobody could say at which item it is to begin.
    const inner = item.type === "group" && item.foreach === undefined ? cutAt(item.items, id) : undefined;
    if (item.type === "group" && inner !== undefined)
      return [{ ...item, items: inner }, ...items.slice(at + 1)];
  }
  return undefined;
}

function noBeginning({ id: runbook, steps }: Runbook, from: string | undefined): Result<never, Refusal> {
  const loop = [...seenItems(steps)].find(
    (item) =>
      item.type === "group" &&
      item.foreach !== undefined &&
      [...ownItems(item.items)].some(({ id }) => id === from),
  );
  if (loop === undefined) return unknownPlace(seenItems(steps), from, `${runbook} has no step`);
  return refusal(`${from ?? ""} runs once for each item of ${loop.id}; start at ${loop.id}`);
}

function unknownPlace(
  known: Iterable<{ readonly id: string }>,
  id: string | undefined,
  says: string,
): Result<never, Refusal> {
  const ids = [...known].map((one) => one.id);
  const has = ids.length === 0 ? "it has none" : `it has ${ids.join(", ")}`;
  const { failure } = refusal(`${says} ${id ?? ""}${didYouMean(id ?? "", ids)}; ${has}`);
  return fail(failure);
}

/** SHA-256 over what the platform file says, so that a resumed run can tell that it still says so. */
export function platformDigest(platform: Platform): string {
  return createHash("sha256").update(canonicalJson(platform)).digest("hex");
}
