import type { Failure } from "../../base/failure.ts";
import type { ProcessReply } from "../../ports/ports.ts";

/** Lines in which neither flavour says why: progress, and the sum of what was said before. */
const idle =
  /^(?: (?:Container|Network|Volume|Image) |(?:Creating|Recreating|Starting|Stopping|Removing|Stopping and removing) |Encountered errors|time=".*level=warning|Run 'docker|Usage:|See 'docker)/;
const howToSet =
  "compose.program in the platform file is [docker, compose] for Compose 2, [docker-compose] for 1.29";

/** Why the Compose program could not be run, with what to do where it is not there. */
export function notRun(program: readonly string[], failure: Failure): Failure {
  if (failure.type !== "missing" || failure.target !== program[0]) return failure;
  return { ...failure, message: `${failure.message}; ${howToSet}` };
}

/** Shorter values of an environment are words and ports, which a complaint is about. */
const shortestHidden = 8;

/** A text of Compose's without the values that the service's environment has: their names stand for them. */
export function withoutValues(
  said: string,
  environment: ReadonlyMap<string, string | null> = new Map(),
): string {
  // The longest first: one may hold another.
  const values = [...environment].toSorted(([, a], [, b]) => (b ?? "").length - (a ?? "").length);
  return values.reduce(
    (text, [name, value]) =>
      value === null || value.length < shortestHidden
        ? text
        : text.replaceAll(value, () => `‹value of ${name}›`),
    said,
  );
}

/** What a Compose program that ended badly said, without the lines that say nothing. */
export function complaint(
  program: readonly string[],
  { exitCode, signal, stderr }: ProcessReply,
): Extract<Failure, { type: "exit" | "missing" }> {
  const target = program.join(" ");
  // docker takes Compose's own options for its own, where it does not know the word `compose`.
  if (/^unknown shorthand flag: 'p'|is not a docker command/m.test(stderr)) {
    const message = `${program[0] ?? "docker"} has no Compose here (${target}); ${howToSet}`;
    return { type: "missing", target, message, effect: "none" };
  }
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !idle.test(line));
  return { type: "exit", target, code: exitCode, signal, stderr: lines.join("\n") };
}
