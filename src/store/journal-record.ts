import { whyUnread, type JournalRecord } from "../events/record.ts";
import { genesis, linesOf, newline, sumOf } from "./chain.ts";
import { StateFault } from "./state-check.ts";
import type { Imported } from "../events/imported.ts";
import { longestJournal } from "./layout.ts";
import { readStateSync } from "./state-file.ts";

/**
 * What every line has besides its record. Lines of format 1 have neither desk nor boot; a journal that began with
 * them goes on with lines of format 2, in one chain.
 */
export interface Envelope {
  readonly v: 1 | 2;
  /** The installation that wrote it. */
  readonly desk?: string;
  readonly seq: number;
  /** UTC. */
  readonly time: string;
  /** Milliseconds since the writing process began: says what came after what when the clock steps. */
  readonly mono: number;
  /** That process: `mono` can be compared within it. */
  readonly boot?: string;
  readonly actor: string;
  readonly host: string;
  /** What of other desks' chains this one had, by name, written when that changed. */
  readonly seen?: Readonly<Record<string, number>>;
  /** Whoever does not understand this record must not say that it knows the whole. */
  readonly must?: true;
  /** It was put on record later, out of a block: then `time`, `actor` and `host` are those of the block. */
  readonly imported?: Imported;
  readonly prev: string;
  readonly sum: string;
}

/** One line of a journal: switch over `type`, and `data` is known. */
export type JournalLine = Envelope & JournalRecord;

/** A line that holds in the chain, and whose record this version does not understand. */
export interface UnreadLine {
  readonly line: number;
  readonly type: string;
  /** unknown: of a newer version. unreadable: of a type of ours, with data that is not what it must be. */
  readonly why: "unknown" | "unreadable";
  /** What is folded without it is incomplete. */
  readonly must: boolean;
}

export interface ReadJournal {
  readonly records: readonly JournalLine[];
  /** Lines that are verified and counted, and not understood. */
  readonly unread: readonly UnreadLine[];
  /** Lines that hold. */
  readonly length: number;
  /** Their sums, the first line's first. */
  readonly sums: readonly string[];
  /** A record that this version does not understand must be: a status is incomplete, and an upgrade is due. */
  readonly incomplete: boolean;
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
  const records: JournalLine[] = [];
  const walked = walkJournal(bytes, beginning, (record) => records.push(record));
  return { records, ...walked };
}

/** How far a chain was followed. */
export interface ChainEnd {
  /** Lines. */
  readonly length: number;
  /** `sum` of the last of them. */
  readonly head: string;
}

export const beginning: ChainEnd = { length: 0, head: genesis };

/**
 * Follows a chain from where it is known, and hands each record over that this version understands.
 * @param bytes the lines behind that place
 */
export function walkJournal(
  bytes: Buffer,
  from: ChainEnd,
  take: (record: JournalLine, line: Buffer) => void,
): Omit<ReadJournal, "records"> {
  const torn = bytes.length > 0 && bytes.at(-1) !== newline;
  const unread: UnreadLine[] = [];
  let { length, head: prev } = from;
  const sums: string[] = [];
  const walked = (problem: ReadJournal["problem"]): Omit<ReadJournal, "records"> => ({
    unread,
    length,
    sums,
    incomplete: unread.some(({ must }) => must),
    head: prev,
    problem,
    torn,
  });
  for (const line of linesOf(bytes)) {
    const found = check(line, prev, length + 1);
    if (typeof found === "string") return walked({ line: length + 1, message: found });
    prev = found.sum;
    length += 1;
    sums.push(prev);
    const why = whyUnread(found.type, found.data);
    // The line itself, and no copy: of a hundred thousand, copies are most of the time.
    if (why === undefined) take(found as JournalLine, line);
    else unread.push({ line: length, type: found.type, why, must: found.must === true });
  }
  return walked(undefined);
}

/** A journal's bytes, where it is one of this user's own. @throws StateFault */
export function journalBytes(path: string): Buffer {
  const bytes = readStateSync(path, longestJournal);
  if (bytes === undefined) throw new StateFault(`${path} does not exist`);
  return bytes;
}

/** A line whose place in the chain holds; what it says is not looked at yet. */
interface Linked extends Envelope {
  readonly type: string;
  readonly data: unknown;
}

/** The line, or what is wrong with it. */
function check(line: Buffer, prev: string, seq: number): Linked | string {
  let record: Partial<Linked> | null;
  try {
    record = JSON.parse(line.toString("utf8")) as Partial<Linked> | null;
  } catch {
    return "is not a record";
  }
  if (record === null || typeof record !== "object") return "is not a record";
  if (typeof record.v === "number" && record.v > 2)
    return `has format ${record.v}, written by a newer lav-ir; upgrade lav-ir`;
  if (record.v !== 1 && record.v !== 2) return `has the unknown format ${String(record.v)}`;
  if (record.sum !== sumOf(line)) return "was changed after it was written";
  if (record.prev !== prev) return "does not follow from the record before it";
  if (record.seq !== seq) return `is numbered ${String(record.seq)} but is record ${seq}`;
  return isWhole(record) ? record : "is not a record";
}

function isWhole(record: Partial<Linked>): record is Linked {
  const { v, desk, boot, time, mono, actor, host, type } = record;
  const mine = v === 2 ? [desk, boot] : [];
  const texts = [time, actor, host, type, ...mine].every((value) => typeof value === "string");
  return texts && typeof mono === "number" && !Number.isNaN(Date.parse(time ?? ""));
}
