import { formatDuration } from "../../base/duration.ts";
import { outputText, type Kind } from "../../kinds/kind.ts";
import { argumentRows, type ArgumentRow } from "./shape-words.ts";

/** All that is said of a kind of step, for a terminal and for the reference. */
export interface KindText {
  readonly name: string;
  readonly summary: string;
  /** The shortest way to write it. */
  readonly written: string;
  /** Paragraphs, Markdown. */
  readonly doc: string;
  readonly args: readonly ArgumentRow[];
  readonly outputs: readonly { readonly name: string; readonly type: string; readonly doc: string }[];
  /** What holds of every step of it: effect, undo, deadline; a sentence each. */
  readonly facts: readonly string[];
}

export function kindText(kind: Kind): KindText {
  const { spec } = kind.args;
  const { primary } = spec;
  const needed = Object.entries(spec.fields).flatMap(([name, field]) =>
    field.required && field.default === undefined ? [name] : [],
  );
  return {
    name: kind.name,
    summary: kind.summary,
    written: `${kind.name}:${shortest(primary, needed)}`,
    doc: kind.doc,
    args: argumentRows(spec),
    outputs: Object.entries(kind.outputs).map(([name, spec]) => ({
      name,
      type: `${spec.type}${spec.optional === true ? ", may be missing" : ""}`,
      doc: outputText(spec),
    })),
    facts: facts(kind),
  };
}

/** `kind: VALUE` where one argument is all that it needs, else `{ a: …, b: … }`. */
function shortest(primary: string | undefined, needed: readonly string[]): string {
  const [only, ...more] = needed;
  if (only === undefined) return "";
  if (more.length === 0 && only === primary) return ` ${only.toUpperCase()}`;
  return ` { ${needed.map((name) => `${name}: …`).join(", ")} }`;
}

const effects = {
  read: "It reads, and changes nothing.",
  change: "It changes something, and asks before it does.",
  destructive: "It is destructive: it is asked for by a word to type, and --yes does not answer.",
} as const;

function facts(kind: Kind): readonly string[] {
  const { effect, expects, asks, approvers, retrySafe, timeout, undo, unreachable } = kind;
  return [
    effects[effect],
    ...(expects === undefined ? [] : [`It expects that ${expects.that}; expect adds to that.`]),
    ...(asks === true ? ["A person answers it: without one the run stops with exit 3."] : []),
    ...(approvers === 2 ? ["It takes a second person."] : []),
    ...(effect === "read" ? [] : [undoSentence(undo)]),
    ...(retrySafe === undefined || effect === "read" ? [] : [`retry is allowed: ${retrySafe}.`]),
    `Without timeout it has ${formatDuration(timeout ?? (effect === "read" ? 10_000 : 60_000))}.`,
    ...(effect === "read" && asks !== true ? [`No answer means that its finding is ${unreachable}.`] : []),
  ];
}

function undoSentence(undo: Kind["undo"]): string {
  switch (undo.how) {
    case "irreversible":
      return `It cannot be undone: ${undo.why}.`;
    case "steps":
      return "What it changed is recorded first, and an undo runbook is written that takes it back.";
    case "nothing":
      return "There is nothing to undo.";
  }
}
