import { fail, ok, type Result } from "../../base/result.ts";
import type { Prompt } from "../../ports/ports.ts";
import { defineKind, type Kind, type DisplayArgs, type Tick } from "../kind.ts";
import { boolean, defaulted, list, object, optional, required, text } from "../../language/shape.ts";
import { shown, shownList } from "../format.ts";
import { declined, unanswered } from "./unanswered.ts";

interface Args {
  readonly question: string;
  readonly choices?: readonly string[];
  readonly typed: boolean;
}

interface Outputs {
  readonly answer: string;
  readonly by: string;
  readonly at: Date;
}

/** An empty answer is asked for again this often. */
const attempts = 3;

export const ask: Kind = defineKind<Args, Outputs>({
  name: "ask",
  summary: "Have a person do or decide something",
  doc: [
    'Shows what is to be done and waits until the person at the terminal ticks it off: `ask: Call the exchange\'s desk and read out the open orders`. The answer is then `done`; No is a failure. With `choices` one of them is the answer; with `typed: true` it is what the person types, and `expect: answer == "NYSE"` can hold it against something.',
    "Who answered and when is in the outputs and the journal. A run that is resumed keeps the answer as long as the question reads the same. Without a terminal nobody can answer: the run stops with exit 3, as for a change without consent. It waits an hour unless `timeout` says otherwise.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      question: required(
        text({ template: "sentence" }),
        "What the person is shown; it may have several lines",
      ),
      choices: optional(list(text()), "Answers to choose from"),
      typed: defaulted(boolean(), false, "The answer is a text that the person types"),
    },
    { primary: "question" },
  ),
  outputs: {
    answer: { type: "string", doc: "`done`, the choice, or the text" },
    by: { type: "string", doc: "The person at the terminal" },
    at: { type: "timestamp", doc: "When the answer came" },
  },
  timeout: 3_600_000,
  asks: true,
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: checkAnswer,
  plan: (args) => {
    const choices = shownList(args["choices"]);
    const kind = choices.length > 0 ? ` [${choices.join(" | ")}]` : args["typed"] === true ? " [text]" : "";
    return `ask: ${oneLine(shown(args["question"]))}${kind}`;
  },
  byHand: (args) => shown(args["question"]).trimEnd().replaceAll(/^/gm, "# "),
  execute: async (args, { ports, signal, ticks }) => {
    const { prompt, clock } = ports;
    const message = checkAnswer({ ...args });
    if (message !== undefined) return fail({ type: "argument", target: "ask", message, effect: "none" });
    const before = answeredBefore(args, ticks?.earlier ?? []);
    if (before !== undefined) return ok({ answer: before.tick, by: before.by, at: before.at });
    const answer = await answerOf(args, prompt, signal);
    if (!answer.ok) return answer;
    const by = prompt.person ?? "unknown";
    await ticks?.make({ heading: oneLine(args.question), tick: answer.value, by });
    return ok({ answer: answer.value, by, at: clock.now() });
  },
});

/**
 * What an earlier process of this run was told, on a question that reads as this one does. An answer that a secret was
 * taken out of is not what was typed. It counts once: measured again, the question is asked.
 */
function answeredBefore({ question, choices }: Args, earlier: Tick[]): Tick | undefined {
  const at = earlier.findLastIndex(({ heading }) => heading === oneLine(question));
  const [last] = at === -1 ? [] : earlier.splice(0).slice(at, at + 1);
  if (last === undefined || last.tick.includes("‹secret:")) return undefined;
  return choices === undefined || choices.includes(last.tick) ? last : undefined;
}

function checkAnswer(args: DisplayArgs): string | undefined {
  const { choices } = args;
  // A list that the run made may have one, which is asked for all the same; of none there is nothing to ask.
  if (Array.isArray(choices) && choices.length === 0)
    return "there is nothing to choose from: choices is empty";
  const both = choices !== undefined && args["typed"] === true;
  return both ? "choices and typed are two ways to answer; give one of them" : undefined;
}

async function answerOf(args: Args, prompt: Prompt, signal: AbortSignal): Promise<Result<string>> {
  const { question, choices, typed } = args;
  if (choices !== undefined) {
    const chosen = await prompt.choose(question, choices, signal);
    return chosen.answered ? ok(chosen.value) : fail(unanswered("ask", question, chosen.why));
  }
  if (!typed) {
    const done = await prompt.confirm(question, signal);
    if (!done.answered) return fail(unanswered("ask", question, done.why));
    return done.value ? ok("done") : fail(declined("ask", "declined"));
  }
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await prompt.text(question, signal);
    if (!answer.answered) return fail(unanswered("ask", question, answer.why));
    if (answer.value.trim() !== "") return ok(answer.value.trim());
  }
  return fail(declined("ask", "nothing was typed"));
}

function oneLine(question: string): string {
  return question.replaceAll(/\s+/g, " ").trim();
}
