// Finds secrets by what a text looks like: a name with a value, a vendor's token, a key. `plainly` runs one rule after
// the other over a text as it stands; view.ts undoes escapes and colours, and the same rules then run over each layer,
// because most secrets in logs are written inside JSON or a shell's quotes.
//
// What must not be broken: a rule looks only where one of its words (`needs`) is found, so a rule whose finds can do
// without them misses secrets; after each cut every later place moves and is judged again, since a cut changes the line
// around it; and a token is never taken for a secret.

import { once } from "../base/once.ts";
import { rules } from "./rules.ts";
import { harmless } from "./names.ts";
import { mayFind, mayName, words, type Ending, type RedactionRule } from "./words.ts";
import { insertedSecrets, insertWord } from "./inserts.ts";
import { TextSearch, type Hit } from "./search.ts";

/** What stands where a secret stood: the rule that found it, and eight digits that tell two secrets apart. */
export const token = /‹secret:[a-z]+:[0-9a-f]{8}›/;
const tokenHere = new RegExp(token.source, "y");
export const onlyTokens = new RegExp(`^(?:${token.source})+$`);
/** What a rule has taken already, and what stands behind it in an address or a query. */
const taken = /^‹secret:(?!known)[a-z]+:[0-9a-f]{8}›[@/&%]/;
/** A reference to a secret by its variable is how a plan shows one. */
export const reference = /^\$\{?[A-Z_][A-Z0-9_]*\}?$/;

/** The words without which no rule finds anything. */
const hints = once(() => new TextSearch([...rules.flatMap(({ needs }) => [...needs]), insertWord], true));

/** What a rule found: the secret's place, and the token that takes it. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly token: string;
}

/** Makes the token that stands for a secret. */
export type Mark = (rule: string, secret: string) => string;

/** A text without finds, and the places at which a name of a secret may stand in it. */
interface Searched {
  readonly clean: string;
  readonly places: readonly Hit[];
}

/**
 * One rule after the other. The text is searched once for the words of all of them; each rule then looks where one of
 * its own stands, and nowhere else.
 * @param cut is told of what is about to be replaced.
 */
export function plainly(
  text: string,
  mark: Mark,
  cut: (cuts: readonly Cut[]) => void = () => undefined,
): Searched {
  let all = searched(text);
  let clean = text;
  // What a cut leaves may be more than it was: whoever stands behind it is looked at again.
  let places = all.filter((hit) => naming(clean, hit));
  let asking = places.filter((hit) => finding(clean, hit));
  let asked = rulesAt(asking);
  const take = (cuts: readonly Cut[]): void => {
    if (cuts.length === 0) return;
    cut(cuts);
    all = moved(all, cuts);
    clean = replaced(clean, cuts);
    places = all.filter((hit) => naming(clean, hit));
    asking = places.filter((hit) => finding(clean, hit));
    asked = rulesAt(asking);
  };
  take(inserted(clean, asking, mark));
  for (const rule of rules) {
    if (asked.size === 0) break;
    if (asked.has(rule)) take(findsOf(rule, clean, asking, mark));
  }
  return { clean, places };
}

const naming = (text: string, { at, text: word }: Hit): boolean => mayName(word, text, at);
const finding = (text: string, { at, text: word }: Hit): boolean => mayFind(word, text, at);

/** The rules that have something to look for. */
function rulesAt(places: readonly Hit[]): ReadonlySet<RedactionRule> {
  const asked = new Set<RedactionRule>();
  const words = new Set<string>();
  for (const { text: word } of places) {
    if (words.has(word)) continue;
    words.add(word);
    for (const one of rulesOf().get(word) ?? []) asked.add(one);
  }
  return asked;
}

function inserted(text: string, places: readonly Hit[], mark: Mark): readonly Cut[] {
  return places
    .filter(({ text: word }) => word === insertWord)
    .flatMap(({ at }) => insertedSecrets(text, at))
    .filter(({ start }, index, all) => start >= (all[index - 1]?.end ?? 0))
    .map(({ start, end }) => ({ start, end, token: mark("insert", text.slice(start, end)) }));
}

/** The rules that have something to look for where a word stands. */
const rulesOf = once(
  (): ReadonlyMap<string, readonly RedactionRule[]> =>
    new Map(
      rules
        .flatMap(({ needs }) => [...needs])
        .map((word) => [word, rules.filter(({ needs }) => needs.has(word))]),
    ),
);
const multilineOf = once(
  (): ReadonlyMap<string, readonly RedactionRule[]> =>
    new Map([...rulesOf()].map(([word, all]) => [word, all.filter(({ multiline }) => multiline)])),
);

/** Characters of finds that have ended, which are read for one cut. */
const mostWork = 4_194_304;

/** Characters that a find's name takes at most, over the ends of lines. */
export const longestName = 240;

