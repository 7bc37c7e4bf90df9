import type { PromptSettings } from "../../drivers/prompt/prompt.ts";
import type { GlobalOptions, World } from "./world.ts";

/** Whether a person can be asked: at a terminal, by a process in its foreground, and not forbidden. */
export function mayAsk({ stdin, stderr, job }: World, { input }: Pick<GlobalOptions, "input"> = {}): boolean {
  return input !== false && stdin.isTTY === true && stderr.isTTY === true && job.foreground();
}

/** Questions at the process's own terminal, where there is somebody to ask. */
export function questionsOf(
  world: World,
  options: Pick<GlobalOptions, "input">,
  available = mayAsk(world, options),
): PromptSettings {
  const { stdin: input, interruption, job, user: person, outlet } = world;
  const { canvas: output, clean } = outlet;
  return { available, person, input, output, interrupted: interruption.interrupt, job, clean };
}
