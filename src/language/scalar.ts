import type { Span } from "./source.ts";

type Value = string | number | bigint | boolean | null;

/**
 * What a scalar without quotes stands for by the core schema of YAML 1.2, of those spellings that everybody knows:
 * undefined for the rarer ones (`0x1F`, `.5`, `1e3`, `0123`, `~`), which are left to the parser.
 */
export function bareScalar(written: string): Value | undefined {
  if (/^(?:null|true|false)$/i.test(written)) return words.get(written);
  if (!/^[-+.\d~]/.test(written)) return written;
  if (/^(?:0|-?[1-9]\d*)$/.test(written)) return BigInt(written);
  if (/^-?(?:0|[1-9]\d{0,9})\.\d{1,5}$/.test(written)) return Number.parseFloat(written);
  // A number in a spelling of its own, or the beginning of a date, a duration, an address.
  return /^[-+.]?[\d.]*(?:[eE][-+]?\d*|[xo][\da-fA-F]*)?$|^[-+]?\.(?:inf|nan)$|^~/i.test(written)
    ? undefined
    : written;
}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ["null", null],
  ["true", true],
  ["false", false],
]);

/** Offset of a value's first character, when it stands there letter for letter, bare or behind a quote. */
export function innerOffset(text: string, value: Value, span: Span): number | undefined {
  const same = String(value);
  for (const start of [span.start, span.start + 1]) {
    // What follows a value is not of it: a null that is written as nothing may stand before any word.
    if (text.startsWith(same, start) && start + same.length <= span.end) return start;
  }
  return undefined;
}

/** How a value is written that is no text, where it has another spelling. */
export function spelling(text: string, value: Exclude<Value, string>, span: Span): string | undefined {
  const written = text.slice(span.start, span.end);
  const same = written === String(value) || (value === null && /^~?$/.test(written));
  return same ? undefined : written;
}

/** A value would lose its spelling, and what it is: `61e9540` is no number that can be sent, `3.100` is a version. */
export function lostSpelling(
  spelled: string,
  value: Exclude<Value, string>,
): { readonly message: string; readonly hint: string } {
  const fits = typeof value !== "number" || Number.isFinite(value);
  const is = typeof value === "boolean" || value === null ? String(value) : "a number";
  return {
    message: `${spelled} is read as ${is} and would lose its spelling`,
    hint: `Put it in quotes: "${spelled}".${fits ? ` If it is one, write ${String(value)}.` : ""}`,
  };
}
