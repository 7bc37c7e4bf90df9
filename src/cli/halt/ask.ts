import { printable } from "../../base/printable.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt.ts";
import type { World } from "../world.ts";
import type { HaltFlags } from "./flags.ts";
import { reasonOf } from "./halt.ts";
import type { HaltPlatform } from "./platform.ts";

const word = "HALT";

/** One typed word at a terminal, `--yes` in a script. A reason that was not given is asked for. */
export async function askHalt(
  world: World,
  flags: HaltFlags,
  platform: HaltPlatform,
  what: string,
): Promise<Result<HaltFlags, { readonly message: string; readonly code: 2 | 3 | 130 }>> {
  const { stdin, stderr, interruption } = world;
  const given = reasonOf(flags);
  const available = stdin.isTTY === true && stderr.isTTY === true && flags.input !== false;
  if (!available) {
    if (given === undefined) return fail({ message: 'halt-all needs --reason "why"', code: 2 });
    return fail({
      message: "halting needs consent, and there is no terminal to ask at; give --yes",
      code: 3,
    });
  }
  const settings = { available, input: stdin, output: stderr, interrupted: interruption.interrupt };
  const prompt = createPrompt(settings, new Turn());
  const stopped = { message: "interrupted at the question", code: 130 } as const;
  let reason = given;
  while (reason === undefined) {
    const answer = await prompt.text("Why halt? (every instance keeps it)", interruption.stop);
    if (!answer.answered) return fail(stopped);
    reason = reasonOf({ reason: answer.value });
  }
  if (flags.yes === true) return ok({ ...flags, reason });
  const { instances } = platform.trading;
  const where = platform.production ? `PRODUCTION (${platform.name})` : platform.name;
  const question = `Halt ${what} on ${where}, at ${instances.join(", ")} and whatever else is found.\n  Type ${word} to do it:`;
  const answer = await prompt.text(printable(question), interruption.stop);
  if (!answer.answered) return fail(stopped);
  if (answer.value.trim().toUpperCase() === word) return ok({ ...flags, reason });
  return fail({ message: `${word} was not typed`, code: 3 });
}