/** What a text holds of the words of rules between two places: for `openFind`, which is asked about many cuts. */
export function wordsIn(text: string, from: number, to: number): readonly Hit[] {
  const part = text.slice(from, to);
  last = { text: part, places: hints().places(part) };
  return last.places
    .map(({ at, text: word }) => ({ at: at + from, text: word }))
    .filter((hit) => naming(text, hit) && finding(text, hit));
}

/** What `wordsIn` was asked about last. What a stream cuts off there, and then redacts, is its beginning. */
let last: { readonly text: string; readonly places: readonly Hit[] } = { text: "", places: [] };

function searched(text: string): readonly Hit[] {
  if (text.length === 0 || last.text.slice(0, text.length) !== text) return hints().places(text);
  return last.places.filter(({ at, text: word }) => at + word.length <= text.length);
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
    for (const { pattern, open, begins } of (at < line ? multilineOf() : rulesOf()).get(word) ?? []) {
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

/** As one search from the beginning to the end would find them; a token that stands there is stepped over. */
function findsOf(rule: RedactionRule, text: string, places: readonly Hit[], mark: Mark): readonly Cut[] {
  const { name, needs, pattern, begins } = rule;
  const cuts: Cut[] = [];
  const ahead = rule.ends === undefined ? undefined : new Ahead(text, rule.ends);
  let from = 0;
  for (const { at, text: word } of places) {
    if (word === "secret" && at > from && text[at - 1] === "‹") {
      tokenHere.lastIndex = at - 1;
      if (tokenHere.test(text)) from = tokenHere.lastIndex;
    }
    if (at < from || !needs.has(word)) continue;
    const begin = begins(text, at, from);
    if (begin === undefined || begin < from) continue;
    if (ahead?.ends(at) === false) continue;
    pattern.lastIndex = begin;
    const [, before = "", secret] = pattern.exec(text) ?? [];
    if (secret === undefined) continue;
    from = pattern.lastIndex;
    if (!isSecret(rule, { text, begin, before, secret })) continue;
    cuts.push({ start: from - secret.length, end: from, token: mark(name, secret) });
  }
  return cuts;
}

/** Where a rule found something: its groups, and where the first of them begins. */
export interface Found {
  readonly text: string;
  readonly begin: number;
  readonly before: string;
  readonly secret: string;
}

/** Characters behind a value that say whether it is a word of a sentence. */
const farBehind = 40;
const lastName = once(() => new RegExp(`[\\w.-]{0,40}?(?:${words})(?![\\s\\S]{0,400}(?:${words}))`, "i"));
const nameEnd = /[\w.-]{1,40}$/;

/** Characters that a signed line of ours has at most: a statement and an RSA signature of 8192 bits. */
const longestSigned = 4000;
const signedLine = /lav-ir-approval\.\d+\.[\w-]+(?:\.[\w-]*)?$/;

/**
 * Whether a place is inside of an approval: a statement and a signature in base64 for URLs, which by chance have some
 * vendor's `hf_` in them (one in ten thousand). It is no secret, and without it the approval would be lost.
 */
function isSigned(text: string, at: number): boolean {
  return signedLine.test(text.slice(Math.max(0, at - longestSigned), at));
}

/** Whether what a rule found is a secret, and neither hidden already nor what only stands where one could. */
export function isSecret(
  { name: rule, named }: RedactionRule,
  { text, begin, before, secret }: Found,
): boolean {
  if (onlyTokens.test(secret) || reference.test(secret) || taken.test(secret)) return false;
  if (isSigned(text, begin + before.length)) return false;
  if (!named) return true;
  // In a sentence: a word has neither a digit nor a capital behind a small letter.
  if (rule === "operand" && !/\d|[a-z][A-Z]/.test(secret)) return false;
  const [name = "pass"] = lastName().exec(before) ?? [];
  const start = before.startsWith(name)
    ? (nameEnd.exec(text.slice(Math.max(0, begin - 40), begin))?.[0] ?? "")
    : "";
  const end = begin + before.length + secret.length;
  return !harmless(start + name, secret, text.slice(end, end + farBehind));
}

/** Looks for the sign at which a secret ends, once over the whole text however often it is asked. */
export class Ahead {
  /** Characters that were looked at. */
  work = 0;
  private at = -1;
  private readonly text: string;
  private readonly ending: Ending;

  constructor(text: string, ending: Ending) {
    this.text = text;
    this.ending = ending;
  }

  /** @param from grows from one question to the next. */
  ends(from: number): boolean {
    const { text, ending } = this;
    if (this.at < from) {
      const next = text.indexOf(ending.sign, from);
      this.at = next === -1 ? text.length : next;
      this.work += this.at - from;
    }
    return text.startsWith(ending.whole, this.at);
  }
}

export function replaced(text: string, cuts: readonly Cut[]): string {
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
    for (const { at, text } of hints().places(instead)) result.push({ at: at + start + by, text });
    by += instead.length - (end - start);
  }
  for (const { at, text } of places.slice(next)) result.push({ at: at + by, text });
  return result;
}
