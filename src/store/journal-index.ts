// Which lines of a journal a reader needs, beside the journal: `fold.cache`. It has places of lines, the digest of all
// bytes that it speaks of, and no text that anybody typed. Where the digest holds, those bytes are the ones whose chain
// was followed, so the lines are taken from the journal itself; where it does not, the file says nothing. Instead of
// lines it may have what the reader made of them, of the same bytes: that holds as long as nothing behind them says
// otherwise of what is before. It can be removed at any time.
//
// Its sum is keyed with this state folder's own key. Whoever can read that key writes the journal as well, and only what
// is signed speaks against them; but a folder of one incident comes from elsewhere too: from a backup, from a colleague
// for a review. There the journal can be verified against its heads, and this file by nothing: without the key a `status`
// could leave out what `incident verify` finds whole.
import { createHash, createHmac } from "node:crypto";
import type { Json } from "../base/json.ts";
import { newline } from "./chain.ts";
import { beginning, journalBytes, walkJournal, type ChainEnd, type JournalLine } from "./journal-record.ts";
import { longestIndex } from "./layout.ts";
import { tokenKey } from "./redaction-key.ts";
import { readStateSync, writeStateSync } from "./state-file.ts";

/** Which records a reader needs, besides the first there is. */
export interface Selection {
  /** The rule by name, and the version of lav-ir whose rule it is: no other one's index is used. */
  readonly by: string;
  readonly needs: (record: JournalLine) => boolean;
  /**
   * What a record tells the standing of, where it does: once a later one tells it, an earlier one that `passes` is not
   * needed any more.
   */
  readonly standing?: {
    readonly of: (record: JournalLine) => string | undefined;
    readonly passes: (record: JournalLine) => boolean;
  };
  /**
   * What the reader made of the records up to some place can be kept instead of them: whether something is that, which
   * ones it stands for, and behind which one it does not hold any more.
   */
  readonly checkpoint?: {
    readonly is: (kept: Json) => boolean;
    readonly covers: (record: JournalLine) => boolean;
    readonly bars: (record: JournalLine) => boolean;
  };
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
  /** What was kept instead of records. */
  readonly checkpoint: Json | undefined;
  /** To be called where the index is worth being made anew, with what can be kept, if anything, of all records. */
  readonly renew: ((checkpoint: Json | undefined) => void) | undefined;
}

interface JournalIndex extends ChainEnd {
  readonly v: 2;
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
  readonly checkpoint?: Json;
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

/** Reads what of a journal is needed, with its index where that holds. @throws StateFault */
export function readSelected(
  { journal, index: path, root, worth = worthwhile }: Indexing,
  selection: Selection,
): SelectedJournal {
  const bytes = journalBytes(journal);
  const known = indexIn(path, root, bytes, selection) ?? nothing;
  const first = select(bytes, known, selection);
  const found = first.barred ? select(bytes, nothing, selection) : first;
  const { read, from } = found;
  // What one desk needs of its own chain it may not need of two.
  if (found.desks > 1) {
    const all = select(bytes, nothing, { by: selection.by, needs: () => true });
    return { ...all.read, renew: undefined };
  }
  const covered = bytes.lastIndexOf(newline) + 1;
  if (read.problem !== undefined || covered - from < worth) return { ...read, renew: undefined };
  const renew = (checkpoint: Json | undefined): void => {
    const { length, head, unread, incomplete, desk } = read;
    const { places, left } = found.lines.found(checkpoint === undefined ? undefined : selection.checkpoint);
    const said = { length, head, left, unread, incomplete, desk, lines: places };
    const own = {
      v: 2 as const,
      by: selection.by,
      bytes: covered,
      digest: digestOf(bytes, covered),
      ...said,
    };
    keep(path, root, checkpoint === undefined ? own : { ...own, checkpoint });
  };
  return { ...read, renew };
}

function select(bytes: Buffer, known: Omit<JournalIndex, "v" | "by" | "digest">, selection: Selection) {
  const lines = new NeededLines(bytes, known, selection);
  const desks = new Set<string>(known.desk === undefined ? [] : [known.desk]);
  const { checkpoint } = known;
  let { desk } = known;
  let barred = false;
  const walked = walkJournal(bytes.subarray(known.bytes), known, (record, line) => {
    desk = record.desk ?? desk;
    if (desk !== undefined) desks.add(desk);
    barred ||= checkpoint !== undefined && selection.checkpoint?.bars(record) !== false;
    lines.take(record, line);
  });
  const { length, head, problem } = walked;
  const unread = known.unread + walked.unread.length;
  const incomplete = known.incomplete || walked.incomplete;
  const { records, left } = lines.found(undefined);
  const read = { length, head, left, unread, incomplete, desk, records, problem, checkpoint };
  // Barred: what was kept instead of records does not hold behind them.
  return { read, lines, desks: desks.size, from: known.bytes, barred };
}

interface Line {
  readonly record: JournalLine;
  readonly at: number;
  readonly length: number;
}

/** The lines that a selection needs so far. */
class NeededLines {
  private readonly bytes: Buffer;
  private readonly selection: Selection;
  private readonly left: Record<string, number>;
  private readonly lines: (Line | undefined)[];
  /** Where in the lines the one stands that tells a standing, and passes. */
  private readonly passing = new Map<string, number>();

