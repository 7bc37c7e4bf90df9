import { Optional } from "@marcbachmann/cel-js";
import { jsonText } from "../base/json.ts";

/**
 * What two values of an expression are to each other. Between unlike kinds nothing is equal or unequal: a comparison
 * that can never hold would be an alarm that never comes, or one that never goes. null is like everything.
 */
export function same(a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  const [left, right] = [kindOf(a), kindOf(b)];
  if (left !== right) throw new Error(`${left} and ${right} are never equal: ${brief(a)}, ${brief(b)}`);
  switch (left) {
    case "a number":
      // Whether 1.0 is written as 1 is the server's choice. Exact, where one of them has more digits than a double.
      // oxlint-disable-next-line eqeqeq -- the language compares bigint with number exactly, by == alone
      return (a as number) == (b as number);
    case "a list":
      return sameItems([...(a as Iterable<unknown>)], [...(b as Iterable<unknown>)]);
    case "a map":
      return sameEntries(entriesOf(a as object), entriesOf(b as object));
    case "a value that may be missing":
      return sameItems(itemsOf(a as Optional), itemsOf(b as Optional));
    case "bytes":
      return Buffer.compare(a as Uint8Array, b as Uint8Array) === 0;
    case "a time":
    case "a duration":
      return Number((a as object).valueOf()) === Number((b as object).valueOf());
    default:
      return a === b;
  }
}

/** `item in list`, `key in map`. */
export function among(item: unknown, all: unknown): boolean {
  const kind = kindOf(all);
  if (all instanceof Map) return all.has(item);
  if (kind === "a map") {
    if (typeof item !== "string") throw new Error(`a map's keys are text, and this is ${kindOf(item)}`);
    return Object.hasOwn(all as object, item);
  }
  if (kind !== "a list") throw new Error(`in looks into a list or a map, and this is ${kind}`);
  let unlike: unknown;
  for (const one of all as Iterable<unknown>) {
    try {
      if (same(item, one)) return true;
    } catch (error) {
      unlike ??= error;
    }
  }
  if (unlike instanceof Error) throw unlike;
  return false;
}

/** The exact quotient: `errors / total` of two whole numbers has a fraction. */
export function quotient(a: unknown, b: unknown): number {
  if (Number(b) === 0) throw new Error("division by zero");
  return Number(a) / Number(b);
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => same(item, b[at]));
}

function itemsOf(optional: Optional): readonly unknown[] {
  return optional.hasValue() ? [optional.value()] : [];
}

function sameEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, item]) => b.has(key) && same(item, b.get(key)));
}

function entriesOf(map: object): ReadonlyMap<unknown, unknown> {
  return map instanceof Map ? map : new Map<unknown, unknown>(Object.entries(map));
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return "text";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  if (typeof value === "boolean") return "true or false";
  if (Array.isArray(value) || value instanceof Set) return "a list";
  if (value instanceof Date) return "a time";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Optional) return "a value that may be missing";
  const plain = value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
  return plain || Object.getPrototypeOf(value) === null ? "a map" : "a duration";
}

function brief(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}…` : value);
  return typeof value === "object" ? kindOf(value) : jsonText(value);
}
