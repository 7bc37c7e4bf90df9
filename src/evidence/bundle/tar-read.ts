// Reads a bundle's tar, and refuses whatever this tool would not have written. A reader that accepts more than the
// writer makes is where two programs see two archives: a second header for a name, a link, bytes behind the end, a
// number with other padding. So each header is made again from what was read of it and compared as a whole
// (`isOurs`).
//
//   a header | the file's bytes (left) | zeros to the block's end (pad) | next header … | two blocks of zeros
//
// It is a machine that is fed pieces of any size: `take` uses what it can and says how much, 0 for "not a whole
// header yet". Nothing is held but a block and a piece.
//
// What must not be broken: a problem is told and reading goes on where the rest can still be understood, so that
// `verify` names all of them; after damage to a header, or bytes behind the end, nothing that follows can be
// trusted, and it stops (`lose`). Nothing is ever written to a disk here, so a path such as ../x is a finding and
// no danger.

import { blockSize, checksum, padding, tarHeader } from "./tar.ts";

/** What is wrong with an archive itself, whatever stands in it. */
export type TarProblem =
  | "absolute"
  | "parent"
  | "link"
  | "device"
  | "not-a-file"
  | "header"
  | "padding"
  | "trailing"
  | "cut-off"
  | "damaged";

export interface TarEvents {
  /** A regular file begins; its bytes follow. */
  file(path: string, size: number): void;
  bytes(part: Buffer): void;
  /** The file that began is over. */
  done(): void;
  problem(type: TarProblem, path: string): void;
}

const kinds: Readonly<Record<string, TarProblem>> = {
  "1": "link",
  "2": "link",
  "3": "device",
  "4": "device",
  "6": "device",
};

/**
 * Reads a tar as it comes, and nothing but the tar this tool writes: every block must be what `tarHeader`
 * would have made, so that nothing can hide between the files. Holds a block and a chunk at most.
 */
export class TarReader {
  private readonly events: TarEvents;
  private rest: Buffer = Buffer.alloc(0);
  private path = "";
  private left = 0;
  private pad = 0;
  private inFile = false;
  private zeros = 0;
  private lost = false;

  constructor(events: TarEvents) {
    this.events = events;
  }

  push(chunk: Buffer): void {
    if (this.lost) return;
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (bytes.length > 0 && !this.lost) {
      const used = this.take(bytes);
      if (used === 0) break;
      bytes = bytes.subarray(used);
    }
    this.rest = Buffer.from(bytes);
  }

  /** No more comes. */
  end(): void {
    if (this.lost || (this.zeros >= 2 && this.rest.length === 0)) return;
    if (this.zeros >= 2) this.events.problem("trailing", "");
    else this.events.problem("cut-off", this.path);
  }

  /** @returns how many bytes it took; 0 when it needs more of them. */
  private take(bytes: Buffer): number {
    if (this.zeros >= 2) return this.lose("trailing");
    if (this.left > 0) {
      const part = bytes.subarray(0, Math.min(this.left, bytes.length));
      this.left -= part.length;
      if (this.inFile) this.events.bytes(part);
      if (this.left === 0) this.finish();
      return part.length;
    }
    if (this.pad > 0) {
      const part = bytes.subarray(0, Math.min(this.pad, bytes.length));
      this.pad -= part.length;
      if (part.some((byte) => byte !== 0)) this.events.problem("padding", this.path);
      return part.length;
    }
    if (bytes.length < blockSize) return 0;
    this.block(bytes.subarray(0, blockSize));
    return blockSize;
  }

  private finish(): void {
    if (this.inFile) this.events.done();
    this.inFile = false;
  }

  private lose(type: TarProblem): number {
    this.events.problem(type, type === "trailing" ? "" : this.path);
    this.lost = true;
    return 0;
  }

  private block(header: Buffer): void {
    if (header.every((byte) => byte === 0)) {
      this.zeros++;
      return;
    }
    if (this.zeros > 0 || readOctal(header, 148, 8) !== checksum(header)) {
      this.lose("damaged");
      return;
    }
    const size = readSize(header);
    if (size === undefined) {
      this.lose("damaged");
      return;
    }
    const prefix = readText(header, 345, 155);
    this.path = `${prefix === "" ? "" : `${prefix}/`}${readText(header, 0, 100)}`;
    this.left = size;
    this.pad = padding(size).length;
    this.judge(header, size);
    if (size === 0) this.finish();
  }

  private judge(header: Buffer, size: number): void {
    const type = String.fromCharCode(header[156] ?? 0);
    this.inFile = type === "0";
    if (this.path.startsWith("/")) this.events.problem("absolute", this.path);
    else if (this.path.split("/").includes("..")) this.events.problem("parent", this.path);
    if (!this.inFile) {
      this.events.problem(kinds[type] ?? "not-a-file", this.path);
      return;
    }
    const time = new Date((readOctal(header, 136, 12) ?? 0) * 1000);
    if (!isOurs(header, this.path, size, time)) this.events.problem("header", this.path);
    this.events.file(this.path, size);
  }
}

function isOurs(header: Buffer, path: string, size: number, time: Date): boolean {
  try {
    return tarHeader(path, size, time).equals(header);
  } catch {
    return false;
  }
}

function readText(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString("latin1");
}

function readOctal(header: Buffer, at: number, length: number): number | undefined {
  const digits = /^ *([0-7]+)[\0 ]*$/.exec(header.toString("latin1", at, at + length))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function readSize(header: Buffer): number | undefined {
  if (header[124] !== 0x80) return readOctal(header, 124, 12);
  const size = Number(header.readBigUInt64BE(128));
  return Number.isSafeInteger(size) ? size : undefined;
}
