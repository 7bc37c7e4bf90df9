import { basename, dirname } from "node:path";
import { headsProblem, readSigned } from "./heads.ts";
import type { JournalLine, UnreadLine } from "./journal-record.ts";
import { misplaced } from "./misplaced.ts";

/** What can be said of a journal, from its bytes, its heads and the desk's public key. */
export interface VerifiedJournal {
  readonly path: string;
  readonly verdict: JournalVerdict;
  /** Lines that hold, from the first. */
  readonly records: number;
  /** The last of them, to be written down elsewhere: whoever cuts or rewrites it later is found out by that. */
  readonly head: string;
  /** The newest record that is signed. */
  readonly signed: number;
  /** Why it does not hold, or what cannot be said. */
  readonly message?: string;
  /** Kept and verified, and of a newer version or not readable. */
  readonly unread: readonly UnreadLine[];
  /** A last line without its end: it is being written, or its process was killed. */
  readonly torn: boolean;
}

export type JournalVerdict =
  | "holds"
  /** Every sum holds, and nothing is signed: that it was cut or made anew cannot be excluded. */
  | "unsigned"
  /** It holds, and a record must be understood that this version does not know. */
  | "incomplete"
  /** A line does not hold, or all of it is of another run. */
  | "changed"
  /** Signed records are gone. */
  | "cut"
  /** Every sum holds, and a record is another than the one that was signed. */
  | "rewritten"
  /** Signatures are gone, or are not the desk's. */
  | "removed"
  | "forged";

/** @param key the desk's public key; undefined where it has none. @throws StateFault */
export function verifyJournal(path: string, key: string | undefined): VerifiedJournal {
  const { journal, heads: found } = readSigned(path, key);
  const { length: records, head, unread, torn, problem } = journal;
  const seen = { path, records, head, unread, torn };
  if (problem !== undefined) {
    return { ...seen, verdict: "changed", signed: 0, message: `record ${problem.line} ${problem.message}` };
  }
  const elsewhere = ofAnother(basename(dirname(path)), journal.records);
  if (elsewhere !== undefined) return { ...seen, verdict: "changed", signed: 0, message: elsewhere };
  const why = headsProblem(found);
  if (found.verdict !== "signed" && found.verdict !== "unsigned") {
    return { ...seen, verdict: found.verdict, signed: 0, ...(why === undefined ? {} : { message: why }) };
  }
  const signed = found.verdict === "signed" ? found.to : 0;
  const must = unread.find((line) => line.must);
  if (must !== undefined) {
    const message = `record ${must.line} (${must.type}) was written by a newer lav-ir and cannot be ignored; upgrade lav-ir`;
    return { ...seen, verdict: "incomplete", signed, message };
  }
  if (signed > 0) return { ...seen, verdict: "holds", signed };
  const message = "no record is signed, so truncation or rewriting cannot be ruled out";
  return { ...seen, verdict: "unsigned", signed, message };
}

/** Whole and signed, a journal may still have been put into the folder of another run. */
function ofAnother(owner: string, records: readonly JournalLine[]): string | undefined {
  if (!owner.startsWith("RUN-")) return undefined;
  const runs = records.flatMap(({ data }) =>
    "run" in data && typeof data.run === "string" ? [data.run] : [],
  );
  const [other] = runs;
  return other === undefined || runs.includes(owner) ? undefined : misplaced(owner, other);
}
