// The second lock behind redaction: the bytes of a bundle, as they are packed, are searched for every known secret
// in every shape but wrapped, and a bundle with a find is not sealed. It knows no rules; it knows what must not be there.
//
// The search is search.ts's (see there), over bytes and without a filter for beginnings. Chunks come one after the
// other: each must repeat `overlap` bytes of the one before it, or a secret across the seam is missed. After a find
// the search goes on one byte further, since another text may begin inside.
//
// A find is not yet a leak. A token holds hexadecimal digits, and eight of them may spell a short secret in some
// shape. So `leftStanding` redacts the neighbourhood again: what redaction takes out, or what holds a NUL (text of
// two bytes a character), was left standing; what it leaves alone is a token. `around` must be longer than any
// token.

import { isOwnWord } from "./own-words.ts";
import { shapesOf } from "./shapes.ts";
import { shortestSecret, type Redactor } from "./redactor.ts";

/**
 * Searches bytes for any of many texts at once, faster than they can be compressed: steps over as many
 * bytes as the shortest text allows wherever the two bytes it looks at are in none of them (Wu and Manber).
 */
export class SecretScan {
  private readonly shortest: number;
  private readonly shift: Uint8Array;
  private readonly byBlock = new Map<number, Buffer[]>();
  /** Bytes of the longest text: what a chunk must repeat of the one before it. */
  readonly overlap: number;

  constructor(secrets: Iterable<string>) {
    const texts = new Map<string, Buffer>();
    for (const secret of new Set(secrets)) {
      // A bag is made of words of ours: one that is a secret as well would keep each from being sealed.
      if (secret.length < shortestSecret || isOwnWord(secret)) continue;
      for (const bytes of [
        ...shapesOf(secret).flatMap(({ find, piece }) => (piece ? [] : [Buffer.from(find)])),
        Buffer.from(secret, "utf16le"),
      ]) {
        texts.set(bytes.toString("latin1"), bytes);
      }
    }
    const lengths = [...texts.values()].map(({ length }) => length);
    this.shortest = Math.min(255, ...lengths);
    this.overlap = Math.max(1, ...lengths) - 1;
    this.shift = new Uint8Array(65_536).fill(this.shortest - 1);
    for (const bytes of texts.values()) this.add(bytes);
  }

  private add(bytes: Buffer): void {
    for (let at = 0; at + 1 < this.shortest; at++) {
      const block = bytes.readUInt16BE(at);
      const step = this.shortest - 2 - at;
      this.shift[block] = Math.min(this.shift[block] ?? 0, step);
      if (step === 0) this.byBlock.set(block, [...(this.byBlock.get(block) ?? []), bytes]);
    }
  }

  /** Where the first one from `start` on begins, or -1. */
  find(bytes: Buffer, start = 0): number {
    if (this.byBlock.size === 0) return -1;
    const { shift, shortest } = this;
    for (let at = start + shortest - 1; at < bytes.length;) {
      const block = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
      const step = shift[block] ?? 0;
      if (step > 0) {
        at += step;
        continue;
      }
      const from = at - shortest + 1;
      for (const text of this.byBlock.get(block) ?? []) {
        if (
          from + text.length <= bytes.length &&
          bytes.compare(text, 0, text.length, from, from + text.length) === 0
        )
          return from;
      }
      at++;
    }
    return -1;
  }
}

/** Characters around a find that decide whether it is one: a token may spell what a secret does. */
const around = 512;

/** A known secret that redaction left standing. @returns where it begins, or -1. */
export function leftStanding(scan: SecretScan, bytes: Buffer, redactor: Redactor): number {
  for (let at = scan.find(bytes); at !== -1; at = scan.find(bytes, at + 1)) {
    const near = bytes.subarray(Math.max(0, at - around), at + scan.overlap + around).toString("utf8");
    if (redactor.text(near) !== near || near.includes("\0")) return at;
  }
  return -1;
}

/** What packs or encrypts: a secret in it cannot be seen. By their first bytes, in hexadecimal. */
const packed: Readonly<Record<string, string>> = {
  "1f8b": "gzip",
  "504b0304": "zip",
  "28b52ffd": "zstd",
  fd377a585a00: "xz",
  "425a68": "bzip2",
  "377abcaf271c": "7z",
  "04224d18": "lz4",
};

/** Why bytes of a file's beginning cannot be searched for secrets, in a few words. */
export function packedAs(bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 8).toString("hex");
  const name = Object.entries(packed).find(([magic]) => start.startsWith(magic))?.[1];
  return name === undefined ? undefined : `it is packed (${name}) and cannot be searched for secrets`;
}
