import { once } from "../base/once.ts";
import { keyed } from "./names.ts";

/** The next `sign` behind a find's beginning has to begin this. */
export interface Ending {
  readonly sign: string;
  readonly whole: string;
}

/**
 * What a secret nobody told us of looks like. Its pattern is sticky; its groups are what stays before the
 * secret, and the secret. Every repetition that another may follow has a limit: a megabyte of dots must not
 * cost a minute.
 */
export interface RedactionRule {
  readonly name: string;
  /** Its first group holds a name; names.ts says of that and of the value whether it is a secret. */
  readonly named: boolean;
  /** Asked before the pattern, so that a text is not read again for each of its words. */
  readonly ends: Ending | undefined;
  readonly pattern: RegExp;
  /** The same up to the end of a text, where it may be cut: a find that has begun there, whatever would end it. */
  readonly open: RegExp;
  /** Whether its secret may go on over several lines. */
  readonly multiline: boolean;
  /** In lower case: each of its finds holds one of these, whatever the case of the letters. */
  readonly needs: ReadonlySet<string>;
  /** Where the first find from `from` on begins that has what it needs at `at`; undefined when there is none. */
  readonly begins: (text: string, at: number, from: number) => number | undefined;
}

/** What the name of a secret holds; a name goes on for a while behind it. */
export const words = `(?:password|passwd|passphrase|pwd(?!=/)|secret|token|(?:${keyed.join("|")})[_-]?key|authorization|credential|cookie)[\\w.-]{0,40}`;
/** Blanks as a table or a file of settings has them; over the end of a line only to what is indented and no pair. */
const blanks = "[ \\t]{0,60}";
const aside = `${blanks}(?:\\r?\\n[ \\t]{1,60}(?![#-]|[\\w."'-]{1,60}\\s{0,3}[=:]))?`;
/** What may stand between a name and its value: `=`, `:`, `=>`. */
export const becomes = `${blanks}(?:=>|:=|[=:])${aside}`;
/**
 * A character of a value without quotes. A sign of the text around it is one of its own where something follows that
 * belongs to no next pair, list or bracket: of `password=a;b&c=d` the value is `a;b`.
 */
const pair = `[\\w.$-]{1,40}\\\\{0,3}["']?[ \\t]{0,3}[=:]`;
export const bare =
  `(?:[^\\s'"&,;}{\\])\\\\<…\\u001b]|[&;,](?![\\s&;,"'\\\\)]|$|#?\\w{1,6};|[ ]?${pair})` +
  `|[}\\])](?![\\s,;:.}\\])"'\\\\<|&]|$)|\\{|["'](?=\\w)(?!${pair})|\\\\(?![\\snrtux"'\\\\/]|$)|<(?!\\/|$))`;

const keys = keyed.map((kind) => `${kind}key ${kind}_key ${kind}-key`).join(" ");
/** Each way in which `words` begins. */
export const word = `password passwd passphrase pwd secret token ${keys} authorization credential cookie`;
/** Where a word begins, also right behind a newline or a tab that JSON has written as `\\n` or `\\t`. */
export const begin = "(?:\\b|(?<=\\\\[nrt]))";

const ofName = setOf(/[\w.-]/);
const ofOption = setOf(/[\w-]/);
const ofScheme = setOf(/[a-z0-9+.-]/i);
const letters = setOf(/[a-z]/i);

