// Where a text may be cut. The test is the definition: a cut is safe when redacting the two sides gives what
// redacting both together gives (`holds`). `around` characters on each side are enough for every find that is not
// longer; the longer ones are looked for by name before: a private key (`openPem`), a quoted value of a secret's
// name (`openValue`), a value without quotes, which is one unbroken run (`runStart`).
//
//   limit ──► a line's end near enough, else the limit itself
//     key or value open here? ──► its beginning is the new limit
//     holds? ──► cut
//     else a long run's beginning, the line before, or a fifth of `around` back; twelve tries
//
// At a line's end a shorter look is enough, because only what was looked for by name goes over it at length. Not
// covered: a value with blanks, found by its name and longer than `around` (cookie, XML element, YAML block, a
// role's password). A new rule of that kind needs its own `open…` here first:
// docs/decisions/0001-redaction-cuts-where-no-secret-lies.md.

import type { Redactor } from "./redactor.ts";

/** Characters either side of a cut that are looked at. */
export const margin = 8192;

/** The same at the end of a line: keys and quoted values are looked for apart, anything else goes on for less. */
const marginOfLine = 1024;

/** A private key in PEM is never longer than this; what follows a BEGIN for longer is none. */
const longestPem = 65_536;

const tries = 12;

/**
 * Where a text may be cut so that redacting the two parts gives what redacting the whole would: then no
 * secret lies across the cut. A line's end when one will do, else anywhere.
 * @param most the cut is at most here; the text goes on for a margin behind it.
 * @returns 0 when no place was found.
 */
export function safeCut(text: string, most: number, redactor: Redactor, around = margin): number {
  let limit = most;
  for (let left = tries; left > 0 && limit > 0; left--) {
    const newline = text.lastIndexOf("\n", limit - 1) + 1;
    // A line longer than the margin has no end worth going back to.
    const cut = limit - newline < around ? newline : limit;
    const open = openPem(text, cut) ?? openValue(text, cut);
    if (open !== undefined) {
      limit = open;
      continue;
    }
    const near = cut === newline && around === margin ? marginOfLine : around;
    if (cut > 0 && holds(text, cut, redactor, near)) return cut;
    const run = runStart(text, cut);
    if (cut - run > around) limit = run;
    else limit = newline > 0 && cut === newline ? newline - 1 : cut - Math.ceil(around / 5);
  }
  return 0;
}

/** Where a key begins that has not ended before the cut. */
function openPem(text: string, cut: number): number | undefined {
  // A log is full of dashes, and has hardly a capital B.
  if (!text.includes("BEGIN")) return undefined;
  const begin = text.lastIndexOf("-----BEGIN", cut - 1);
  if (begin === -1 || cut - begin > longestPem) return undefined;
  const end = text.indexOf("-----END", begin);
  return end !== -1 && end + "-----END".length < cut ? closedAt(text, end, cut, begin) : begin;
}

/** The END line itself must be whole. */
function closedAt(text: string, end: number, cut: number, begin: number): number | undefined {
  const close = text.indexOf("-----", end + "-----END".length);
  return close !== -1 && close + 5 <= cut ? undefined : begin;
}

/**
 * Where the name of a secret begins whose quoted value has not ended before the cut. A value of several lines
 * is at most as long as a key; what goes on longer is a quote that somebody forgot.
 */
function openValue(text: string, cut: number): number | undefined {
  for (const quote of ['"', "'"]) {
    let at = text.lastIndexOf(quote, cut - 1);
    while (at > 0 && text[at - 1] === "\\") at = text.lastIndexOf(quote, at - 1);
    if (at === -1) continue;
    const name =
      /[\w.-]*(?:pass|pwd|secret|token|key|authorization|credential)[\w.-]{0,40}\\{0,3}["']?\s{0,3}(?:=>|:=|[=:])\s{0,3}\\{0,3}$/i.exec(
        text.slice(Math.max(0, at - 160), at),
      );
    if (name === null) continue;
    const newline = text.indexOf("\n", at);
    if (cut - at <= longestPem || newline === -1 || newline >= cut) return at - name[0].length;
  }
  return undefined;
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
