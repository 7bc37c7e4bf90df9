// Two places where YAML reads something else than its author wrote, and says so in its own terms: a ": " within a text
// makes a key of what is before it, and in { } a text ends at a bracket or a comma. Both are mended by quotes.
import type { Fix } from "./diagnostic.ts";
import type { Span } from "./source.ts";

export interface Trap {
  readonly message: string;
  readonly hint: string;
  readonly span: Span;
  readonly fix: Fix;
  /** What the parser says after it is of what it read wrong. */
  readonly last: boolean;
}

const withFix = "lint --fix does.";

/**
 * The trap that an error of the parser comes from, where it is one.
 * @param code and `said`: the parser's own
 * @param at where it says so
 */
export function trapAt(text: string, code: string, said: string, at: number): Trap | undefined {
  if (code === "BLOCK_AS_IMPLICIT_KEY") return innerKey(text, at);
  const ended = /^(?:Unexpected flow-(?:seq|map)-start at node end|Missing , or : between flow)/;
  if (ended.test(said) && /[[{]/.test(text[at] ?? "")) return bracketInFlow(text, at);
  return undefined;
}

/** `x: a ? b : c`, and any other text with a ": " in it. */
function innerKey(text: string, start: number): Trap | undefined {
  const line = lineFrom(text, start);
  const value = line.replace(/\s+#.*$/, "").trimEnd();
  // What goes on below, or is quoted in part, is more than one text.
  const isMore = /^["'[{|>&*!]/.test(value) || /[|>][-+\d]*$/.test(value);
  if (!/: /.test(value) || isMore) return undefined;
  const span = { start, end: start + value.length };
  const isChoice = /\?[^:]*: /.test(value);
  return {
    message: isChoice ? 'YAML reads the ": " of a ?: as a key' : 'YAML reads the ": " in this text as a key',
    hint: `Put the ${isChoice ? "expression" : "text"} in quotes. ${withFix}`,
    span,
    fix: { span, text: quoted(value) },
    last: false,
  };
}

/** `{ x: list == [] }`: the text ended at the bracket. */
function bracketInFlow(text: string, at: number): Trap | undefined {
  const before = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  const begun = /[{,[]\s*(?:[\w."' -]+:\s+)?(?=[^{[,]*$)/.exec(before);
  if (begun === null) return undefined;
  const start = at - before.length + begun.index + begun[0].length;
  const end = endInFlow(text, start);
  if (end === undefined || end <= at) return undefined;
  const span = { start, end };
  return {
    message: "inside { } YAML ends a text at [ ] { } and ,",
    hint: `Put the text in quotes, or on a line of its own. ${withFix}`,
    span,
    fix: { span, text: quoted(text.slice(start, end)) },
    last: true,
  };
}

const opens: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Where a text that begins here ends as its author meant it: at a comma or a bracket that closes none of its own. */
function endInFlow(text: string, start: number): number | undefined {
  const waits: string[] = [];
  let quote: string | undefined;
  for (let at = start; at < text.length && text[at] !== "\n"; at++) {
    const letter = text[at] ?? "";
    if (quote !== undefined) {
      if (letter === "\\") at += 1;
      else if (letter === quote) quote = undefined;
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (opens[letter] !== undefined) waits.push(opens[letter]);
    else if (waits.length > 0 && letter === waits.at(-1)) waits.pop();
    else if (waits.length === 0 && /[,\]}]/.test(letter))
      return start + text.slice(start, at).trimEnd().length;
  }
  return undefined;
}

function lineFrom(text: string, start: number): string {
  const end = text.indexOf("\n", start);
  return (end === -1 ? text.slice(start) : text.slice(start, end)).replace(/\r$/, "");
}

/** In single quotes, where nothing has a meaning but the quote itself. */
function quoted(text: string): string {
  return text.includes("'") && !/["\\]/.test(text) ? `"${text}"` : `'${text.replaceAll("'", "''")}'`;
}
