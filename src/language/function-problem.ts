import { once } from "../base/once.ts";
import { nearest } from "../base/suggest.ts";
import { functionNamed, functions, macroNames, ownName } from "./functions/table.ts";
import type { Span } from "./source.ts";
import { inWords } from "./type-words.ts";

/** What other languages call a function, and how it is written here. */
const otherwise: Readonly<Record<string, string>> = {
  max: "math.greatest(list)",
  min: "math.least(list)",
  avg: "xs.sum() / xs.size()",
  average: "xs.sum() / xs.size()",
  mean: "xs.sum() / xs.size()",
  len: "xs.size()",
  length: "xs.size()",
  count: "xs.size()",
  ago: "now - t",
  round: "math.round(number)",
  abs: "math.abs(number)",
  lower: "text.lowerAscii()",
  upper: "text.upperAscii()",
  includes: "text.contains(part)",
};

const byOwn = once(() => new Map(functions.map((one) => [ownName(one.name), one])));

/**
 * What is wrong with a call, in the words of the table of functions.
 * @param summary the library's, with its own names; undefined where it is about something else
 * @param ofCel names of the functions that CEL has by itself
 */
export function functionProblem(
  summary: string,
  span: Span,
  ofCel: () => ReadonlySet<string>,
): { readonly message: string; readonly span: Span; readonly hint: string } | undefined {
  const call = /^found no matching overload for '(?:[^.']*\.)?(\w+)\((.*)\)'$/.exec(summary);
  const [, name = "", given = ""] = call ?? [];
  if (call === null) return undefined;
  const own = byOwn().get(name);
  if (own !== undefined) {
    const hint = `${own.written}: ${own.gives}.`;
    return { message: `${own.name}() does not take ${types(given)}`, span, hint };
  }
  if (name.startsWith("_") || ofCel().has(name)) return undefined;
  const known = [...functions.map((one) => one.name.replace(/^.*\./, "")), ...macroNames, ...ofCel()];
  const word = otherwise[name] ?? spelt(nearest(name, known));
  return {
    message: `there is no function ${name}`,
    span,
    hint: word ?? "docs/expressions.md lists the functions.",
  };
}

function spelt(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const known = functionNamed(name) ?? functions.find((one) => one.name.endsWith(`.${name}`));
  return `Did you mean ${known?.written ?? `${name}()`}?`;
}

function types(given: string): string {
  return given === "" ? "nothing" : `(${inWords(given)})`;
}
