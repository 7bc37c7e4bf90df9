import { printable } from "../../base/printable.ts";
import { ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { questionsOf } from "../context/questions.ts";
import { interrupted, refusal, type Refusal } from "../context/refusal.ts";
import { show } from "../context/telling.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { previewed, previewLines, previewRows, type Previewed } from "./preview.ts";
import { overText, readScene, type Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

/** `--dry-run`: what each channel would get, and nothing on record. */
export function showDryRun(
  world: World,
  options: GlobalOptions,
  scene: Scene,
  statement: Pick<Statement, "records" | "quoting" | "recipients">,
): number {
  const all = previewed(scene, statement);
  const { call = [], left = [] } = statement.recipients ?? {};
  show(world, options, previewRows(scene.place.incident, all), () => [
    "dry run: nothing was recorded or sent",
    ...previewLines(all),
    ...call.map(({ id, name }) => `call ${name} (${id}): lav-ir contacts ${id}`),
    ...(left.length === 0 ? [] : [`not used, because they may not carry it: ${left.join(", ")}`]),
  ]);
  return 0;
}

/**
 * At a terminal a text that nobody typed is shown as each channel would get it, and sent when the answer is yes. Where
 * a message was queued in between, their numbers are others now, and they are shown again. Without a terminal the
 * command is its own consent.
 * @returns why nothing is recorded
 */
export async function askPreview(
  world: World,
  options: GlobalOptions,
  scene: Scene,
  statement: Pick<Statement, "records" | "quoting">,
): Promise<Result<undefined, Refusal>> {
  const settings = questionsOf(world, options);
  let all = previewed(scene, statement);
  while (settings.available && all.length > 0) {
    for (const line of previewLines(all)) world.stderr.write(`${printable(line)}\n`);
    const messages = all.length === 1 ? "this message" : `these ${all.length} messages`;
    const prompt = createPrompt(settings, new Turn());
    const answer = await prompt.confirm(`Send ${messages}?`, world.interruption.stop);
    if (!answer.answered)
      return answer.why === "cancelled"
        ? interrupted(world, "nothing was sent")
        : refusal("nothing was sent", "consent");
    if (!answer.value) return refusal("declined; nothing was sent", "consent");
    const now = await readScene(scene, scene.place);
    const over = overText(now);
    if (over !== undefined && overText(scene) === undefined) return refusal(over, "state");
    const then = all;
    all = previewed(now, statement);
    if (isSame(then, all)) break;
    world.stderr.write("another message was queued in the meantime: the numbers have changed\n");
  }
  return ok(undefined);
}

function isSame(one: readonly Previewed[], other: readonly Previewed[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
