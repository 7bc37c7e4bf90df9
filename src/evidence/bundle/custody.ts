import { createHash } from "node:crypto";
import { jsonText } from "../../base/json.ts";
import type { Clock } from "../../ports/ports.ts";

/** Who did what to the evidence. Each row's `sum` is the hash of its text before the sum was added; `prev` is the sum before it. */
export interface CustodyRow {
  readonly seq: number;
  /** UTC, and milliseconds since the process began. */
  readonly time: string;
  readonly mono: number;
  readonly actor: string;
  readonly host: string;
  readonly act: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly prev: string;
  readonly sum: string;
}

/** The act of the last row, and what it binds: whoever changes a sealed bag has to write the chain anew. */
export const sealedAct = "bag.sealed";

export interface Bound {
  /** SHA-256 of the manifest of all files below data/, and how many those are. */
  readonly manifest: string;
  readonly entries: number;
  /** SHA-256 of each of the bag's own files, but for the chain itself and what is made after it. */
  readonly files: Readonly<Record<string, string>>;
}

/** What the last row binds, and the sums before and of it; undefined where it is no such row. */
export function boundBy(
  text: string,
):
  | { readonly bound: Readonly<Record<string, unknown>>; readonly prev: unknown; readonly head: string }
  | undefined {
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const head = sumIn(last);
  const row = parsed(last);
  if (head === undefined || row?.["act"] !== sealedAct) return undefined;
  const { data, prev } = row;
  if (typeof data !== "object" || data === null) return undefined;
  return { bound: data as Readonly<Record<string, unknown>>, prev, head };
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === "object" && row !== null ? (row as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

const genesis = "0".repeat(64);

/** Writes custody.jsonl row by row, each on the disk's cache before its act goes on. */
export class Custody {
  private readonly write: (line: string) => void;
  private readonly who: { readonly actor: string; readonly host: string; readonly clock: Clock };
  private seq = 0;
  private prev = genesis;

  constructor(
    who: { readonly actor: string; readonly host: string; readonly clock: Clock },
    write: (line: string) => void,
    before: readonly string[] = [],
  ) {
    this.who = who;
    this.write = write;
    const last = before.at(-1);
    this.seq = before.length;
    // A row whose sum cannot be read is followed by its own hash: what comes after still hangs on it.
    if (last !== undefined) this.prev = sumIn(last) ?? hash(last);
  }

  /** Sum of the last row. */
  get head(): string {
    return this.prev;
  }

  add(act: string, data: Readonly<Record<string, unknown>> = {}): void {
    const { actor, host, clock } = this.who;
    const row = {
      seq: ++this.seq,
      time: clock.now().toISOString(),
      mono: Math.round(clock.monotonic()),
      actor,
      host,
      act,
      data,
      prev: this.prev,
    };
    const text = jsonText(row);
    this.prev = hash(text);
    this.write(`${text.slice(0, -1)},"sum":"${this.prev}"}\n`);
  }
}

/** The number of the first row that does not hold, or undefined. */
export function brokenCustody(text: string): number | undefined {
  let prev = genesis;
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const sum = sumIn(line);
    const body = sum === undefined ? line : `${line.slice(0, line.length - suffixLength)}}`;
    if (sum === undefined || hash(body) !== sum || !body.includes(`"prev":"${prev}"`)) return index + 1;
    prev = sum;
  }
  return undefined;
}

const suffixLength = `,"sum":"${genesis}"}`.length;

function sumIn(line: string): string | undefined {
  return /,"sum":"([0-9a-f]{64})"\}$/.exec(line)?.[1];
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
