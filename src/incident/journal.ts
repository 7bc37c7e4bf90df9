import { createHash } from "node:crypto";
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { mkdir, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { jsonText } from "../base/json.ts";
import type { Clock, Journal } from "../drivers/ports.ts";
import { takeLock } from "./lock.ts";

/** One line of a journal. `prev` is the SHA-256 of the line before it, without its newline. */
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
}

export const genesis = "0".repeat(64);
const sync = promisify(fdatasync);

export interface JournalOptions {
  /** The folder; made with 0700 when it is not there. */
  readonly folder: string;
  readonly actor: string;
  readonly host: string;
  readonly clock: Clock;
  /** Other processes write to it too: every record is then written under a lock. */
  readonly shared: boolean;
}

export interface OpenJournal extends Journal {
  readonly path: string;
  close(): void;
}

/** Opens a folder's journal to append to. A torn last line is kept aside and reported in a record. */
export async function openJournal(options: JournalOptions): Promise<OpenJournal> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const path = join(options.folder, "journal.ndjson");
  const writer = new Writer(path, options);
  await writer.open();
  return writer;
}

class Writer implements OpenJournal {
  readonly path: string;
  private readonly options: JournalOptions;
  private fd = -1;
  private seq = 0;
  private prev = genesis;
  /** Bytes of the file that `seq` and `prev` speak of. */
  private known = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(path: string, options: JournalOptions) {
    this.path = path;
    this.options = options;
  }

  async open(): Promise<void> {
    this.fd = openSync(this.path, "a+", 0o600);
    const torn = await this.locked(() => Promise.resolve(this.catchUp()));
    await syncFolder(this.options.folder);
    if (torn !== undefined) {
      const aside = `journal.torn-${this.options.clock.now().toISOString().replaceAll(/[:.]/g, "")}`;
      await this.attach(aside, torn);
      await this.append("journal.torn", { bytes: torn.length, kept: aside }, { sync: true });
    }
  }

  append(
    type: string,
    data: Readonly<Record<string, unknown>>,
    options: { readonly sync?: boolean } = {},
  ): Promise<void> {
    const turn = this.turn.then(() => this.write(type, data, options.sync === true));
    // One failed write must not fail the next one, which may well succeed.
    this.turn = turn.catch(() => {});
    return turn;
  }

  async attach(name: string, text: string): Promise<string> {
    const path = join(this.options.folder, name);
    const partial = `${path}.partial`;
    await writeFile(partial, text, { mode: 0o600, flush: true });
    await rename(partial, path);
    await syncFolder(this.options.folder);
    return path;
  }

  close(): void {
    if (this.fd !== -1) closeSync(this.fd);
    this.fd = -1;
  }

  private async write(
    type: string,
    data: Readonly<Record<string, unknown>>,
    durable: boolean,
  ): Promise<void> {
    await this.locked(async () => {
      if (this.options.shared) this.catchUp();
      const { actor, host, clock } = this.options;
      const record: JournalRecord = {
        v: 1,
        seq: this.seq + 1,
        time: clock.now().toISOString(),
        mono: Math.round(clock.monotonic()),
        actor,
        host,
        type,
        data,
        prev: this.prev,
      };
      const line = jsonText(record);
      const bytes = Buffer.from(`${line}\n`);
      // Synchronous: a record costs microseconds this way, and can never be half in the queue at a kill.
      for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at);
      this.seq++;
      this.prev = hashOf(line);
      this.known += bytes.length;
      if (durable) await sync(this.fd);
    });
  }

  private async locked<T>(work: () => Promise<T>): Promise<T> {
    if (!this.options.shared) return await work();
    const lock = await takeLock(`${this.path}.lock`, 10_000);
    if ("heldBy" in lock) throw new Error(`${this.path} is locked by process ${lock.heldBy}`);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  /** Reads what others have written since; cuts off a torn last line and returns it. */
  private catchUp(): string | undefined {
    const size = fstatSync(this.fd).size;
    if (size === this.known) return undefined;
    const buffer = Buffer.alloc(size - this.known);
    for (let at = 0; at < buffer.length;) {
      const read = readSync(this.fd, buffer, at, buffer.length - at, this.known + at);
      if (read === 0) break;
      at += read;
    }
    const end = buffer.lastIndexOf(0x0a) + 1;
    const lines = buffer.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
    const last = lines.at(-1);
    if (last !== undefined) {
      this.prev = hashOf(last);
      this.seq += lines.length;
    }
    this.known += end;
    if (end === buffer.length) return undefined;
    ftruncateSync(this.fd, this.known);
    return buffer.subarray(end).toString("utf8");
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function hashOf(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}

export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  /** Hash of the last whole line. */
  readonly head: string;
  /** The first record that does not hold, and why. */
  readonly problem: { readonly line: number; readonly message: string } | undefined;
  /** A last line without its end: the process that wrote it was killed. */
  readonly torn: boolean;
}

/** Reads a journal and checks its chain. Records before the first problem are returned. */
export function readJournal(path: string): ReadJournal {
  const text = readFileSync(path, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  const records: JournalRecord[] = [];
  let prev = genesis;
  for (const [index, line] of text.slice(0, end).split("\n").slice(0, -1).entries()) {
    const problem = whyNot(line, prev, index + 1);
    if (problem !== undefined) {
      return {
        records,
        head: prev,
        problem: { line: index + 1, message: problem },
        torn: end !== text.length,
      };
    }
    records.push(JSON.parse(line) as JournalRecord);
    prev = hashOf(line);
  }
  return { records, head: prev, problem: undefined, torn: end !== text.length };
}

function whyNot(line: string, prev: string, seq: number): string | undefined {
  let record: Partial<JournalRecord>;
  try {
    record = JSON.parse(line) as Partial<JournalRecord>;
  } catch {
    return "is not a record";
  }
  if (record.v !== 1) return `has format ${record.v}, which this version does not read`;
  if (record.prev !== prev) return "does not follow from the record before it: one of the two was changed";
  if (record.seq !== seq) return `is numbered ${record.seq} and stands at ${seq}`;
  return undefined;
}
