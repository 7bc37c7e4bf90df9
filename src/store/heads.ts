import { createHash, type KeyObject } from "node:crypto";
import { armoured, holdsFor, readSshSignature, signatureBlob } from "../ssh/sshsig.ts";
import { isSigned } from "../events/signed.ts";
import { headsFile } from "./layout.ts";
import { readStateSync } from "./state-file.ts";
import { readJournal, type ReadJournal } from "./journal-record.ts";

/**
 * Signed heads of a journal, in `journal.heads` beside it: a line for each record that is signed (`events/signed.ts`),
 *
 *     ny1 42 3fa9c1d2…  U1NIU0lH…
 *     desk, number and sum of the record; the signature of these three words and a line end, in base64
 *
 * as `ssh-keygen -Y verify -n lav-ir-head` checks it. The sums of a journal show that a byte was changed. These show
 * that all sums were made anew, and that records were cut off at the end: the head still names them.
 *
 * A process may be killed between a record and its head, so the last signed record may lack one. Whoever has the
 * desk's key, or puts an older copy of both files in place, is not found out by this: a head that was written down
 * elsewhere shows that.
 */

/** What `ssh-keygen -Y` is told with -n. */
export const headNamespace = "lav-ir-head";

export interface Head {
  readonly desk: string;
  readonly seq: number;
  readonly sum: string;
}

/** The line of one head. */
export function signedHead(head: Head, key: KeyObject): string {
  const text = headText(head);
  return `${text} ${signatureBlob(key, digestOf(text), headNamespace).toString("base64")}\n`;
}

/** What is signed, without its line end. */
function headText({ desk, seq, sum }: Head): string {
  return `${desk} ${seq} ${sum}`;
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(`${text}\n`).digest();
}

/** What the heads say of a journal whose chain holds. */
export type HeadsVerdict =
  /** Records up to this number are signed; what follows came after, and nothing signed is missing. */
  | { readonly verdict: "signed"; readonly to: number }
  /** Nothing in it is of a kind that is signed, or it was written before heads were. */
  | { readonly verdict: "unsigned" }
  /** A record that is signed is not there any more. */
  | { readonly verdict: "cut"; readonly signed: number; readonly left: number }
  /** The record of that number is another than the one that was signed. */
  | { readonly verdict: "rewritten"; readonly line: number }
  /** Records that must be signed have no head: the first of them. */
  | { readonly verdict: "removed"; readonly line: number }
  /** A head's signature does not hold, or is by another key; which head. */
  | { readonly verdict: "forged"; readonly head: number; readonly why: string };

/** Bytes of a file of heads: about 250 each. */
const longest = 64 * 1_048_576;

/** A journal, and what its heads say of it. */
export interface SignedJournal {
  readonly journal: ReadJournal;
  readonly heads: HeadsVerdict;
}

/**
 * Reads a journal and holds it against its heads. Others may be writing: a head that was there before the journal was
 * read must be in it, and a record that was read must have its head afterwards.
 * @param key the desk's public key, `ssh-ed25519 AAAA…`; undefined where it has none
 * @throws StateFault
 */
export function readSigned(path: string, key: string | undefined): SignedJournal {
  const before = headLines(path).length;
  const journal = readJournal(path);
  return { journal, heads: judge(journal, headLines(path), before, key) };
}

function headLines(path: string): readonly string[] {
  const text = readStateSync(headsFile(path), longest)?.toString("utf8") ?? "";
  // What a killed process left behind the last line end is no head yet.
  return text.split("\n").slice(0, -1);
}

function judge(
  journal: ReadJournal,
  lines: readonly string[],
  before: number,
  key: string | undefined,
): HeadsVerdict {
  const { length, sums } = journal;
  let to = 0;
  for (const [index, line] of lines.entries()) {
    const head = readHead(line, key);
    if (typeof head === "string") return { verdict: "forged", head: index + 1, why: head };
    if (head.seq > length && index >= before) break;
    if (head.seq > length) return { verdict: "cut", signed: head.seq, left: length };
    if (sums[head.seq - 1] !== head.sum) return { verdict: "rewritten", line: head.seq };
    to = Math.max(to, head.seq);
  }
  const bare = journal.records.filter((line) => line.v === 2 && line.seq > to && isSigned(line));
  const [first] = bare;
  if (first !== undefined && bare.length > 1) return { verdict: "removed", line: first.seq };
  return to === 0 ? { verdict: "unsigned" } : { verdict: "signed", to };
}

/** @returns why it is none, as it completes "its head …" */
function readHead(line: string, key: string | undefined): Head | string {
  const [, desk = "", seq = "", sum = "", blob = ""] =
    /^(\S+) ([1-9]\d{0,14}) ([0-9a-f]{64}) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  if (blob === "") return "is not a signature";
  const head = { desk, seq: Number(seq), sum };
  const signature = readSshSignature(armoured(blob));
  if (typeof signature === "string") return `has no signature: ${signature}`;
  if (!holdsFor(signature, digestOf(headText(head)), headNamespace)) return "was changed after it was signed";
  return key === `ssh-ed25519 ${signature.publicKey}` ? head : "is signed by a key that is not this desk's";
}

/** Why a journal is not believed, in words that complete "PATH: "; undefined where it is. */
export function headsProblem(found: HeadsVerdict): string | undefined {
  switch (found.verdict) {
    case "signed":
    case "unsigned":
      return undefined;
    case "cut":
      return `the journal was truncated: record ${found.signed} is signed, but only ${found.left} records are left`;
    case "rewritten":
      return `the journal was rewritten: record ${found.line} differs from the one that was signed`;
    case "removed":
      return `signatures were removed: record ${found.line} must be signed`;
    case "forged":
      return `head ${found.head} ${found.why}`;
  }
}
