import { fail, ok, type Result } from "../base/result.ts";
import { jsonText } from "../base/json.ts";
import { NoValue } from "../base/no-value.ts";
import { endOfNotCode } from "./cel-text.ts";
import { compile, durationMs, type Expression } from "./expression.ts";
import type { EvaluationProblem, ExpressionProblem } from "./expression-problem.ts";
import { formatDuration } from "../base/duration.ts";
import { gapText } from "./gap.ts";
import { joinUrl, type UrlPart } from "./url-template.ts";

/** Text with `${expression}` in it. `$${` stands for a literal `${`. */
export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

export type TemplatePart =
  | { readonly type: "text"; readonly text: string }
  /** `at` is the offset of the expression's first character in the template's text. */
  | { readonly type: "expression"; readonly expression: Expression; readonly at: number };

export function hasTemplate(text: string): boolean {
  return text.includes("${");
}

/** The offset in a problem's span is in the template's text. */
export function parseTemplate(text: string): Result<Template, ExpressionProblem> {
  const parts: TemplatePart[] = [];
  let literal = "";
  let at = 0;
  while (at < text.length) {
    if (text.startsWith("$${", at)) {
      literal += "${";
      at += 3;
    } else if (text.startsWith("${", at)) {
      const end = closing(text, at + 2);
      if (end === undefined) {
        const span = { start: at, end: at + 2 };
        return fail({ message: "this ${ is never closed", span, hint: "Write $${ for the two characters." });
      }
      const compiled = compile(text.slice(at + 2, end));
      if (!compiled.ok) return fail(moved(compiled.failure, at + 2));
      if (literal !== "") parts.push({ type: "text", text: literal });
      literal = "";
      parts.push({ type: "expression", expression: compiled.value, at: at + 2 });
      at = end + 1;
    } else {
      literal += text[at];
      at++;
    }
  }
  if (literal !== "") parts.push({ type: "text", text: literal });
  return ok({ text, parts });
}

function moved(problem: ExpressionProblem, by: number): ExpressionProblem {
  return { ...problem, span: { start: problem.span.start + by, end: problem.span.end + by } };
}

/** The `}` that closes an expression: not one in a string, not one that closes a map in it. */
function closing(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const skipped = endOfNotCode(text, at);
    if (skipped !== undefined) at = skipped - 1;
    else if (text[at] === "{") depth++;
    else if (text[at] === "}" && depth-- === 0) return at;
  }
  return undefined;
}

/**
 * Fills the template. One that is nothing but an expression keeps that value's type; otherwise the
 * values are written as text. Encoded for a `url`, values after the start are percent-encoded, and one that would make
 * its path another is refused; `quoted`, they stay inside the double quotes that stand around them.
 */
export function fill(
  template: Template,
  names: Readonly<Record<string, unknown>>,
  options: { readonly encode?: "url" | "quoted" } = {},
): Result<unknown, EvaluationProblem & { readonly expression: string }> {
  const values: unknown[] = [];
  for (const part of template.parts) {
    if (part.type === "text") {
      values.push(part.text);
      continue;
    }
    const value = part.expression.evaluate(names);
    if (!value.ok) return fail({ ...value.failure, expression: part.expression.text });
    values.push(value.value);
  }
  const only = template.parts.length === 1 && template.parts[0]?.type === "expression";
  if (only) return ok(values[0]);
  if (options.encode === "url") return joinUrl(values.map((value, index) => urlPart(template, index, value)));
  const written = values.map((value, index) =>
    options.encode === "quoted" && template.parts[index]?.type === "expression"
      ? escaped(valueText(value))
      : valueText(value),
  );
  return ok(written.join(""));
}

/** For double quotes, as PromQL, Go and C have them. */
function escaped(text: string): string {
  return text.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);
}

function urlPart(template: Template, index: number, value: unknown): UrlPart {
  const part = template.parts[index];
  // A null that is written out is as little a name in a path as nothing is.
  const text = value === null ? "" : valueText(value);
  return { text, expression: part?.type === "expression" ? part.expression.text : undefined };
}

/** Fills a template that a person reads: see `wordsOf`. */
export function fillSentence(
  template: Template,
  names: Readonly<Record<string, unknown>>,
): Result<string, EvaluationProblem & { readonly expression: string }> {
  let missed: (EvaluationProblem & { readonly expression: string }) | undefined;
  const text = sentenceWith(template, names, (expression, problem) => {
    missed ??= { ...problem, expression: expression.text };
    return "";
  });
  return missed === undefined ? ok(text) : fail(missed);
}

/** The same where something is told in any case: a value that there is none of leaves its gap. */
export function tellSentence(template: Template, names: Readonly<Record<string, unknown>>): string {
  return sentenceWith(template, names, (expression, problem) => gapText(expression, problem, names));
}

function sentenceWith(
  template: Template,
  names: Readonly<Record<string, unknown>>,
  otherwise: (expression: Expression, problem: EvaluationProblem) => string,
): string {
  const said = template.parts.map((part) => {
    if (part.type === "text") return part.text;
    const value = part.expression.evaluate(names);
    return value.ok ? wordsOf(value.value) : otherwise(part.expression, value.failure);
  });
  return said.join("");
}

/** Items of a list that a person reads; the journal's outputs have all of them. */
const listed = 10;

/**
 * A value in words: yes and no, lists as their items, what is not there as such, no more digits than a
 * person reads; a list of maps as rows, equal ones counted. Other structures stay JSON.
 */
function wordsOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null || value === undefined) return "not known";
  if (typeof value === "number" && !Number.isInteger(value) && Number.isFinite(value))
    return String(Number(Math.abs(value) < 1 ? value.toPrecision(4) : value.toFixed(3)));
  if (!Array.isArray(value)) return valueText(value);
  if (value.length === 0) return "none";
  const rows = value.every(isRow)
    ? grouped(value)
    : value.map((item) => ({ words: wordsOf(item), count: 1 }));
  const shown = rows.slice(0, listed);
  const items = shown.map(({ words, count }) => (count === 1 ? words : `${count} × ${words}`));
  const left = value.length - shown.reduce((sum, { count }) => sum + count, 0);
  if (left > 0) items.push(`and ${left} more`);
  return items.join(items.some((item) => item.includes(",")) ? "; " : ", ");
}

function isRow(value: unknown): value is object {
  return value instanceof Map || (isObject(value) && Object.getPrototypeOf(value) === Object.prototype);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Rows as a person reads them, equal ones once, in the order of their first. */
function grouped(rows: readonly object[]): readonly { readonly words: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const entries = row instanceof Map ? [...row] : Object.entries(row);
    const words = entries.map(([name, value]) => `${String(name)} ${wordsOf(value)}`).join(", ");
    const text = words === "" ? "{}" : words;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) => ({ words, count }));
}

/** A value as it reads in a sentence: durations and dates in their short forms, structures as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof NoValue) return value.shown ?? `(${value.why})`;
  const ms = durationMs(value);
  if (ms !== undefined) return formatDuration(ms);
  return jsonText(value);
}
