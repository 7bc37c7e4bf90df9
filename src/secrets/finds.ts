import { rules } from "./rules.ts";
import { mayName, type RedactionRule } from "./words.ts";
import { TextSearch, type Hit } from "./search.ts";

/** What stands where a secret stood: the rule that found it, and eight digits that tell two secrets apart. */
export const token = /‹secret:[a-z]+:[0-9a-f]{8}›/;
const tokenHere = new RegExp(token.source, "y");
export const onlyTokens = new RegExp(`^(?:${token.source})+$`);
/** A reference to a secret by its variable is how a plan shows one. */
export const reference = /^\$\{?[A-Z_][A-Z0-9_]*\}?$/;

/** The words without which no rule finds anything. */
const hints = new TextSearch(
  rules.flatMap(({ needs }) => needs),
  true,
);

/** What a rule found: the secret's place, and the token that takes it. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly token: string;
}

/**
 * Takes out what a rule sees as a secret, one rule after the other. The text is searched once for the words of
 * all of them; each rule then looks where one of its own stands, and nowhere else.
 */
export function withoutFinds(text: string, mark: (rule: string, secret: string) => string): string {
  let all: readonly Hit[] = hints.places(text);
  let clean = text;
  // What a cut leaves may be more than it was: whoever stands behind it is looked at again.
  let places = worthwhile(all, clean);
  for (const rule of rules) {
    if (places.length === 0) break;
    const cuts = findsOf(rule, clean, places, mark);
    if (cuts.length === 0) continue;
    all = moved(all, cuts);
    clean = replaced(clean, cuts);
    places = worthwhile(all, clean);
  }
  return clean;
}

/** The rules that have something to look for where a word stands. */
const rulesOf: ReadonlyMap<string, readonly RedactionRule[]> = new Map(
  rules
    .flatMap(({ needs }) => needs)
    .map((word) => [word, rules.filter(({ needs }) => needs.includes(word))]),
);
const multilineOf: ReadonlyMap<string, readonly RedactionRule[]> = new Map(
  [...rulesOf].map(([word, all]) => [word, all.filter(({ multiline }) => multiline)]),
);

/** Characters of finds that have ended, which are read for one cut. */
const mostWork = 4_194_304;

/** Characters that a find's name takes at most, over the ends of lines. */
export const longestName = 240;

/** What a text holds of the words of rules between two places: for `openFind`, which is asked about many cuts. */
export function wordsIn(text: string, from: number, to: number): readonly Hit[] {
  return hints
    .places(text.slice(from, to))
    .map(({ at, text: word }) => ({ at: at + from, text: word }))
    .filter(({ at, text: word }) => mayName(word, text, at));
}

/**
 * Where the first find begins that has begun before a cut and not ended at it. Whether it is one, and where it ends,
 * may be decided by what nobody has yet: it counts as one.
 * @param places of `wordsIn`
 */
export function openFind(text: string, cut: number, places: readonly Hit[]): number | undefined {
  const head = text.slice(0, cut);
  let work = 0;
  const line = head.lastIndexOf("\n", cut - 2) - longestName;
  for (const { at, text: word } of places) {
    if (at >= cut) break;
    for (const { pattern, open, begins } of (at < line ? multilineOf : rulesOf).get(word) ?? []) {
      const begin = begins(text, at, 0);
      if (begin === undefined) continue;
      open.lastIndex = begin;
      if (!open.test(head)) continue;
      pattern.lastIndex = begin;
      if (!pattern.test(text) || pattern.lastIndex > cut) return begin;
      // It has ended. A text made of thousands of these counts as open from here on: cut sooner, and never wrong.
      work += cut - begin;
      if (work > mostWork) return begin;
    }
  }
  return undefined;
}

function worthwhile(places: readonly Hit[], text: string): readonly Hit[] {
  return places.filter(({ at, text: word }) => mayName(word, text, at));
}

/** As one search from the beginning to the end would find them; a token that stands there is stepped over. */
function findsOf(
  { name, needs, pattern, begins }: RedactionRule,
  text: string,
  places: readonly Hit[],
  mark: (rule: string, secret: string) => string,
): readonly Cut[] {
  const cuts: Cut[] = [];
  let from = 0;
  for (const { at, text: word } of places) {
    if (word === "secret" && at > from && text[at - 1] === "‹") {
      tokenHere.lastIndex = at - 1;
      if (tokenHere.test(text)) from = tokenHere.lastIndex;
    }
    if (at < from || !needs.includes(word)) continue;
    const begin = begins(text, at, from);
    if (begin === undefined || begin < from) continue;
    pattern.lastIndex = begin;
    const secret = pattern.exec(text)?.[2];
    if (secret === undefined) continue;
    from = pattern.lastIndex;
    if (onlyTokens.test(secret) || reference.test(secret)) continue;
    cuts.push({ start: from - secret.length, end: from, token: mark(name, secret) });
  }
  return cuts;
}

function replaced(text: string, cuts: readonly Cut[]): string {
  let clean = "";
  let at = 0;
  for (const { start, end, token: instead } of cuts) {
    clean += text.slice(at, start) + instead;
    at = end;
  }
  return clean + text.slice(at);
}

/** Where the words stand once the cuts are made. A word that reached into one is gone; a token has its own. */
function moved(places: readonly Hit[], cuts: readonly Cut[]): readonly Hit[] {
  const result: Hit[] = [];
  let next = 0;
  let by = 0;
  for (const { start, end, token: instead } of cuts) {
    for (let place = places[next]; place !== undefined && place.at < end; place = places[++next]) {
      if (place.at + place.text.length <= start) result.push({ at: place.at + by, text: place.text });
    }
    for (const { at, text } of hints.places(instead)) result.push({ at: at + start + by, text });
    by += instead.length - (end - start);
  }
  for (const { at, text } of places.slice(next)) result.push({ at: at + by, text });
  return result;
}
