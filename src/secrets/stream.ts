// Redacts what comes in pieces, from channels that interleave. The question is where a text may be cut, because a
// secret across a cut is in neither half as a rule would see it; safe-cut.ts answers it, and
// docs/decisions/0001-redaction-cuts-where-no-secret-lies.md has the argument, its diagram and where it fails.
//
//   write -> channel: bytes to characters -> lines put together (only with several channels) -> text
//   text of a window or more -> safeCut -> hand on what is before the cut, redacted; keep the rest
//
// What must not be broken:
// - At least `around` characters stay behind a cut until `end`: without them safe-cut.ts would compare with
//   nothing.
// - `around` covers the longest known secret in its longest shape (six times as long).
// - A line of one channel is whole before it stands beside a line of another; a private key keeps its lines
//   together.
// - Where no cut is found within `longest`, the text is withheld and the rest of its line dropped: it continues
//   something that nobody could scan. Showing it would be worse than losing it, and it is counted.
// - `worthTrying` doubles after a failure: trying again with each piece would cost the square of the text.

import { StringDecoder } from "node:string_decoder";
import type { Redactor } from "./redactor.ts";
import { margin, marginOfLine, safeCut } from "./safe-cut.ts";

/** Characters that are redacted at once: few enough that the strings are collected with the young ones. */
const window = 65_536;
/** Where no cut is safe for so long, the text is one that cannot be scanned. */
const longest = 1_048_576;
/** A line of a channel is held back up to here, so that another channel's lines do not cut it. */
const longestLine = 65_536;
/** Bytes taken in at once. */
const bite = 32_768;

interface Channel {
  readonly decoder: StringDecoder;
  /** A line that has not ended. */
  rest: string;
  /** What comes is dropped up to the next line: it continues something that was withheld. */
  dropping: boolean;
}

/**
 * Redacts a text that comes in pieces. Pieces may end anywhere, also within a character or a secret: what
 * is handed on is cut only where no secret can be. Holds a megabyte or two at most.
 */
export class RedactStream {
  private readonly redactor: Redactor;
  private readonly out: (clean: string) => void;
  private readonly around: number;
  private readonly aroundLine: number;
  private readonly channels = new Map<string, Channel>();
  private text = "";
  private worthTrying = window;
  /** Characters that were withheld because they could not be scanned. */
  withheld = 0;

  /** @param longestSecret characters of the longest known secret; written another way it may be six times that. */
  constructor(redactor: Redactor, out: (clean: string) => void, longestSecret = 0) {
    this.redactor = redactor;
    this.out = out;
    this.around = Math.min(Math.max(margin, longestSecret * 6), window / 2);
    // Wrapped over lines it is seldom four times as long: in hexadecimal twice, and indented.
    this.aroundLine = Math.max(marginOfLine, longestSecret * 4);
  }

  write(piece: string | Uint8Array, name = ""): void {
    const channel = this.channelOf(name);
    for (let at = 0; at < piece.length; at += bite) {
      const part =
        typeof piece === "string"
          ? piece.slice(at, at + bite)
          : channel.decoder.write(
              Buffer.from(piece.buffer, piece.byteOffset + at, Math.min(bite, piece.length - at)),
            );
      this.take(channel, part);
    }
  }

  end(): void {
    for (const channel of this.channels.values()) {
      this.take(channel, channel.decoder.end());
      this.text += channel.rest;
      channel.rest = "";
    }
    this.flush(0);
    this.hand(this.text);
    this.text = "";
  }

  private channelOf(name: string): Channel {
    const known = this.channels.get(name);
    if (known !== undefined) return known;
    // The only channel so far did not hold its last line back.
    const [alone] = this.channels.size === 1 ? this.channels.values() : [];
    if (alone !== undefined) {
      const end = this.text.lastIndexOf("\n") + 1;
      alone.rest = this.text.slice(end);
      this.text = this.text.slice(0, end);
    }
    const channel: Channel = { decoder: new StringDecoder("utf8"), rest: "", dropping: false };
    this.channels.set(name, channel);
    return channel;
  }

  private take(channel: Channel, piece: string): void {
    const part = channel.dropping ? this.afterDropped(channel, piece) : piece;
    if (this.channels.size === 1) this.text += part;
    else this.assemble(channel, part);
    if (this.text.length >= this.worthTrying) this.flush(this.around, channel);
  }

  private afterDropped(channel: Channel, piece: string): string {
    const end = piece.indexOf("\n") + 1;
    this.withheld += end === 0 ? piece.length : end;
    if (end === 0) return "";
    channel.dropping = false;
    return piece.slice(end);
  }

  private assemble(channel: Channel, part: string): void {
    channel.rest += part;
    if (part.includes("\n")) {
      const end = beforeKey(channel.rest, channel.rest.lastIndexOf("\n") + 1);
      this.text += channel.rest.slice(0, end);
      channel.rest = channel.rest.slice(end);
    }
    if (channel.rest.length < longestLine) return;
    const cut = safeCut(
      channel.rest,
      channel.rest.length - this.around,
      this.redactor,
      this.around,
      this.aroundLine,
    );
    if (cut > 0) {
      this.text += channel.rest.slice(0, cut);
      channel.rest = channel.rest.slice(cut);
    } else if (channel.rest.length > longest) {
      this.text += this.withhold(channel.rest.length);
      channel.rest = "";
      channel.dropping = true;
    }
  }

  /** Hands on what can be cut off safely, keeping `keep` characters and what belongs to them. */
  private flush(keep: number, channel?: Channel): void {
    while (this.text.length >= window) {
      const most = Math.min(window, this.text.length - keep);
      const cut = this.cutWithin(most);
      if (cut === 0) {
        // What lies across every place goes on for long: twice as much is worth another look.
        this.worthTrying = 2 * this.text.length;
        break;
      }
      this.worthTrying = window;
      this.hand(this.text.slice(0, cut));
      this.text = this.text.slice(cut);
    }
    if (this.text.length <= longest) return;
    this.text = this.withhold(this.text.length);
    this.worthTrying = window;
    if (channel !== undefined) channel.dropping = true;
  }

  /** Near the window's end when that will do, else further on: something long may lie across it. */
  private cutWithin(most: number): number {
    for (let limit = most; limit <= this.text.length - this.around; limit += limit) {
      const cut = safeCut(this.text, limit, this.redactor, this.around, this.aroundLine);
      if (cut > 0) return cut;
    }
    return 0;
  }

  private withhold(characters: number): string {
    this.withheld += characters;
    return `‹withheld: ${characters} characters that could not be scanned›\n`;
  }

  private hand(text: string): void {
    if (text === "") return;
    this.out(mostlyBinary(text) ? this.withhold(text.length) : this.redactor.text(text));
  }
}

/** The end of a text's last line before a private key that has begun and not ended: its lines stay together. */
function beforeKey(text: string, end: number): number {
  const begun = text.lastIndexOf("-----BEGIN ", end);
  if (begun === -1 || text.indexOf("-----END ", begun) !== -1) return end;
  return text.slice(begun, begun + 60).includes("PRIVATE KEY") ? text.lastIndexOf("\n", begun) + 1 : end;
}

/** Text of two bytes a character hides a secret from every rule; its NULs give it away. */
export function mostlyBinary(text: string): boolean {
  if (!text.includes("\0")) return false;
  let nuls = 0;
  for (let at = text.indexOf("\0"); at !== -1; at = text.indexOf("\0", at + 1)) nuls++;
  return nuls > text.length / 64;
}
