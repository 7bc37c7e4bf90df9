import { createPrompt, Turn } from "../../../drivers/prompt/prompt.ts";
import { accept, offer, openOffer } from "../../../app/incident/handoff.ts";
import { nameOf, recordCommand } from "../../../app/incident/record-command.ts";
import { openScene } from "../../../app/incident/scene.ts";
import { printable } from "../../../base/printable.ts";
import { questionsOf } from "../../../app/context/questions.ts";
import { interrupted } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";

/** `lav-ir handoff bob`, then as Bob `lav-ir handoff accept P0 halted`: a role changes hands once both have said so. */
export async function handoff(
  world: World,
  options: GlobalOptions,
  [who = "", ...words]: readonly string[],
  { role = "commander" }: { readonly role?: string },
): Promise<number> {
  if (who !== "accept")
    return await recordCommand(world, options, "handoff", (scene) => offer(scene, who, role));
  const typed = words.length > 0 ? words.join(" ") : await askState(world, options);
  if (typeof typed === "number") return typed;
  return await recordCommand(world, options, "handoff", (scene) => accept(scene, typed));
}

/** @returns what was typed, or the exit code of a question that nobody answered. */
async function askState(world: World, options: GlobalOptions): Promise<string | number> {
  const settings = questionsOf(world, options);
  if (!settings.available) return "";
  const scene = await openScene(world, options, { command: "handoff" });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const found = openOffer(scene.value);
  if (found === undefined) return "";
  const { status } = scene.value;
  const lines = [
    `${nameOf(status)}: ${status.impact ?? ""}`,
    `  trading, according to the record: ${status.trading.is}`,
    ...(found.stale ? ["  changed since the offer"] : []),
  ];
  for (const line of lines) world.stderr.write(`${printable(line)}\n`);
  const question = `You take ${found.role}. Read back the severity, and whether trading is halted:`;
  const answer = await createPrompt(settings, new Turn()).text(question, world.interruption.stop);
  if (answer.answered) return answer.value;
  return answer.why === "cancelled"
    ? refuse(world, options, interrupted(world, "nothing was taken over").failure)
    : "";
}
