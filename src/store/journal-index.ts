// Which lines of a journal a reader needs, beside the journal: `fold.cache`. It has places of lines and the digest of
// all bytes that it speaks of, and none of their text. Where the digest holds, those bytes are the ones whose chain was
// followed, so the lines are taken from the journal itself; where it does not, the file says nothing. It can be removed
// at any time.
import { createHash } from "node:crypto";
import { newline, sha256 } from "./chain.ts";
import { beginning, journalBytes, walkJournal, type ChainEnd, type JournalLine } from "./journal-record.ts";
import { longestIndex } from "./layout.ts";
import { readStateSync, writeStateSync } from "./state-file.ts";

/** Which records a reader needs, besides the first there is. */
export interface Selection {
  /** The rule by name, and the version of lav-ir whose rule it is: no other one's index is used. */
  readonly by: string;
  readonly needs: (record: JournalLine) => boolean;
}

/** A journal as far as its chain holds, of which only what a reader needs is there. */
export interface SelectedJournal extends ChainEnd {
  readonly records: readonly JournalLine[];
  /** How many of each type are left out. */
  readonly left: Readonly<Record<string, number>>;
  /** Lines that this version does not understand. */
  readonly unread: number;
  /** One of them must be understood. */
  readonly incomplete: boolean;
  /** The desk whose records they are, where they say so. */
  readonly desk: string | undefined;
  readonly problem: { readonly line: number; readonly message: string } | undefined;
}

interface JournalIndex extends ChainEnd {
  readonly v: 1;
  readonly by: string;
  /** How many bytes it speaks of, and their SHA-256. */
  readonly bytes: number;
  readonly digest: string;
  readonly left: Readonly<Record<string, number>>;
  readonly unread: number;
  readonly incomplete: boolean;
  readonly desk: string | undefined;
  /** Where each line that is needed begins behind the one before it, and how long it is. */
  readonly lines: readonly number[];
}

const nothing = {
  ...beginning,
  bytes: 0,
  left: {},
  unread: 0,
  incomplete: false,
  desk: undefined,
  lines: [],
} as const;
/** Bytes that an index must spare to be written. */
const worthwhile = 1_048_576;

export interface Indexing {
  readonly journal: string;
  readonly index: string;
  /** The state folder. */
  readonly root: string;
  readonly worth?: number;
}

/** Reads what of a journal is needed, with its index where that holds, and keeps the index. @throws StateFault */
export function readSelected(
  { journal, index: path, root, worth = worthwhile }: Indexing,
  selection: Selection,
): SelectedJournal {
  const bytes = journalBytes(journal);
  const known = indexIn(path, root, bytes, selection.by) ?? nothing;
  const { read, index } = select(bytes, known, selection);
  // What one desk needs of its own chain it may not need of two.
  if (index === undefined) return select(bytes, nothing, { ...selection, needs: () => true }, Infinity).read;
  if (read.problem === undefined && index.bytes - known.bytes >= worth) keep(path, root, index);
  return read;
}

function select(
  bytes: Buffer,
  known: Omit<JournalIndex, "v" | "by" | "digest">,
  { by, needs }: Selection,
  mostDesks = 1,
): { readonly read: SelectedJournal; readonly index: JournalIndex | undefined } {
  const records = recordsAt(bytes, known.lines);
  const lines = [...known.lines];
  const left: Record<string, number> = { ...known.left };
  const desks = new Set<string>(known.desk === undefined ? [] : [known.desk]);
  let end = endOf(known.lines);
  let { desk } = known;
  const walked = walkJournal(bytes.subarray(known.bytes), known, (record, line) => {
    desk = record.desk ?? desk;
    if (desk !== undefined) desks.add(desk);
    if (records.length > 0 && !needs(record)) {
      left[record.type] = (left[record.type] ?? 0) + 1;
      return;
    }
    const at = line.byteOffset - bytes.byteOffset;
    records.push(record);
    lines.push(at - end, line.length);
    end = at + line.length;
  });
  const { length, head, problem } = walked;
  const unread = known.unread + walked.unread.length;
  const incomplete = known.incomplete || walked.incomplete;
  const found = { length, head, left, unread, incomplete, desk };
  const read = { ...found, records, problem };
  if (desks.size > mostDesks) return { read, index: undefined };
  const covered = bytes.lastIndexOf(newline) + 1;
  const digest = problem === undefined ? digestOf(bytes, covered) : "";
  return { read, index: { v: 1, by, bytes: covered, digest, ...found, lines } };
}

function recordsAt(bytes: Buffer, lines: readonly number[]): JournalLine[] {
  const records: JournalLine[] = [];
  let end = 0;
  for (let n = 0; n < lines.length; n += 2) {
    const start = end + (lines[n] ?? 0);
    end = start + (lines[n + 1] ?? 0);
    records.push(JSON.parse(bytes.toString("utf8", start, end)) as JournalLine);
  }
  return records;
}

function endOf(lines: readonly number[]): number {
  return lines.reduce((sum, part) => sum + part, 0);
}

function digestOf(bytes: Buffer, length: number): string {
  return createHash("sha256").update(bytes.subarray(0, length)).digest("hex");
}

/** The index, where it is whole, of this rule, and of these bytes. */
function indexIn(path: string, root: string, bytes: Buffer, by: string): JournalIndex | undefined {
  try {
    const text = readStateSync(path, longestIndex, { root })?.toString("utf8") ?? "";
    const [sum, body = ""] = text.split("\n", 2);
    // Its own sum stands before it: whatever is behind that is as it was written.
    if (sum !== sha256(body)) return undefined;
    const index = JSON.parse(body) as JournalIndex;
    if (index.v !== 1 || index.by !== by || index.bytes > bytes.length) return undefined;
    return digestOf(bytes, index.bytes) === index.digest ? index : undefined;
  } catch {
    return undefined;
  }
}

/** It spares time, and nothing else: a disk that cannot be written keeps nobody from reading. */
function keep(path: string, root: string, index: JournalIndex): void {
  try {
    const body = JSON.stringify(index);
    if (body.length < longestIndex)
      writeStateSync(path, `${sha256(body)}\n${body}\n`, { root, flush: false });
  } catch {
    return;
  }
}
