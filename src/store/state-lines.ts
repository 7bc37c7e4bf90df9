import type { FileHandle } from "node:fs/promises";
import { longestJournal } from "./layout.ts";
import type { StatePlace } from "./state-check.ts";
import { openState } from "./state-file.ts";

/** One line of a file, without its end. */
export interface StateLine {
  readonly first: boolean;
  readonly text: string;
}

/** Bytes that are read at a time. */
const piece = 1_048_576;
/** Bytes of a line that has no end yet; no record is longer. */
const longestLine = 16 * piece;
const newline = 0x0a;

/**
 * The lines of a file that have one of these texts, in their order; a last line without its end is one. The file
 * is read in pieces, so that no more is held than a piece and what was found.
 * @returns undefined when there is no file.
 * @throws StateFault, or what the disk says.
 */
export async function linesWith(
  path: string,
  texts: readonly string[],
  place: StatePlace = {},
): Promise<readonly StateLine[] | undefined> {
  const file = await openState(path, longestJournal, place);
  if (file === undefined) return undefined;
  try {
    const lines = new Lines(texts);
    const buffer = Buffer.allocUnsafe(piece);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, piece, null);
      if (bytesRead === 0) return lines.end();
      lines.take(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/**
 * The lines at the beginning and at the end of a file, however long it is: `bytes` of each, and between them
 * nothing where the file is short.
 * @returns undefined when there is no file. A line that was cut is none.
 * @throws StateFault, or what the disk says.
 */
export async function endLines(
  path: string,
  bytes: number,
  place: StatePlace = {},
): Promise<readonly string[] | undefined> {
  const file = await openState(path, Infinity, place);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const head = await textAt(file, 0, bytes);
    if (size <= bytes) return head.split("\n");
    const start = Math.max(bytes, size - bytes);
    const tail = (await textAt(file, start, size - start)).split("\n");
    if (start === bytes) return `${head}${tail.join("\n")}`.split("\n");
    return [...head.split("\n").slice(0, -1), ...tail.slice(1)];
  } finally {
    await file.close();
  }
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.toString("utf8", 0, bytesRead);
}

class Lines {
  private readonly needles: readonly Buffer[];
  /** How some of them begin, and those, byte for byte: a long file is searched once for all that begin alike. */
  private readonly families = new Map<string, string[]>();
  private readonly found: StateLine[] = [];
  private first = true;
  /** The line whose end has not come; of one that is too long nothing is kept. */
  private open: Buffer = Buffer.alloc(0);
  private tooLong = false;

  constructor(texts: readonly string[]) {
    this.needles = texts.map((text) => Buffer.from(text));
    for (const needle of this.needles) {
      const text = needle.toString("latin1");
      const beginning = text.slice(0, text.indexOf(".") + 1) || text;
      this.families.set(beginning, [...(this.families.get(beginning) ?? []), text]);
    }
  }

  take(bytes: Buffer): void {
    const end = bytes.indexOf(newline);
    if (end === -1) {
      this.keep(bytes);
      return;
    }
    this.keep(bytes.subarray(0, end));
    this.close();
    const last = bytes.lastIndexOf(newline) + 1;
    this.whole(bytes.subarray(end + 1, last));
    this.keep(bytes.subarray(last));
  }

  end(): readonly StateLine[] {
    this.close();
    return this.found;
  }

  private keep(bytes: Buffer): void {
    this.tooLong ||= this.open.length + bytes.length > longestLine;
    this.open = this.tooLong ? Buffer.alloc(0) : Buffer.concat([this.open, bytes]);
  }

  private close(): void {
    if (this.needles.some((needle) => this.open.includes(needle))) this.add(this.open);
    this.open = Buffer.alloc(0);
    this.tooLong = false;
    this.first = false;
  }

  /** Lines with their ends, none of them the first. They are searched as one: most have nothing of it. */
  private whole(bytes: Buffer): void {
    const starts = new Set<number>();
    for (const [beginning, texts] of this.families) {
      const longest = Math.max(...texts.map(({ length }) => length));
      for (let at = bytes.indexOf(beginning, 0, "latin1"); at !== -1;) {
        const here = bytes.toString("latin1", at, at + longest);
        const has = texts.some((text) => here.startsWith(text));
        if (has) starts.add(bytes.lastIndexOf(newline, at) + 1);
        at = bytes.indexOf(beginning, has ? bytes.indexOf(newline, at) : at + 1, "latin1");
      }
    }
    for (const start of [...starts].toSorted((a, b) => a - b)) {
      this.add(bytes.subarray(start, bytes.indexOf(newline, start)));
    }
  }

  private add(bytes: Buffer): void {
    this.found.push({ first: this.first, text: bytes.toString("utf8") });
  }
}
