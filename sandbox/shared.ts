import { chosen } from "./chosen.ts";
import { answeringEngine, engineNames, engineProcesses, stopEngine } from "./engine.ts";
import { containersOf } from "./docker.ts";
import { removeStack } from "./remove.ts";
import { stackUp, type Stack } from "./stack.ts";
import { serviceNames } from "./services.ts";
import { knownStacks, readResets } from "./state.ts";

/** Projects of the tests begin with this; a stack that somebody brought up by hand is left alone. */
const prefix = "lav-test";

/**
 * A stack that real tests share: each of vitest's workers has its own, because its files run one after the
 * other. The first that asks brings it up, in seconds; the whole run's end takes it down. It is as the test
 * before left it: call `reset`.
 */
export async function sharedStack(): Promise<Stack> {
  const project = ownProject(process.env["VITEST_POOL_ID"] ?? "0");
  return await stackUp({ project, ...chosen() });
}

/** A project's name for a test that needs a stack of its own. */
export function ownProject(name: string): string {
  return `${prefix}-${name}`;
}

/** What the resets of the tests' stacks came to, in a line; undefined where there was none. */
export function resetsLine(): string | undefined {
  const resets = knownStacks()
    .filter(({ project }) => isOfTests(project))
    .flatMap(({ project }) => readResets(project));
  if (resets.length === 0) return undefined;
  const seconds = Math.round(resets.reduce((sum, { ms }) => sum + ms, 0) / 1000);
  const services = resets.reduce((sum, { again }) => sum + again.length, 0);
  const full = resets.filter(({ again }) => again.length === serviceNames.length).length;
  return `stacks: ${resets.length} resets, ${seconds} s; ${services} services made again, all of them in ${full} resets`;
}

/** Takes down every stack of the tests, those of a killed run too, and then the engines that were ours alone. */
export async function removeTestStacks(): Promise<void> {
  const running = await Promise.all(
    engineNames.map(async (name) => {
      const engine = await answeringEngine(name);
      return engine === undefined ? [] : await containersOf(engine.host);
    }),
  );
  const projects = new Set([...knownStacks(), ...running.flat()].map(({ project }) => project));
  const ofTests = [...projects].filter(isOfTests);
  await Promise.all(ofTests.map(async (project) => await removeStack(project, () => {})));
  for (const name of engineNames) if (engineProcesses(name).length > 0) await stopEngine(name);
}

function isOfTests(project: string): boolean {
  return project === prefix || project.startsWith(`${prefix}-`);
}
