import { printable } from "../../base/printable.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { questionsOf } from "../context/questions.ts";
import type { World } from "../context/world.ts";
import { interrupted, refusal, type Refusal } from "../context/refusal.ts";
import { type HaltFlags, needsReason, reasonOf } from "./flags.ts";
import type { HaltPlatform } from "./under-way.ts";

const word = "HALT";

/** One typed word at a terminal, `--yes` in a script. A reason that was not given is asked for. */
export async function askHalt(
  world: World,
  flags: HaltFlags,
  platform: HaltPlatform,
  what: string,
): Promise<Result<HaltFlags, Refusal>> {
  const { interruption } = world;
  const given = reasonOf(flags);
  const settings = questionsOf(world, flags);
  if (!settings.available) {
    if (given === undefined) return fail(needsReason);
    return refusal("halting needs consent, and there is no terminal to ask at; pass --yes", "consent");
  }
  const prompt = createPrompt(settings, new Turn());
  const unanswered = (why: "no-terminal" | "cancelled") =>
    why === "cancelled"
      ? interrupted(world, "interrupted at the question")
      : refusal("nobody answered: lav-ir was sent to the background; pass --yes", "consent");
  let reason = given;
  while (reason === undefined) {
    const answer = await prompt.text("Reason for the halt (recorded at every instance):", interruption.stop);
    if (!answer.answered) return unanswered(answer.why);
    reason = reasonOf({ reason: answer.value });
  }
  if (flags.yes === true) return ok({ ...flags, reason });
  const { instances } = platform.trading;
  const where = platform.production ? `PRODUCTION (${platform.name})` : platform.name;
  const question = `Halt ${what} on ${where}, at ${instances.map((url) => withProxy(url, platform)).join(", ")} and every instance that is discovered.\n  Type ${word} to do it:`;
  const answer = await prompt.text(printable(question), interruption.stop);
  if (!answer.answered) return unanswered(answer.why);
  if (answer.value.trim().toUpperCase() === word) return ok({ ...flags, reason });
  return refusal(`declined: ${word} was not typed`, "consent");
}

/** An instance, and what carries the request to it. */
function withProxy(url: string, { asked }: HaltPlatform): string {
  const { proxy } = asked.find(({ origin }) => origin === new URL(url).origin) ?? {};
  return proxy === undefined ? url : `${url} (through proxy ${proxy.url})`;
}
