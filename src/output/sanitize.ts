import { NoValue } from "../base/no-value.ts";
import { printable } from "../base/printable.ts";

/** A value with every text in it as a terminal may be given it: what a service answers must not steer one. */
export function seen<T>(value: T): T {
  return see(value) as T;
}

function see(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(see);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (value instanceof NoValue)
    return new NoValue(printable(value.why), value.shown === undefined ? undefined : printable(value.shown));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [printable(name), see(item)]));
}
