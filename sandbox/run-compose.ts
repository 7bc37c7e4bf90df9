import { join } from "node:path";
import { runProgram } from "../tools/wait.ts";
import { stackFolder, type StackState } from "./state.ts";

/** Runs Compose on the stack's own file. */
export async function runCompose(state: StackState, args: readonly string[]): Promise<string> {
  const [program = "", ...first] = state.compose;
  const file = join(stackFolder(state.project), "compose.yaml");
  const env = { DOCKER_HOST: state.dockerHost, COMPOSE_ANSI: "never" };
  return await runProgram(program, [...first, "-p", state.project, "-f", file, ...args], {
    env,
    within: 120_000,
  });
}
