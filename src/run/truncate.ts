import { jsonText, type Json } from "../base/json.ts";

/** Characters of a text, and entries of a list or a map, that an event carries. */
const longestText = 4096;
const mostEntries = 100;
const deepest = 8;

/**
 * Outputs for events and the journal: plain data, long texts, lists and maps cut, each with a word of what
 * was left out. Expressions see them whole.
 */
export function shownOutputs(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, cut(value, 0)]),
  );
}

/** Characters of JSON that the items of a `foreach` take in an event with all their outputs. */
const longestItems = 64 * 1024;

/** `steps.ID.items` for events: with the outputs where there is room, else how each ended alone. */
export function shownItems(items: readonly Readonly<Record<string, unknown>>[]): Json {
  const whole = cut(items, 0);
  if (jsonText(whole).length <= longestItems) return whole;
  return cut(
    items.map(({ item, outcome, sentence }) => ({ item: jsonText(item).slice(0, 200), outcome, sentence })),
    0,
  );
}

function cut(value: unknown, depth: number): Json {
  if (typeof value === "string") return cutText(value);
  if (typeof value !== "object" || value === null) return value as Json;
  if (depth === deepest) return "… (nested deeper)";
  if (Array.isArray(value)) {
    const kept = value.slice(0, mostEntries).map((item) => cut(item, depth + 1));
    return value.length > mostEntries ? [...kept, `… (${value.length - mostEntries} more)`] : kept;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // Times, durations and bytes are values, whatever they hold.
  if (prototype !== Object.prototype && prototype !== null) return value as Json;
  const entries = Object.entries(value);
  const kept = entries.slice(0, mostEntries).map(([name, item]) => [name, cut(item, depth + 1)] as const);
  const rest = entries.length - mostEntries;
  return Object.fromEntries(rest > 0 ? [...kept, ["…", `(${rest} more)`] as const] : kept);
}

/** What a service answered must not fill the terminal, whatever sentence it stands in. */
export function cutText(text: string): string {
  if (text.length <= longestText) return text;
  return `${text.slice(0, longestText)}… (${text.length - longestText} characters more)`;
}
