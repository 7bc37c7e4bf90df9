import { createHash } from "node:crypto";
import { StateFault } from "./state-check.ts";
import { longestJournal } from "./layout.ts";
import { readStateSync } from "./state-file.ts";

/**
 * One line of a journal. `sum` is the SHA-256 of the line's text before it was added, and `prev` the `sum`
 * of the record before: a changed byte shows in its own record, a removed or moved one in the next. What
 * was cut off at the end shows only against a `head` that was written down elsewhere.
 */
export interface JournalRecord {
  readonly v: 1;
  readonly seq: number;
  /** UTC. */
  readonly time: string;
  /** Milliseconds since the writing process began: says what came after what when the clock steps. */
  readonly mono: number;
  readonly actor: string;
  readonly host: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly prev: string;
  readonly sum: string;
}

/** `prev` of the first record. */
export const genesis = "0".repeat(64);

export const newline = 0x0a;

/** The lines of whole lines, as bytes: two texts that differ only in what is not UTF-8 look the same. */
export function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(newline, at);
    if (end === -1) break;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The record's text with its sum. */
export function sealed(text: string): { readonly line: string; readonly sum: string } {
  const sum = sha256(text);
  return { line: `${text.slice(0, -1)},"sum":"${sum}"}`, sum };
}

/** Length of `,"sum":"…"}`. */
const sealLength = `,"sum":"${genesis}"}`.length;

/** What the record after this line must have as `prev`. */
export function sumOf(line: Buffer): string {
  return sha256(Buffer.concat([line.subarray(0, Math.max(0, line.length - sealLength)), Buffer.from("}")]));
}

export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  /** `sum` of the last whole record: written down elsewhere, it shows whether anything was cut off. */
  readonly head: string;
  /** The first record that does not hold, and why. */
  readonly problem: { readonly line: number; readonly message: string } | undefined;
  /** A last line without its end: the process that wrote it was killed. */
  readonly torn: boolean;
}

/**
 * Reads a journal and checks its chain. Records before the first problem are returned.
 * @param bytes what of it was read already
 * @throws StateFault, when it is no file of this user's own.
 */
export function readJournal(path: string, bytes: Buffer = journalBytes(path)): ReadJournal {
  const torn = bytes.length > 0 && bytes.at(-1) !== newline;
  const records: JournalRecord[] = [];
  let prev = genesis;
  for (const [index, line] of linesOf(bytes).entries()) {
    const record = check(line, prev, index + 1);
    if (typeof record === "string") {
      return { records, head: prev, problem: { line: index + 1, message: record }, torn };
    }
    records.push(record);
    prev = record.sum;
  }
  return { records, head: prev, problem: undefined, torn };
}

/** A journal's bytes, where it is one of this user's own. @throws StateFault */
export function journalBytes(path: string): Buffer {
  const bytes = readStateSync(path, longestJournal);
  if (bytes === undefined) throw new StateFault(`${path} does not exist`);
  return bytes;
}

/** The record, or what is wrong with it. */
function check(line: Buffer, prev: string, seq: number): JournalRecord | string {
  let record: Partial<JournalRecord> | null;
  try {
    record = JSON.parse(line.toString("utf8")) as Partial<JournalRecord> | null;
  } catch {
    return "is not a record";
  }
  if (record === null || typeof record !== "object") return "is not a record";
  if (record.v !== 1) return `has format ${String(record.v)}, which this version does not read`;
  if (record.sum !== sumOf(line)) return "was changed after it was written";
  if (record.prev !== prev) return "does not follow from the record before it";
  if (record.seq !== seq) return `is numbered ${String(record.seq)} and stands at ${seq}`;
  return record as JournalRecord;
}
