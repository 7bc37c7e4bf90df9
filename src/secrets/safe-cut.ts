// Where a text may be cut. The test is the definition: a cut is safe when redacting the two sides gives what
// redacting both together gives (`holds`). `around` characters on each side are enough for every find that is not
// longer. Of the longer ones the beginning is looked for: a rule whose name and secret reach up to the very cut has a
// find that is open there (`openFind` of finds.ts), by the rule's own pattern; a value without quotes and blanks is one
// unbroken run (`runStart`).
//
//   limit ──► a line's end near enough, else the limit itself
//     a find is open here? ──► its beginning is the new limit
//     holds? ──► cut
//     else a long run's beginning, the line before, or a fifth of `around` back; twelve tries
//
// At a line's end a shorter look is enough, because what goes over it at length is an open find. A new rule needs
// nothing here: docs/decisions/0001-redaction-cuts-where-no-secret-lies.md.

import { longestName, openFind, wordsIn } from "./finds.ts";
import type { Redactor } from "./redactor.ts";

/** Characters either side of a cut that are looked at. */
export const margin = 8192;

/** The same at the end of a line: keys and quoted values are looked for apart, anything else goes on for less. */
export const marginOfLine = 1024;

/** A find over several lines is never longer than this; what goes on for longer is a quote that somebody forgot. */
const longestFind = 65_536;

const tries = 12;

/**
 * Where a text may be cut so that redacting the two parts gives what redacting the whole would: then no
 * secret lies across the cut. A line's end when one will do, else anywhere.
 * @param most the cut is at most here; the text goes on for a margin behind it.
 * @param aroundLine the same as `around` where it is the end of a line.
 * @returns 0 when no place was found.
 */
export function safeCut(
  text: string,
  most: number,
  redactor: Redactor,
  around = margin,
  aroundLine = marginOfLine,
): number {
  let limit = most;
  let from = most;
  let places: ReturnType<typeof wordsIn> = [];
  for (let left = tries; left > 0 && limit > 0; left--) {
    const newline = text.lastIndexOf("\n", limit - 1) + 1;
    // A line longer than the margin has no end worth going back to.
    const cut = limit - newline < around ? newline : limit;
    // The whole line that is cut, and what may go on over several.
    const line = text.lastIndexOf("\n", cut - 2) + 1;
    const needed = Math.max(0, Math.min(line, cut - longestFind) - longestName);
    if (needed < from) places = wordsIn(text, (from = needed), most);
    const open = openFind(text, cut, places);
    if (open !== undefined) {
      limit = open;
      continue;
    }
    const near = cut === newline ? Math.min(around, aroundLine) : around;
    if (cut > 0 && holds(text, cut, redactor, near)) return cut;
    const run = runStart(text, cut);
    if (cut - run > around) limit = run;
    else limit = newline > 0 && cut === newline ? newline - 1 : cut - Math.ceil(around / 5);
  }
  return 0;
}

/** Where the unbroken run of characters begins in which the cut lies: a value without quotes is one. */
function runStart(text: string, cut: number): number {
  let at = cut;
  for (; at > 0; at--) {
    const code = text.charCodeAt(at - 1);
    if (code <= 0x20 || code === 0x22 || code === 0x27) break;
  }
  return at;
}

function holds(text: string, cut: number, redactor: Redactor, around: number): boolean {
  const from = Math.min(cut - around, runStart(text, cut) - 160);
  const before = text.slice(Math.max(0, from), cut);
  const after = text.slice(cut, cut + around);
  return redactor.text(before + after) === redactor.text(before) + redactor.text(after);
}
