import { NoValue } from "./no-value.ts";

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
 * Deeper structures are cut with a mark. No runbook makes one; a reply from outside may, and nothing
 * that comes from outside may exhaust the stack of the writer.
 */
export const deepest = 200;
const tooDeep = '"… nested too deeply …"';

/**
 * JSON text, keys in the order they have; a bigint is written as a number, digit for digit; what JSON
 * has no word for (undefined in a list, NaN, infinities) becomes null; dates are ISO 8601, bytes base64.
 * Total: it returns for every value, a cyclic one included.
 */
export function jsonText(value: unknown): string {
  return write(value, (map) => Object.entries(map), 0) ?? "null";
}

/** Canonical JSON: keys sorted at every level, so that the same value always has the same hash. */
export function canonicalJson(value: unknown): string {
  const sorted: Entries = (map) => Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return write(value, sorted, 0) ?? "null";
}

type Entries = (map: object) => readonly (readonly [string, unknown])[];

/** Undefined for what a map leaves out. */
function write(value: unknown, entries: Entries, depth: number): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : "null";
    case "bigint":
    case "boolean":
      return String(value);
    case "undefined":
      return undefined;
    case "function":
    case "symbol":
      return "null";
    case "object":
      if (value instanceof NoValue)
        return value.shown === undefined ? undefined : JSON.stringify(value.shown);
      return value === null ? "null" : writeObject(value, entries, depth);
  }
}

function writeObject(value: object, entries: Entries, depth: number): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "null" : `"${value.toISOString()}"`;
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString("base64")}"`;
  if (depth >= deepest) return tooDeep;
  if (Array.isArray(value)) {
    return `[${value.map((item) => write(item, entries, depth + 1) ?? "null").join(",")}]`;
  }
  let pairs = "";
  for (const [key, item] of entries(value instanceof Map ? Object.fromEntries(value) : value)) {
    const written = write(item, entries, depth + 1);
    if (written !== undefined) pairs += `${pairs === "" ? "" : ","}${JSON.stringify(key)}:${written}`;
  }
  return `{${pairs}}`;
}