  constructor(bytes: Buffer, { lines, left }: Pick<JournalIndex, "lines" | "left">, selection: Selection) {
    this.bytes = bytes;
    this.selection = selection;
    this.left = { ...left };
    this.lines = linesAt(bytes, lines);
    for (const [index, line] of this.lines.entries()) if (line !== undefined) this.stand(line.record, index);
  }

  /** @param line a part of the bytes */
  take(record: JournalLine, line: Buffer): void {
    // The first one is always needed.
    if (this.lines.length > 0 && !this.selection.needs(record)) {
      this.leave(record);
      return;
    }
    this.stand(record, this.lines.length);
    this.lines.push({ record, at: line.byteOffset - this.bytes.byteOffset, length: line.length });
  }

  private stand(record: JournalLine, index: number): void {
    const { standing } = this.selection;
    const of = standing?.of(record);
    if (standing === undefined || of === undefined) return;
    const before = this.passing.get(of);
    const line = before === undefined ? undefined : this.lines[before];
    if (before !== undefined && line !== undefined) {
      this.leave(line.record);
      this.lines[before] = undefined;
    }
    if (standing.passes(record) && index > 0) this.passing.set(of, index);
    else this.passing.delete(of);
  }

  private leave({ type }: JournalLine): void {
    this.left[type] = (this.left[type] ?? 0) + 1;
  }

  /** @param but what is kept by something else; the first one always is a line */
  found(but: Selection["checkpoint"]) {
    const lines = this.lines.filter(
      (line, at): line is Line => line !== undefined && (at === 0 || but?.covers(line.record) !== true),
    );
    const places: number[] = [];
    let end = 0;
    for (const { at, length } of lines) {
      places.push(at - end, length);
      end = at + length;
    }
    return { records: lines.map(({ record }) => record), places, left: this.left };
  }
}

function linesAt(bytes: Buffer, places: readonly number[]): Line[] {
  const lines: Line[] = [];
  let end = 0;
  for (let n = 0; n < places.length; n += 2) {
    const at = end + (places[n] ?? 0);
    const length = places[n + 1] ?? 0;
    end = at + length;
    lines.push({ record: JSON.parse(bytes.toString("utf8", at, end)) as JournalLine, at, length });
  }
  return lines;
}

/** The sum of a cache's text in this state folder. */
export function keyedSum(root: string, body: string): string {
  return createHmac("sha256", tokenKey(root, undefined)).update(`fold.cache ${body}`).digest("hex");
}

function digestOf(bytes: Buffer, length: number): string {
  return createHash("sha256").update(bytes.subarray(0, length)).digest("hex");
}

/** The index, where it is whole, of this rule, and of these bytes. */
function indexIn(
  path: string,
  root: string,
  bytes: Buffer,
  { by, checkpoint }: Selection,
): JournalIndex | undefined {
  try {
    const text = readStateSync(path, longestIndex, { root })?.toString("utf8") ?? "";
    const [sum = "", body = ""] = text.split("\n", 2);
    // Its own sum stands before it: whatever is behind that is as it was written here. Nobody's key is made for nothing.
    if (sum === "" || sum !== keyedSum(root, body)) return undefined;
    const index = JSON.parse(body) as JournalIndex;
    if (index.v !== 2 || index.by !== by || index.bytes > bytes.length) return undefined;
    if (index.checkpoint !== undefined && checkpoint?.is(index.checkpoint) !== true) return undefined;
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
      writeStateSync(path, `${keyedSum(root, body)}\n${body}\n`, { root, flush: false });
  } catch {
    return;
  }
}
