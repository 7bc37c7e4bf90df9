import { printable } from "../../base/printable.ts";
import { nearest } from "../../base/suggest.ts";
import type { Span } from "../../language/source.ts";
import { fieldNames, fields, isFieldName, type Field, type FieldName, type FieldSource } from "./fields.ts";

/** Bytes that a template may have: a message is no report. */
export const longestTemplate = 64 * 1024;
/** Characters of an SMS that a carrier takes, cut into segments. */
export const longestSms = 1600;

/** A text, and the fields in it. What a field is filled with is not looked through again: nothing can loop. */
export interface Template {
  readonly parts: readonly (string | { readonly field: FieldName })[];
}

export interface TemplateProblem {
  /** Where, in the text. */
  readonly span: Span;
  readonly message: string;
}

/** Words by which a channel would wake everybody; a channel's own `mention` does that. */
const mention = /<!(?:channel|here|everyone)>|(?<![\w.])@(?:channel|here|everyone)\b|<@\w+>/g;

/** Controls, and what turns the direction of a text: no message has them. A tab and the ends of lines are text. */
const unprintable = /(?![\t\n\r])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Reads a template, and all that is wrong with it. */
export function readTemplate(text: string): {
  readonly template: Template;
  readonly problems: readonly TemplateProblem[];
} {
  const problems: TemplateProblem[] = [];
  const add = (at: number, message: string, length = 1): void =>
    void problems.push({ span: { start: at, end: at + length }, message });
  const parts: (string | { readonly field: FieldName })[] = [];
  if (Buffer.byteLength(text) > longestTemplate) {
    add(0, `larger than ${longestTemplate / 1024} KiB`);
    return { template: { parts }, problems };
  }
  let end = 0;
  for (const found of text.matchAll(/\$\{([^}\n]*)\}?/g)) {
    const [whole, name = ""] = found;
    parts.push(text.slice(end, found.index));
    end = found.index + whole.length;
    if (!whole.endsWith("}")) add(found.index, "a ${ without a closing }", 2);
    else if (isFieldName(name)) parts.push({ field: name });
    else add(found.index, unknownField(name), whole.length);
  }
  parts.push(text.slice(end));
  if (text.trim() === "") add(0, "it is empty");
  for (const found of text.matchAll(mention))
    add(
      found.index,
      `${found[0]} mentions everybody; set the channel's mention instead, which a security incident omits`,
      found[0].length,
    );
  for (const found of text.matchAll(unprintable))
    add(found.index, `a character that is no text: ${printable(found[0])}`);
  const fixed = parts.reduce((sum, part) => sum + (typeof part === "string" ? part.length : 0), 0);
  if (fixed > longestSms) add(0, `the fixed text is ${fixed} characters; an SMS takes ${longestSms}`);
  return { template: { parts: parts.filter((part) => part !== "") }, problems };
}

function unknownField(name: string): string {
  const near = nearest(name, fieldNames);
  return near === undefined
    ? `unknown field ${name} (fields: ${fieldNames.join(", ")})`
    : `unknown field ${name} (did you mean ${near}?)`;
}

export interface Filled {
  readonly text: string;
  /** Fields without a value, each once; their place in the text says so. */
  readonly missing: readonly { readonly field: FieldName; readonly fill: string }[];
}

/** @param given what a person stated, before anything on record */
export function fillTemplate(
  { parts }: Template,
  from: FieldSource,
  given: Readonly<Partial<Record<FieldName, string>>>,
): Filled {
  const missing = new Set<FieldName>();
  const text = parts
    .map((part) => {
      if (typeof part === "string") return part;
      const value = given[part.field] ?? fields[part.field].value(from);
      if (value === undefined) missing.add(part.field);
      return value ?? "NOT KNOWN";
    })
    .join("")
    .trimEnd();
  return { text, missing: [...missing].map((field) => ({ field, fill: fields[field].fill })) };
}

/**
 * The text of a message that goes out by itself: nobody is asked for what is not known. It reads as its field says;
 * where the field has no words for that, its whole line is left out.
 */
export function fillWhole(
  { parts }: Template,
  from: FieldSource,
  given: Readonly<Partial<Record<FieldName, string>>>,
): string {
  const lines = [{ text: "", known: true }];
  const add = (text: string): void => void (lines[lines.length - 1]!.text += text);
  for (const part of parts) {
    if (typeof part === "string") {
      const [first = "", ...more] = part.split("\n");
      add(first);
      lines.push(...more.map((text) => ({ text, known: true })));
      continue;
    }
    const field: Field = fields[part.field];
    const value = given[part.field] ?? field.value(from) ?? field.none;
    if (value === undefined) lines[lines.length - 1]!.known = false;
    else add(value);
  }
  const kept = lines.flatMap(({ text, known }) => (known ? [text] : []));
  return kept
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd();
}