/** Words that a secret is named by. */
export const namesOf: ReadonlySet<string> = new Set(word.split(" "));
/** What is a name only where a value is given to it at once; elsewhere it is "passed", or a session. */
const assigned: ReadonlyMap<string, RegExp> = new Map([
  ["pass", /pass\\{0,3}["']?\s{0,3}[:=]/iy],
  ["sess", /sess(?:ion)?[_-]?(?:id|key)?\\{0,3}["']?\s{0,2}[:=]/iy],
]);
/** What stands before the word in a netrc, on one line or each on its own. */
const behindLogin = /(?:\blogin\s{1,20}\S{1,100}\s{1,20}|(?:^|\n)[ \t]{1,20})$/i;
/** More characters than that takes. */
const farthest = 160;
const leads =
  // oxlint-disable-next-line no-control-regex -- a colour begins with it
  /[\w.-]{3,60}(?:["'\\=:>%+&\u001b^(\]]|\s{1,60}(?:[=:E'$>]|[\w:.-]{1,40}=|(?:is|was|has|set|changed|for|type|name|value)\b)|(?:\t|  )[ \t]{0,60}\S{8})/iy;

/**
 * Whether a rule may find something by the word that begins at `at`: most words that could be a secret's name
 * stand in a sentence, and no rule need be asked. Kept is what a value may follow, what an option may be, and
 * what may be of a netrc.
 */
export function mayName(found: string, text: string, at: number): boolean {
  const own = assigned.get(found);
  if (own !== undefined) {
    own.lastIndex = at;
    return own.test(text) || optionBefore(text, at) !== undefined;
  }
  if (!namesOf.has(found)) return true;
  leads.lastIndex = at;
  if (leads.test(text) || optionBefore(text, at) !== undefined) return true;
  return found === "password" && afterLogin(text, at);
}

function afterLogin(text: string, at: number): boolean {
  return behindLogin.test(text.slice(Math.max(0, at - farthest), at));
}

/** What a value is given by, behind a name and its closing quote, in a text that is read as it is written. */
const gives =
  /[\w.-]{3,60}(?:[%+(]|\\{0,7}["']{0,2}\]?\s{0,60}(?:[=:>]|(?:,\s{0,20})?\\{0,3}["']?(?:type|value|old_|new_))|["']?\s{1,60}(?:[E'$]|[\w:.-]{1,40}=|(?:is|was|has|set|changed|equals|for)\b)|(?:\t|  )[ \t]{0,60}\S{8})/iy;
/** Behind `://` who logs in, and not only a port. */
const login = /:\/\/[^\s:@/?#"'<>]{0,200}(?::(?!\d{1,5}[\s/"'<>])|@)/y;

/**
 * Whether a rule may find something in the text as it is written by the word that begins at `at`, of which `mayName`
 * is true. Of the others the line may still be worth undoing.
 */
export function mayFind(found: string, text: string, at: number): boolean {
  const own = found === "://" ? login : gives;
  if (own === gives && !namesOf.has(found)) return true;
  own.lastIndex = at;
  if (own.test(text)) return true;
  return (
    own === gives && (optionBefore(text, at) !== undefined || (found === "password" && afterLogin(text, at)))
  );
}

/** @param needs words with spaces between, a space in one as `·`; a find begins with one, unless `begins` says where. */
export function rule(
  name: string,
  needs: string,
  pattern: string,
  flags: Flags = "y",
  begins: RedactionRule["begins"] = (_text, at) => at,
): RedactionRule {
  return made({ name, named: false, ends: undefined, begins }, needs, pattern, flags);
}

/** The same for a rule that goes by a name. */
export function named(
  name: string,
  needs: string,
  pattern: string,
  flags: Flags,
  begins: RedactionRule["begins"] = (_text, at) => at,
  ends?: Ending,
): RedactionRule {
  return made({ name, named: true, ends, begins }, needs, pattern, flags);
}

type Flags = "y" | "iy" | "imy";

/** Most starts of the program ask no rule: its patterns are made when it is asked first. */
function made(
  plain: Pick<RedactionRule, "name" | "named" | "ends" | "begins">,
  needs: string,
  source: string,
  flags: Flags,
): RedactionRule {
  const pattern = once(() => new RegExp(source, flags));
  const open = once(() => new RegExp(`${groupsOf(source).join("")}(?![\\s\\S])`, flags));
  const lines = once(() => {
    const [, secret] = groupsOf(source);
    const over = secret.includes("[\\s\\S]") || new RegExp(`^${secret}$`).test("a word\nand another");
    return { over };
  });
  return {
    ...plain,
    needs: new Set(needs.split(" ").map((one) => one.replaceAll("·", " "))),
    get pattern() {
      return pattern();
    },
    get open() {
      return open();
    },
    get multiline() {
      return lines().over;
    },
  };
}

/** The two groups that a rule's pattern begins with; what follows them only looks ahead. */
function groupsOf(pattern: string): readonly [string, string] {
  const first = groupEnd(pattern, 0);
  return [pattern.slice(0, first), pattern.slice(first, groupEnd(pattern, first))];
}

function groupEnd(pattern: string, start: number): number {
  let depth = 0;
  let inClass = false;
  for (let at = start; at < pattern.length; at++) {
    const sign = pattern[at];
    if (sign === "\\") at++;
    else if (sign === "[") inClass = true;
    else if (sign === "]") inClass = false;
    else if (!inClass && sign === "(") depth++;
    else if (!inClass && sign === ")" && --depth === 0) return at + 1;
  }
  throw new Error(`no group at ${start} of ${pattern}`);
}

/** For a word that is told by its rarer end: what is common in any text would be looked at everywhere. */
export function back(beginning: string): RedactionRule["begins"] {
  return (_text, at) => (at < beginning.length ? undefined : at - beginning.length);
}

/** The quote before the name that the word is in. */
export function quoteBefore(text: string, at: number): number | undefined {
  const start = runBefore(text, at, at - 40, ofName) - 1;
  return text[start] === '"' ? start : undefined;
}

/** The first letter of the scheme before `://`. */
export function schemeBefore(text: string, at: number, from: number): number | undefined {
  let start = runBefore(text, at, Math.max(from, at - 31), ofScheme);
  while (start < at && letters[text.charCodeAt(start)] !== 1) start++;
  return start < at ? start : undefined;
}

/** The hyphen with which the option begins that the word is in. */
export function optionBefore(text: string, at: number): number | undefined {
  const start = runBefore(text, at, at - 42, ofOption);
  return text[start] === "-" ? start : undefined;
}

/** The first of the characters of a set before `at`, not before `least`. */
function runBefore(text: string, at: number, least: number, set: Uint8Array): number {
  let start = at;
  while (start > least && set[text.charCodeAt(start - 1)] === 1) start--;
  return start;
}

/** By its code 1 where a character of ASCII is of a class: they are asked about one by one, before each word. */
function setOf(one: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (one.test(String.fromCharCode(code)) ? 1 : 0));
}
