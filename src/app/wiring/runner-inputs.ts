import type { Diagnostic } from "../../language/diagnostic.ts";
import { readSourceFile } from "../../language/source.ts";
import { platformProblem } from "../../platform/load.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Plan } from "../../plan/plan.ts";
import { allItems, stepsOf } from "../../runbook/runbook.ts";
import { distrustOf } from "../context/platform-file.ts";
import type { World } from "../context/world.ts";
import { refusal, refusalFor, type Refusal } from "../context/refusal.ts";

/** The variables that the platform file names for Compose, as far as they are set. */
export function runnerEnvironment(
  world: Pick<World, "env">,
  { compose }: Pick<Platform, "compose">,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (compose?.environment ?? []).flatMap((name) => {
      const value = world.env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

/**
 * Why a plan that makes containers may not begin: a variable that the platform file names for Compose is not set,
 * or a file of them is not there, or somebody else could change it. A plan that makes none needs neither.
 */
export async function runnerRefusal(world: World, plan: Plan): Promise<Refusal | undefined> {
  const { compose, path, environment } = plan.platform;
  const all = [...stepsOf(allItems(plan.runbook))];
  if (compose === undefined || !all.some(({ kind }) => kind.makes === "containers")) return undefined;
  const problems: { readonly key: string; readonly message: string }[] = [];
  for (const name of compose.environment ?? []) {
    const value = world.env[name];
    if (value !== undefined && value !== "") continue;
    const is = value === undefined ? "not set" : "blank";
    const message = `Compose needs the variable ${name}, which is ${is}; export ${name}`;
    problems.push({ key: "environment", message });
  }
  for (const file of compose.envFiles ?? []) {
    const read = await readSourceFile(file);
    const distrust = read.ok ? await distrustOf(world, file, read.value.stat) : undefined;
    if (!read.ok) problems.push({ key: "env_file", message: read.failure });
    if (distrust !== undefined)
      problems.push({ key: "env_file", message: `${distrust.why}; ${distrust.mend}` });
  }
  if (problems.length === 0) return undefined;
  const source = await readSourceFile(path);
  if (!source.ok) return refusal(problems.map(({ message }) => message).join("\n"), "configuration").failure;
  const diagnostics = problems.flatMap(({ key, message }): readonly Diagnostic[] =>
    platformProblem(source.value.source, environment, ["compose", key], message),
  );
  return refusalFor(diagnostics, "configuration").failure;
}
