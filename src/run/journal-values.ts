import { deepest, jsonText, type Json } from "../base/json.ts";
import { NoValue } from "../base/no-value.ts";
import type { Redactor } from "../secrets/redactor.ts";
import { celDuration, durationMs } from "../language/expression.ts";

/** A longer output is not kept, in characters of its JSON. */
const longest = 64 * 1024;

type Outputs = Readonly<Record<string, unknown>>;

/**
 * A change's outputs as the journal keeps them for a resumption, exact and with their types. What cannot be
 * kept exactly, because it is too long or holds a secret, is left out: a later step that reads it then
 * fails, instead of acting on something else.
 */
export function keepOutputs(outputs: Outputs, redactor: Redactor): Readonly<Record<string, Json>> {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(outputs)) {
    const written = keepExactly(value, redactor);
    if (written !== undefined) kept[name] = written;
  }
  return kept;
}

/** One value; undefined when it cannot be kept exactly. */
export function keepExactly(value: unknown, redactor: Redactor): Json | undefined {
  const written = keep(value, 0);
  if (written === undefined) return undefined;
  const text = jsonText(written);
  return text.length <= longest && jsonText(redactor.value(written)) === text ? written : undefined;
}

/** The outputs again, from what `keepOutputs` wrote. */
export function restoreOutputs(kept: unknown): Outputs {
  const outputs = restore(kept);
  return typeof outputs === "object" && outputs !== null ? (outputs as Outputs) : {};
}

/** JSON has neither whole numbers nor times nor durations; a key that begins with the mark gets it twice. */
const mark = "$";

function keep(value: unknown, depth: number): Json | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "bigint") return { [`${mark}int`]: String(value) };
  const ms = durationMs(value);
  if (ms !== undefined) return { [`${mark}duration`]: String(ms) };
  if (value instanceof Date) return { [`${mark}time`]: value.toISOString() };
  if (value instanceof NoValue) return { [`${mark}none`]: JSON.stringify([value.why, value.shown]) };
  if (typeof value !== "object" || depth >= deepest) return undefined;
  if (Array.isArray(value)) return all(value.map((item) => keep(item, depth + 1)));
  if (!plain(value)) return undefined;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const items = all(entries.map(([, item]) => keep(item, depth + 1)));
  if (items === undefined) return undefined;
  return Object.fromEntries(
    entries.map(([key], index) => [key.startsWith(mark) ? mark + key : key, items[index] ?? null]),
  );
}

function plain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function all(items: readonly (Json | undefined)[]): readonly Json[] | undefined {
  return items.some((item) => item === undefined) ? undefined : (items as readonly Json[]);
}

/** The value again, from what `keepExactly` wrote. */
export function restore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restore);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && typeof first[1] === "string") {
    if (first[0] === `${mark}int`) return BigInt(first[1]);
    if (first[0] === `${mark}duration`) return celDuration(Number(first[1]));
    if (first[0] === `${mark}none`) {
      const [why, shown] = JSON.parse(first[1]) as readonly [string, string | null];
      return new NoValue(why, shown ?? undefined);
    }
    if (first[0] === `${mark}time`) return new Date(first[1]);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key.startsWith(mark) ? key.slice(mark.length) : key, restore(item)]),
  );
}
