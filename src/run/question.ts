// What a person is asked before a change, and the five answers to it. The word that gives consent comes first, and is
// never one of the others; Enter alone, like a lost terminal, gives none.

import type { Failure } from "../base/failure.ts";
import { printable } from "../base/printable.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { wordToType } from "../base/typed-word.ts";
import type { Effect, Preview } from "../kinds/kind.ts";
import type { Request } from "./consent-request.ts";
import { whyEnding, type Session } from "./session.ts";

/** What is asked about, as it is now. */
export interface Asked {
  readonly effect: Exclude<Effect, "read">;
  readonly preview: Preview;
  readonly digest: string;
  /** Why it is asked once more. */
  readonly again: string | undefined;
}

/** Lines of a preview that a question shows at once: with what stands around them they fit on 24 rows. */
const page = 10;

const yes: ReadonlySet<string> = new Set(["y", "yes"]);

/** @returns that they agreed, or that nobody was there: the process was sent to the background. A refusal is a failure. */
export async function ask(
  session: Session,
  request: Request,
  asked: Asked,
): Promise<Result<"agreed" | "nobody">> {
  const { preview, digest } = asked;
  const target = request.place.step;
  const inRung = request.place.rung !== undefined;
  const declined = (message: string, instead?: "skip" | "next-rung"): Result<never> =>
    fail({ type: "declined", target, message, ...(instead === undefined ? {} : { instead }) });
  const shown = session.redactor.text(preview.confirm);
  const word =
    asked.effect === "change"
      ? undefined
      : keyOf(shown) === undefined
        ? wordToType(preview.confirm, shown, digest)
        : digest.slice(0, 8);
  const all = [...preview.lines, ...(preview.details ?? [])];
  let from = 0;
  for (let other: string | undefined; ;) {
    const text = textOf(session, request, asked, { all, from, word, other, inRung });
    const answer = await request.prompt.text(text, session.stop);
    if (!answer.answered) return answer.why === "no-terminal" ? ok("nobody") : unanswered(session, target);
    const said = answer.value.trim();
    if (word === undefined ? yes.has(said.toLowerCase()) : said === word) return ok("agreed");
    other = undefined;
    switch (keyOf(said)) {
      case "q":
        return declined(said === "" && word !== undefined ? `${word} was not typed` : "declined");
      case "s":
        return declined("skipped by the operator", "skip");
      case "r":
        if (inRung) return declined("the operator chose the next rung", "next-rung");
        other = said;
        break;
      case "d":
        from = from + page < all.length ? from + page : 0;
        break;
      case undefined:
        other = said;
    }
  }
}

type Key = "s" | "r" | "d" | "q";

const keys: ReadonlyMap<string, Key> = new Map([
  ["", "q"],
  ["n", "q"],
  ["no", "q"],
  ["q", "q"],
  ["quit", "q"],
  ["s", "s"],
  ["skip", "s"],
  ["r", "r"],
  ["d", "d"],
]);

/** Whatever is typed in capitals, or in none. */
function keyOf(said: string): Key | undefined {
  return keys.get(said.toLowerCase());
}

interface Shown {
  /** Every line of the preview. */
  readonly all: readonly string[];
  /** The first of them that is shown. */
  readonly from: number;
  /** What is typed to do it; undefined where `y` does. */
  readonly word: string | undefined;
  /** What was typed last, where that was no answer. */
  readonly other: string | undefined;
  readonly inRung: boolean;
}

function textOf(
  session: Session,
  request: Request,
  { again }: Asked,
  { all, from, word, other, inRung }: Shown,
): string {
  const { platform } = session.plan;
  const where = platform.production ? ` on PRODUCTION (${platform.name})` : "";
  const some = all.slice(from, from + page);
  const rest = all.length > page;
  const context = [
    ...(request.turn === undefined ? [] : [request.turn]),
    `${request.action}${where}`,
    ...(again === undefined ? [] : [again]),
    ...some,
    ...(rest ? [`lines ${from + 1} to ${from + some.length} of ${all.length}`] : []),
    ...(request.irreversible === undefined ? [] : [`irreversible: ${request.irreversible}`]),
  ];
  const answers = [
    "s skip this step",
    ...(inRung ? ["r next rung"] : []),
    ...(rest ? ["d details"] : []),
    "q stop (resume later)",
  ];
  const lines = [
    printable(session.redactor.text(context.join("\n    "))),
    `  ${answers.join(" · ")}`,
    ...(other === undefined
      ? []
      : [`  ${printable(session.redactor.text(other)).slice(0, 40)} is none of the answers`]),
    word === undefined ? "  Do it? (y/N)" : `  Type ${word} to do it:`,
  ];
  return lines.join("\n");
}

function unanswered(session: Session, target: string): Result<never> {
  const failure: Failure = {
    type: "interrupted",
    target,
    message: `${whyEnding(session.stop, "interrupted")} at the question`,
    effect: "none",
  };
  return fail(failure);
}
