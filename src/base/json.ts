/** What may stand in the journal, an event or a preview: JSON, with integers of any width as bigint. */
export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * JSON text with stable key order left as given; a bigint is written as a number, digit for digit;
 * what JSON has no word for (undefined, NaN, infinities) becomes null; dates are ISO 8601.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(toPlain(value), undefined, indent).replaceAll(/"\\u0001n(-?\d+)"/g, "$1");
}

/** Canonical JSON: keys sorted at every level, so that the same value always has the same hash. */
export function canonicalJson(value: unknown): string {
  return jsonText(sorted(value));
}

function toPlain(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : `\u0001n${value}`;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "string":
      return value.startsWith("\u0001n") ? value.slice(1) : value;
    case "undefined":
    case "function":
    case "symbol":
      return null;
    case "boolean":
      return value;
    case "object":
      break;
  }
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) return toPlain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(toPlain);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toPlain(item)]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object" || value instanceof Date || value instanceof Uint8Array) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
