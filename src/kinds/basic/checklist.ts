import { fail, ok, type Result } from "../../base/result.ts";
import { list, map, object, required, text } from "../../language/shape.ts";
import { counted, shown, shownList } from "../format.ts";
import { defineKind, type DisplayArgs, type Kind, type KindContext, type Tick } from "../kind.ts";
import { unanswered } from "./unanswered.ts";

interface Args {
  readonly sections: Readonly<Record<string, readonly string[]>>;
}

/** A line of the list. */
interface Line {
  readonly section: string;
  readonly tick: string;
}

interface Outputs {
  readonly open: readonly Line[];
  readonly done: readonly (Line & { readonly by: string; readonly at: Date })[];
}

export const checklist: Kind = defineKind<Args, Outputs>({
  name: "checklist",
  summary: "Have a person tick off a list",
  doc: [
    "Sections with their ticks: `checklist: { Venues: [Routes are quoted, Orders fill], Compliance: [Transactions are screened] }`. The person at the terminal is asked for one after the other; Enter alone leaves a tick open. After the last the open ones are shown, to go through them again or to leave them.",
    "Each tick is on record with who made it and when, before the next question. A run that is resumed keeps the ticks that were made and asks for the others. It expects that none is open: what a person leaves open fails the step, with the ticks by name. Measured again, nobody is asked again.",
    "Without a terminal nobody can tick anything off, and `--yes` does not: the run stops with exit 3, as for a change without consent. It waits an hour unless `timeout` says otherwise.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      sections: required(
        map(list(text({ template: "sentence" }), { min: 1 })),
        "Sections by name, each with its ticks: what the person is to have done or seen",
      ),
    },
    { primary: "sections", bare: true },
  ),
  outputs: {
    open: { type: "list<dyn>", doc: "One a tick that is left open: section, tick" },
    done: { type: "list<dyn>", doc: "One a tick that was made: section, tick, by, at" },
  },
  expects: {
    that: "no tick is left open",
    unmet: ({ open, done }) =>
      open.length === 0
        ? undefined
        : `${open.length} of ${open.length + done.length} left open: ${open.map(lineText).join("; ")}`,
  },
  timeout: 3_600_000,
  asks: true,
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: (args) => {
    const lines = linesOf(sectionsOf(args));
    if (lines.length === 0) return "there is nothing to tick off";
    const twice = lines.find((line, at) => lines.findIndex((one) => isSame(one, line)) < at);
    return twice === undefined ? undefined : `${lineText(twice)} is in the list twice`;
  },
  plan: (args) => {
    const sections = Object.entries(sectionsOf(args)).map(([name, ticks]) => `${name} (${ticks.length})`);
    return `checklist: have a person tick off ${sections.join(", ")}`;
  },
  byHand: (args) =>
    Object.entries(sectionsOf(args))
      .flatMap(([name, ticks]) => [name, ...ticks.map((tick) => `[ ] ${oneLine(tick)}`)])
      .join("\n")
      .replaceAll(/^/gm, "# "),
  execute: async ({ sections }, context) => {
    const lines = linesOf(sections);
    const made = context.ticks?.made ?? [];
    const outputs = (): Outputs => outputsOf(lines, made);
    if (context.ticks?.left === true) return ok(outputs());
    for (let again = true; again;) {
      for (const line of outputs().open) {
        const asked = await askFor(line, outputs(), context);
        if (!asked.ok) return asked;
      }
      const { open } = outputs();
      if (open.length === 0) break;
      const next = await whatOfOpen(open, context);
      if (!next.ok) return next;
      again = next.value === goThrough;
    }
    if (context.ticks !== undefined) context.ticks.left = true;
    return ok(outputs());
  },
});

const goThrough = "go through the open ones again";
const leave = "leave them open";

/** Asks for one tick; one that is made is on record when this returns. */
async function askFor(
  line: Line,
  { open, done }: Outputs,
  { ports, signal, ticks }: KindContext,
): Promise<Result<void>> {
  const { prompt } = ports;
  const progress = `${done.length} of ${open.length + done.length} ticked off`;
  const question = `${progress}; Enter leaves it open\n${lineText(line)}. Done?`;
  const answer = await prompt.confirm(question, signal);
  if (!answer.answered) return fail(unanswered("checklist", lineText(line), answer.why));
  const { section: heading, tick } = line;
  if (answer.value) await ticks?.make({ heading, tick, by: prompt.person ?? "unknown" });
  return ok(undefined);
}

/** How many of the open ones a question names: it has to fit a small screen. */
const named = 5;

async function whatOfOpen(
  open: readonly Line[],
  { ports, signal }: KindContext,
): Promise<Result<typeof goThrough | typeof leave>> {
  const more = open.length > named ? [`and ${open.length - named} more`] : [];
  const lines = [...open.slice(0, named).map(lineText), ...more].map((line) => `  ${line}`);
  const question = [...lines, `${counted(open.length, "tick")} open:`].join("\n");
  const answer = await ports.prompt.choose(question, [goThrough, leave], signal);
  if (!answer.answered)
    return fail(unanswered("checklist", `${counted(open.length, "tick")} open`, answer.why));
  return ok(answer.value === leave ? leave : goThrough);
}

function outputsOf(lines: readonly Line[], made: readonly Tick[]): Outputs {
  const tickOf = ({ section, tick }: Line): Tick | undefined =>
    made.find((one) => one.heading === section && one.tick === tick);
  return {
    open: lines.filter((line) => tickOf(line) === undefined),
    done: lines.flatMap((line) => {
      const tick = tickOf(line);
      return tick === undefined ? [] : [{ ...line, by: tick.by, at: tick.at }];
    }),
  };
}

function linesOf(sections: Readonly<Record<string, readonly string[]>>): readonly Line[] {
  return Object.entries(sections).flatMap(([section, ticks]) => ticks.map((tick) => ({ section, tick })));
}

function lineText({ section, tick }: Line): string {
  return `${section}: ${oneLine(tick)}`;
}

function oneLine(tick: string): string {
  return tick.trim().replaceAll(/\s+/g, " ");
}

function isSame(one: Line, other: Line): boolean {
  return one.section === other.section && one.tick === other.tick;
}

function sectionsOf(args: DisplayArgs): Readonly<Record<string, readonly string[]>> {
  const { sections } = args;
  if (typeof sections !== "object" || sections === null) return { [shown(sections)]: [] };
  return Object.fromEntries(Object.entries(sections).map(([name, ticks]) => [name, shownList(ticks)]));
}
