// What a program writes, as a person may see it while it runs. Nobody knows yet how its text continues, and a secret
// that has only begun is none by any rule, so nothing is shown but what no continuation can make a part of one:
//
//   bytes -> characters -> colours taken out -> the newest `window` of them
//   the end:  a line's end, or of a line that goes on its last whole word
//             and before any find that has begun there and not ended (`openFind`)
//   up to there redacted as one text, with the mark of a cut behind it: the beginning of a known secret goes, too
//
// Text of two bytes a character hides a secret from every rule: it is named and not shown. A line whose beginning has
// left the window is not shown either.

import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import { isBlank, printable } from "../base/printable.ts";
import { openFind, wordsIn } from "./finds.ts";
import type { Redactor } from "./redactor.ts";
import { margin } from "./safe-cut.ts";
import { mostlyBinary } from "./stream.ts";

/** Characters that are kept, and up to twice as many. */
const window = 32_768;
/** Characters of a line that are shown. */
const longestLine = 400;
/** Lines that are told at once. */
const mostLines = 50;
const cutMark = "…";

/** A sequence for the terminal that has begun: its end comes with the next piece. */
// oxlint-disable-next-line no-control-regex -- the sequences are what it is about
const begun = /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\u0007\u001b]{0,256})?$/;

/** Lines of a stream, and whether some before them are not among them. */
export interface LiveLines {
  readonly lines: readonly string[];
  readonly leftOut: boolean;
}

const nothing: LiveLines = { lines: [], leftOut: false };

/**
 * One stream of a program. Pieces may end anywhere; memory stays below a few windows. Between two looks bytes are
 * copied and nothing else is done, so that a program that writes fast is not held back.
 */
export class LiveText {
  private readonly redactor: Redactor;
  private decoder = new StringDecoder("utf8");
  /** What came since the last look. */
  private pending = Buffer.alloc(0);
  private used = 0;
  /** Bytes that came since then are gone. */
  private lost = false;
  /** A sequence that has not ended. */
  private rest = "";
  private text = "";
  /** Whether the text's first line has lost its beginning. */
  private clipped = false;
  /** Up to where in the text it was told. */
  private told = 0;
  /** Something was not shown since lines were told last. */
  private leftOut = false;
  private ended = false;

  constructor(redactor: Redactor) {
    this.redactor = redactor;
  }

  add(piece: Uint8Array): void {
    const size = 2 * window;
    if (this.pending.length < size && this.used + piece.length > this.pending.length) {
      const wanted = Math.max(4096, 2 * (this.used + piece.length));
      this.pending = Buffer.concat([this.pending.subarray(0, this.used)], Math.min(size, wanted));
    }
    const over = this.used + piece.length - size;
    if (over > 0) {
      this.lost = true;
      // As much again, so that the next small pieces move nothing.
      const away = Math.min(this.used, over + window);
      this.pending.copyWithin(0, away, this.used);
      this.used -= away;
    }
    const newest = piece.subarray(Math.max(0, piece.length - size));
    this.pending.set(newest, this.used);
    this.used += newest.length;
  }

  end(): void {
    this.ended = true;
  }

  /** The newest lines as they stand, an unfinished one among them. */
  newest(count: number): readonly string[] {
    this.read();
    const end = this.settled(this.ended ? this.text.length : afterLast(this.text, /\s/));
    const lines = this.shown(Math.max(0, end - window), end);
    return lines.flatMap(drawnIn).slice(-count).map(lineOf);
  }

  /** The lines that have ended since this was called last. */
  fresh(): LiveLines {
    this.read();
    const whole = this.settled(this.ended ? this.text.length : afterLast(this.text, /\n/));
    const end = this.ended ? whole : afterLast(this.text.slice(0, whole), /\n/);
    const count = linesIn(this.text.slice(this.told, end)).length;
    const lines = count === 0 ? [] : this.shown(Math.max(0, this.told - margin), end).slice(-count);
    this.told = Math.max(this.told, end);
    // What a return has overwritten was for eyes.
    const kept = lines.slice(-mostLines).flatMap((line) => drawnIn(line).slice(-1));
    this.leftOut ||= lines.length < count || count > mostLines;
    if (kept.length === 0 && !(this.ended && this.leftOut)) return nothing;
    const { leftOut } = this;
    this.leftOut = false;
    return { lines: kept.map(lineOf), leftOut };
  }

  /** Takes in what came since the last look. */
  private read(): void {
    if (this.lost) {
      this.decoder = new StringDecoder("utf8");
      this.rest = this.text = "";
      this.told = 0;
      this.clipped = this.leftOut = true;
      this.lost = false;
    }
    const decoded = this.decoder.write(this.pending.subarray(0, this.used));
    this.used = 0;
    const raw = this.rest + decoded + (this.ended ? this.decoder.end() : "");
    const open = this.ended ? null : begun.exec(raw.slice(-400));
    this.rest = open === null ? "" : open[0];
    this.text += stripVTControlCharacters(raw.slice(0, raw.length - this.rest.length));
    if (this.text.length < 2 * window) return;
    const away = this.text.length - window;
    this.text = this.text.slice(away);
    this.leftOut ||= away > this.told;
    this.told = Math.max(0, this.told - away);
    this.clipped = true;
  }

  /** Where what is there before a place ends for sure. */
  private settled(most: number): number {
    if (this.ended) return most;
    const places = wordsIn(this.text, 0, most);
    for (let end = most; ;) {
      const open = openFind(this.text.slice(0, most), end, places);
      if (open === undefined || open >= end) return end;
      end = open;
    }
  }

  /** The lines of a part of the text, redacted as one. */
  private shown(from: number, end: number): readonly string[] {
    const part = this.text.slice(from, end);
    if (mostlyBinary(part)) return ["(binary output)"];
    const clean = this.redactor.text(this.ended ? part : part + cutMark);
    const lines = linesIn(!this.ended && clean.endsWith(cutMark) ? clean.slice(0, -cutMark.length) : clean);
    return from > 0 || this.clipped ? lines.slice(1) : lines;
  }
}

function linesIn(text: string): readonly string[] {
  return text.split("\n").filter((line) => !isBlank(line));
}

/** What stood in the place of a line, one after the other: a return draws it again. */
function drawnIn(line: string): readonly string[] {
  return line.split("\r").filter((one) => !isBlank(one));
}

function lineOf(line: string): string {
  const text = printable(line.trim().replaceAll("\t", " "));
  return text.length > longestLine ? `${text.slice(0, longestLine)}${cutMark}` : text;
}

/** The place behind the last character of a kind, 0 where there is none. */
function afterLast(text: string, kind: RegExp): number {
  let at = text.length;
  while (at > 0 && !kind.test(text[at - 1] ?? "")) at--;
  return at;
}
