import type { Failure } from "../../base/failure.ts";
import type { ProcessReply } from "../ports.ts";

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
