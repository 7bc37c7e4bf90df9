// A text as a person reads it, and where each of its characters stands in the text as it was written. What writes a
// line wraps it in customs of its own: colours, escapes of JSON, entities, percents, two bytes a character. Rules that
// knew each custom would be as many as customs times rules; so a line is undone one layer at a time, each is searched
// by the same rules, and what is found is taken out where it was written.
//
//   written   {"log":"\u001b[36mpassword\u001b[0m=\"hun\\ter2\" ok"}
//   one layer {"log":"password="hun\ter2" ok"}
//                               |     |
//   found                       «     »  ->  from \" to \", of the written text
//
// What must not be broken: starts and ends only grow, and a character of the view covers whole escapes, so that a
// token in place of what it covers leaves JSON valid.

/** A text with the place of each of its characters in another. */
export interface View {
  readonly text: string;
  /** Where the character at an index begins in the written text, and where it ends. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** More layers than this nobody writes. */
export const mostLayers = 4;

/** A colour, or the end of a line that a colour is drawn to, as grep has it. */
const colour = "(?:\\u001b|\\\\{1,4}(?:u001b|x1b|033|e)|\\^\\[)\\[[0-9;]{0,20}[mK]";
const entity = "&(?:quot|apos|amp|lt|gt|nbsp|equals|colon|sol|#\\d{1,5}|#x[0-9a-f]{1,5});";
const escape = "\\\\(?:[\"'\\\\/nrt]|u00[0-9a-f]{2}|x[0-9a-f]{2})";
const written = new RegExp(`${colour}|${entity}|%[0-9a-f]{2}|${escape}|\\0`, "gi");

const anything = new RegExp(written.source, "i");
const within = new RegExp(`(?<=[\\w-])(?:${colour})+(?=[\\w-])`, "gi");
/** Each of them holds one of these. */
const signs = ["\u001b", "\\", "^[", "&", "%", "\0"];
/** A name, and what stands between it and its value in the signs of some custom. */
const given =
  /[\w.-]{3,60}(?:[^\w\n]|u00[0-9a-f]{2}|(?:x1b|033|e)\[|[0-9;]{0,12}[mK]|(?:amp|quot|apos|lt|gt|#x?[0-9a-f]{2,4});?|(?:25){0,3}[0-9a-f]{2}){0,24}?(?:[=:>]|3[ade]|gt|#(?:x3[ade]|61|58|62);)/iy;

/** Characters behind a word among which a sign of some custom makes its line worth undoing. */
const near = 80;

/** Whether a text holds a sign of any custom: asked once, before it is asked of each word. */
export function holdsCustoms(text: string): boolean {
  return signs.some((sign) => text.includes(sign)) && anything.test(text);
}

/** Where a colour begins or ends within a word, which nobody finds then: a search that shows what it found. */
export function splitWords(text: string): readonly number[] {
  return [...text.matchAll(within)].map(({ index }) => index);
}

/** Whether a word stands among signs of some custom, so that its line is worth undoing. */
export function undoable(text: string, at: number, name: boolean): boolean {
  if (!anything.test(text.slice(Math.max(0, at - 8), at + near))) return false;
  given.lastIndex = at;
  return !name || given.test(text);
}

const wholeColour = new RegExp(`^${colour}$`, "i");
const named: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: " ",
  equals: "=",
  colon: ":",
  sol: "/",
};
const short: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** What one custom wrote, as it is read. */
function read(all: string): string {
  if (all === "\0" || wholeColour.test(all)) return "";
  if (all.startsWith("&")) {
    const name = all.slice(1, -1).toLowerCase();
    if (!name.startsWith("#")) return named[name] ?? all;
    return (
      character(name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))) ?? all
    );
  }
  if (all.startsWith("%")) return character(Number.parseInt(all.slice(1), 16)) ?? all;
  if (all.length > 2) return character(Number.parseInt(all.slice(2), 16)) ?? all;
  const sign = all.charAt(1);
  return short[sign] ?? sign;
}

/** Of ASCII alone: of others a byte is not a character. */
function character(code: number): string | undefined {
  return code > 0 && code < 0x7f ? String.fromCharCode(code) : undefined;
}

/** One layer undone; the same view where there is nothing to undo. */
export function undone(view: View): View {
  written.lastIndex = 0;
  let text = "";
  let at = 0;
  const starts: number[] = [];
  const ends: number[] = [];
  const take = (from: number, to: number): void => {
    for (let index = from; index < to; index++) {
      starts.push(view.starts[index] ?? 0);
      ends.push(view.ends[index] ?? 0);
    }
    text += view.text.slice(from, to);
  };
  for (let found = written.exec(view.text); found !== null; found = written.exec(view.text)) {
    const [all] = found;
    const meant = read(all);
    if (meant === all) continue;
    take(at, found.index);
    at = found.index + all.length;
    if (meant === "") continue;
    text += meant;
    starts.push(view.starts[found.index] ?? 0);
    ends.push(view.ends[at - 1] ?? 0);
  }
  if (at === 0) return view;
  take(at, view.text.length);
  return { text, starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}

/** A text as it is written. */
export function plainView(text: string): View {
  return {
    text,
    starts: Int32Array.from({ length: text.length }, (_, at) => at),
    ends: Int32Array.from({ length: text.length }, (_, at) => at + 1),
  };
}
