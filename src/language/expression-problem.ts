import { EvaluationError, type ParseError, type TypeError as CelTypeError } from "@marcbachmann/cel-js";
import { asWritten } from "./departures.ts";
import { whyNone } from "../base/no-value.ts";
import { nearest } from "../base/suggest.ts";
import { MissingValue } from "./functions/function.ts";
import { functionProblem } from "./function-problem.ts";
import { inWords } from "./type-words.ts";
import type { Path } from "./expression-reads.ts";
import type { Fix } from "./diagnostic.ts";
import type { Span } from "./source.ts";

export interface EvaluationProblem {
  readonly message: string;
  /** A value it needs is not there: not the same as a wrong value. */
  readonly missing: boolean;
}

export interface ExpressionProblem {
  readonly message: string;
  /** Within the expression's text. */
  readonly span: Span;
  readonly hint?: string;
  /** What to write instead, within the expression's text. */
  readonly fix?: Fix;
}

/** Names and their types as CEL writes them, or nested records of them. */
export type ScopeTypes = { readonly [name: string]: string | ScopeTypes };

/**
 * What `has(changed)` is read as: whether the rung that is verified has changed anything yet. The library
 * takes only a member, `has(a.b)`, and `changed` has nothing before it.
 */
export const hasChanged = "_is_changed_";

export const tooDeep = "this expression is too long or nested too deeply";

/** The library's words as a person says them. */
export function plainly(summary: string): string {
  const said = asWritten(
    summary.replace(
      /found no matching overload for '(_[a-z]+_)\((.+), (.+)\)'/,
      "no such overload: $2 $1 $3",
    ),
  );
  return inWords(said.replaceAll(hasChanged, "has(changed)"));
}

export function syntaxProblem(text: string, error: ParseError): ExpressionProblem {
  const span = error.range ?? { start: 0, end: text.length };
  const around = text.slice(Math.max(0, span.start - 1), span.start + 2);
  if (text[span.start] === "=" && !/[=!<>]=|==/.test(around)) {
    return { message: "= assigns nothing here", span, hint: "Write == to compare." };
  }
  const written = writtenDuration(text, span.start);
  if (written !== undefined) return written;
  if (error.summary?.startsWith("Invalid escape sequence") === true) {
    const letter = text[span.start] === "\\" ? text[span.start + 1] : text[span.end - 1];
    const message = `\\${letter ?? ""} is no escape in a text`;
    return {
      message,
      span,
      hint: `Write r'…' for a pattern, or \\\\${letter ?? ""} for the backslash itself.`,
    };
  }
  const word = text.slice(span.start, span.end);
  if (/^[A-Za-z]\w*$/.test(word) && error.summary?.startsWith("Unexpected character") === true) {
    const operator = { and: "&&", or: "||" }[word.toLowerCase()];
    const hint = operator === undefined ? "Expressions are CEL: a == b && c < 3." : `Write ${operator}.`;
    return { message: `${word} is not allowed here`, span, hint };
  }
  return { message: syntaxText(error), span, hint: "Expressions are CEL: a == b && c < 3." };
}

/** `10m`, as durations are written everywhere else. */
function writtenDuration(text: string, at: number): ExpressionProblem | undefined {
  const [, number = "", unit = ""] =
    /(?<![\w.])(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text.slice(0, at + unitAt(text, at))) ?? [];
  if (!["ms", "s", "m", "h", "d"].includes(unit)) return undefined;
  const end = at + unitAt(text, at);
  const span = { start: end - number.length - unit.length, end };
  const value = unit === "d" ? `${Number(number) * 24}h` : `${number}${unit}`;
  return {
    message: `${number}${unit} is no value of an expression`,
    span,
    hint: `Write duration("${value}").`,
  };
}

/** How many letters stand from there on. */
function unitAt(text: string, at: number): number {
  return /^[A-Za-z]*/.exec(text.slice(at))?.[0].length ?? 0;
}

const tokens: Readonly<Record<string, string>> = {
  RPAREN: ")",
  RBRACKET: "]",
  RBRACE: "}",
  COLON: ":",
  IDENTIFIER: "a name",
  EOF: "the end",
};

function syntaxText(error: ParseError): string {
  const summary = plainly(error.summary ?? error.message);
  if (summary.startsWith("Exceeded max")) return tooDeep;
  const expected = /^Expected (\w+), got (\w+)$/.exec(summary);
  if (expected !== null) {
    const [, wanted = "", found = ""] = expected;
    return `${tokens[wanted] ?? wanted} is expected, and ${tokens[found] ?? found} found`;
  }
  return summary
    .replace("Unexpected token: EOF", "the expression is incomplete")
    .replace("Unterminated string", "this text is never closed")
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

interface Checked {
  readonly text: string;
  readonly reads: readonly Path[];
}

/**
 * @param types what could be seen where the expression stands
 * @param ofCel names of the functions that CEL has by itself
 */
export function typeProblem(
  expression: Checked,
  error: CelTypeError | ParseError | undefined,
  types: ScopeTypes,
  ofCel: () => ReadonlySet<string>,
): ExpressionProblem {
  const span = error?.range ?? { start: 0, end: expression.text.length };
  const summary = plainly(error?.summary ?? "these types do not match");
  const word = expression.text.slice(span.start, span.end);
  const unknown = /^(Unknown variable|No such key): (.*)$/.exec(summary);
  if (unknown === null)
    return (
      functionProblem(error?.summary ?? "", span, ofCel) ?? {
        message: summary,
        span,
        ...(summary.includes("optional<")
          ? { hint: "Write .value(), or .orValue(…) with what to use instead." }
          : {}),
      }
    );
  const names = namesAt(expression, span, types);
  return { message: `${word} is not defined here`, span, hint: known(word, names) };
}

/** The names that could have stood at this place. */
function namesAt(expression: Checked, span: Span, types: ScopeTypes): readonly string[] {
  const path = expression.reads.find((read) => read.span.start <= span.start && read.span.end >= span.end);
  let level: string | ScopeTypes = types;
  const word = expression.text.slice(span.start, span.end);
  for (const name of path?.names ?? []) {
    if (name === word || typeof level === "string") break;
    level = level[name] ?? types;
  }
  return typeof level === "string" ? [] : Object.keys(level).filter((name) => name !== hasChanged);
}

function known(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  return names.length === 0 ? "Nothing is defined there." : `Defined here: ${names.toSorted().join(", ")}.`;
}

export function evaluationProblem(error: Error): EvaluationProblem {
  if (!(error instanceof EvaluationError))
    return { message: error.message, missing: error instanceof MissingValue };
  const none = whyNone(error.summary ?? "");
  if (none !== undefined) return { message: none, missing: true };
  const summary = plainly(error.summary ?? error.message);
  const outside = /index out of bounds, index (-?\d+)/.exec(summary);
  if (outside !== null) return { message: `there is no item ${outside[1]}`, missing: true };
  if (error.code === "optional_value_missing") return { message: "the value is missing", missing: true };
  const absent = /^(?:Unknown variable|No such key): (.*)$/.exec(summary);
  return absent === null
    ? { message: summary, missing: false }
    : { message: `${absent[1] ?? "a value"} is missing`, missing: true };
}
