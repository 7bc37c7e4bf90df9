import { createHmac, randomBytes } from "node:crypto";
import { deepest } from "../base/json.ts";
import { NoValue } from "../base/no-value.ts";
import { once } from "../base/once.ts";
import { onlyTokens, token } from "./finds.ts";
import { withoutFinds } from "./layers.ts";
import { harmless, namesSecret } from "./names.ts";
import { isOwnWord } from "./own-words.ts";
import { lineEnd, shapesOf } from "./shapes.ts";
import { TextSearch } from "./search.ts";

/** Removes secrets from everything that leaves a run: terminal, journal, events, bundles. */
export interface Redactor {
  text(value: string): string;
  /**
   * The same through every string of a structure, keys included; other values stay as they are, and so does what is as
   * a whole a word of our own structure.
   */
  value<T>(value: T): T;
}

export interface KnownRedactor extends Redactor {
  /** A text without the secrets that were named; what merely looks like one stays. */
  readonly known: (value: string) => string;
}

/**
 * Shorter secrets are not searched for: they would turn every text into tokens. Of a declared one more is asked
 * (hidable.ts); a password in an address is as its database has it.
 */
export const shortestSecret = 4;

/** Characters of a text whose result is kept, and how many of them. */
const longestRemembered = 64;
const mostRemembered = 2048;

/** Stands wherever something was cut off. */
const cutMark = "…";

/** Where a line was wrapped, also as JSON writes it. */
const wraps = new RegExp(lineEnd, "g");

/** A part of a text without the ends of lines in it, and where in the text each of its characters stands. */
function unwrapped(value: string, from: number, to: number): { text: string; places: readonly number[] } {
  const part = value.slice(from, to);
  const places: number[] = [];
  let text = "";
  let at = 0;
  const take = (end: number): void => {
    text += part.slice(at, end);
    for (; at < end; at++) places.push(from + at);
  };
  for (const found of part.matchAll(wraps)) {
    take(found.index);
    at = found.index + found[0].length;
  }
  take(part.length);
  return { text, places };
}

/**
 * @param secrets values that must never be shown, whatever shape they appear in: see `shapesOf`.
 * @param key makes the tokens' digits; the same key gives the same secret the same digits.
 */
export function createRedactor(secrets: Iterable<string>, key?: Buffer): KnownRedactor {
  // Made with the first secret that is hidden: what makes keys takes long to load, and most starts hide nothing.
  const ownKey = once(() => key ?? randomBytes(32));
  const shapes = [...new Set(secrets)]
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap((secret) => shapesOf(secret).map((shape) => ({ ...shape, secret })))
    // The longest first: a secret that contains another one must go as a whole.
    .toSorted((a, b) => b.find.length - a.find.length);
  const search = new TextSearch(
    shapes.map(({ find }) => find),
    false,
  );
  const beginnings = new Map<string, typeof shapes>();
  for (const shape of shapes.filter(({ piece }) => !piece)) {
    const beginning = shape.find.slice(0, shortestSecret);
    beginnings.set(beginning, [...(beginnings.get(beginning) ?? []), shape]);
  }
  const longest = Math.max(0, ...shapes.map(({ find }) => find.length));
  /** A secret comes again with every line, and each cut looks at it three times. */
  const digits = new Map<string, string>();
  const mark = (rule: string, secret: string): string => {
    let eight = digits.get(secret);
    if (eight === undefined) {
      eight = createHmac("sha256", ownKey()).update(secret).digest("hex").slice(0, 8);
      if (digits.size === mostRemembered) digits.clear();
      digits.set(secret, eight);
    }
    return `‹secret:${rule}:${eight}›`;
  };

  /** One pass over all known secrets at once: what one of them leaves is never searched for the next. */
  const known = (value: string): string => {
    const found = search.in(value);
    if (found.size === 0) return value;
    const present = shapes.filter(({ find }) => found.has(find));
    // A named group for each would cost more than looking the match up again.
    const patterns = new Set(present.map(({ pattern: one }) => one));
    const pattern = new RegExp([token.source, ...patterns].join("|"), "g");
    const whole = new Map([...patterns].map((one) => [one, new RegExp(`^(?:${one})$`)]));
    return value.replaceAll(pattern, (found) => {
      if (onlyTokens.test(found)) return found;
      const shape = present.find(({ pattern: one }) => whole.get(one)?.test(found));
      return shape === undefined ? found : mark("known", shape.secret);
    });
  };

  /** What is left of a secret where a text was cut before it came here: its beginning, and then the mark. */
  const clipped = (value: string): string => {
    let clean = "";
    let from = 0;
    for (let at = value.indexOf(cutMark); at !== -1; at = value.indexOf(cutMark, at + 1)) {
      const { text: tail, places } = unwrapped(value, Math.max(from, at - 2 * longest), at);
      for (let start = 0; start <= tail.length - shortestSecret; start++) {
        const begun = beginnings.get(tail.slice(start, start + shortestSecret)) ?? [];
        const shape = begun.find(({ find }) => find.startsWith(tail.slice(start)));
        if (shape === undefined) continue;
        clean += value.slice(from, places[start]) + mark("known", shape.secret);
        from = at;
        break;
      }
    }
    return from === 0 ? value : clean + value.slice(from);
  };

  const clean = (value: string): string => withoutFinds(clipped(known(value)), mark);

  /** Names, ids and states come again with every event. */
  const remembered = new Map<string, string>();
  const text = (value: string): string => {
    if (value.length > longestRemembered) return clean(value);
    const before = remembered.get(value);
    if (before !== undefined) return before;
    const now = clean(value);
    if (remembered.size === mostRemembered) remembered.clear();
    remembered.set(value, now);
    return now;
  };

  const value = (from: unknown, depth: number): unknown => {
    if (typeof from === "string") return isOwnWord(from) ? from : text(from);
    if (typeof from === "number" || typeof from === "bigint") {
      const plain = String(from);
      return known(plain) === plain ? from : known(plain);
    }
    if (from === null || typeof from !== "object" || from instanceof Date) return from;
    if (from instanceof NoValue)
      return new NoValue(text(from.why), from.shown === undefined ? undefined : text(from.shown));
    if (from instanceof Uint8Array) {
      const bytes = Buffer.from(from).toString("latin1");
      return text(bytes) === bytes ? from : mark("known", bytes);
    }
    if (depth >= deepest) return "… nested too deeply …";
    if (Array.isArray(from)) return from.map((item) => value(item, depth + 1));
    const entries: [string, unknown][] =
      from instanceof Map
        ? [...from].map(([name, item]: [unknown, unknown]) => [String(name), item])
        : Object.entries(from);
    return Object.fromEntries(
      entries.map(
        ([name, item]) => [isOwnWord(name) ? name : text(name), underName(name, item, depth)] as const,
      ),
    );
  };

  const underName = (name: string, item: unknown, depth: number): unknown => {
    if (!namesSecret(name)) return value(item, depth + 1);
    // Headers that came more than once are a list under their name.
    if (Array.isArray(item) && depth < deepest) return item.map((one) => underName(name, one, depth + 1));
    return typeof item === "string" && item !== "" && !onlyTokens.test(item) && !harmless(name, item)
      ? mark("key", item)
      : value(item, depth + 1);
  };

  return { text, known, value: (from) => value(from, 0) as typeof from };
}
