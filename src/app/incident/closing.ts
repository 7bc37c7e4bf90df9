import { ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { actionsOf } from "../../incident/actions.ts";
import { saysNotKnown } from "../../incident/not-known.ts";
import { nextWorkingDay, readReviewDate } from "../../incident/review-date.ts";
import { shown } from "../../incident/typed-time.ts";
import { questionsOf } from "../context/questions.ts";
import { interrupted, refusal, type Refusal } from "../context/refusal.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import type { Scene } from "./scene.ts";

export interface ClosingOptions {
  /** "not known yet" is an answer. */
  readonly cause?: string;
  /** A date, `next` (working day), or `none`. */
  readonly reviewOn?: string;
}

/** What the end of an incident says beside what resolved it. */
export interface Closing {
  readonly data: { readonly cause?: string; readonly review_on?: string };
  /** Lines behind "is resolved". */
  readonly says: readonly string[];
}

/**
 * The cause and the day of the review: from the command line, else asked at a terminal, where Enter takes the default;
 * else the cause is not known yet, and the review is on the next working day.
 */
export async function closingOf(
  world: World,
  options: GlobalOptions,
  scene: Scene,
  own: ClosingOptions,
): Promise<Result<Closing, Refusal>> {
  const { zone } = scene.status;
  const next = shown(nextWorkingDay(scene.now, zone), zone);
  const typedCause = await given(world, options, own.cause, "Cause? (Enter: not known yet)", "");
  if (!typedCause.ok) return typedCause;
  const cause = causeOf(scene, typedCause.value);
  if (!cause.ok) return cause;
  const question = `Review on? (Enter: ${next}; none: no review)`;
  const typedDay = await given(world, options, own.reviewOn, question, "next");
  if (!typedDay.ok) return typedDay;
  const review = reviewOf(scene, typedDay.value);
  if (!review.ok) return review;
  const [known, on] = [cause.value, review.value];
  return ok({
    data: {
      ...(known === undefined ? {} : { cause: known }),
      ...(on === undefined ? {} : { review_on: new Date(on).toISOString() }),
    },
    says: [
      `cause: ${known ?? "not known yet"}`,
      `review: ${on === undefined ? "none" : shown(on, zone)}`,
      actionsText(scene),
    ],
  });
}

function causeOf(scene: Scene, typed: string): Result<string | undefined, Refusal> {
  if (saysNotKnown(typed)) return ok(undefined);
  const cause = scene.text(typed, "the cause");
  return cause.ok ? cause : refusal(cause.failure);
}

function reviewOf({ status, now }: Scene, typed: string): Result<number | undefined, Refusal> {
  if (typed.trim() === "none") return ok(undefined);
  const read = readReviewDate(typed, status.zone, now);
  return read.ok ? read : refusal(`--review-on: ${read.failure}`);
}

function actionsText({ fold }: Scene): string {
  const all = actionsOf(fold);
  const open = all.filter(({ done }) => !done).length;
  return all.length === 0
    ? 'actions: none on record; lav-ir actions add preventive "…"'
    : `actions: ${open} of ${all.length} open`;
}

/** @returns what was given, what was answered, or the default where nobody can be asked */
async function given(
  world: World,
  options: GlobalOptions,
  value: string | undefined,
  question: string,
  otherwise: string,
): Promise<Result<string, Refusal>> {
  if (value !== undefined) return ok(value);
  const settings = questionsOf(world, options);
  if (!settings.available) return ok(otherwise);
  const answer = await createPrompt(settings, new Turn()).text(question, world.interruption.stop);
  if (answer.answered) return ok(answer.value.trim() === "" ? otherwise : answer.value);
  const said = "it stays open";
  return answer.why === "cancelled" ? interrupted(world, said) : refusal(said, "consent");
}
