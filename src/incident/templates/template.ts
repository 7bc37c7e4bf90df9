import { nearest } from "../../base/suggest.ts";
import { fieldNames, fields, isFieldName, type FieldName, type FieldSource } from "./fields.ts";

/** Bytes that a template may have: a message is no report. */
export const longestTemplate = 64 * 1024;
/** Characters of an SMS that a carrier takes, cut into segments. */
export const longestSms = 1600;

/** A text, and the fields in it. What a field is filled with is not looked through again: nothing can loop. */
export interface Template {
  readonly parts: readonly (string | { readonly field: FieldName })[];
}

export interface TemplateProblem {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Words by which a channel would wake everybody; a channel's own `mention` does that. */
const mention = /<!(?:channel|here|everyone)>|(?<![\w.])@(?:channel|here|everyone)\b|<@\w+>/g;

/** Reads a template, and all that is wrong with it. */
export function readTemplate(text: string): {
  readonly template: Template;
  readonly problems: readonly TemplateProblem[];
} {
  const problems: TemplateProblem[] = [];
  const add = (at: number, message: string): void => void problems.push({ ...placeOf(text, at), message });
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
    if (!whole.endsWith("}")) add(found.index, "a ${ without a closing }");
    else if (isFieldName(name)) parts.push({ field: name });
    else add(found.index, unknownField(name));
  }
  parts.push(text.slice(end));
  if (text.trim() === "") add(0, "it is empty");
  for (const found of text.matchAll(mention))
    add(
      found.index,
      `${found[0]} mentions everybody; set the channel's mention instead, which a security incident omits`,
    );
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

function placeOf(text: string, at: number): Pick<TemplateProblem, "line" | "column"> {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
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
