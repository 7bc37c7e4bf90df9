import { closeSync, fdatasync, fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { StateFault } from "./state-check.ts";
import { openToAppend, stateFault, writeStateSync } from "./state-file.ts";
import { syncFolder } from "./state-folder.ts";
import type { Journal } from "../events/journal.ts";
import type { JournalRecord } from "../events/record.ts";
import type { Clock } from "../ports/ports.ts";
import { isSigned } from "../events/signed.ts";
import { genesis, linesOf, newline, sumOf } from "./chain.ts";
import { newLines, type NewRecord } from "./journal-line.ts";
import type { JournalLine } from "./journal-record.ts";
import { nameOf, openDesk, type Desk } from "./desk.ts";
import { signedHead } from "./heads.ts";
import { headsFile, journalIn, longestJournal } from "./layout.ts";
import { holderText, takeLock, takenRecord } from "./lock.ts";

/** Why the journal cannot be written, in a few words that complete "…: "; whoever tells it knows the path. */
export class JournalFault extends Error {}

const sync = promisify(fdatasync);

/** Bytes of a line of heads, and more. */
const longestHead = 1024;

export interface JournalOptions {
  /** The folder; made with 0700 when it is not there. */
  readonly folder: string;
  /**
   * The state folder it is in: that and what is between must be this user's alone as well. Its desk signs; without
   * one, nothing is signed.
   */
  readonly root?: string;
  readonly actor: string;
  readonly host: string;
  readonly clock: Clock;
  /** Other processes write to it too: every record is then written under a lock. */
  readonly shared: boolean;
  /** What is recorded here is worth more than its signature: it is written even where the desk cannot sign. */
  readonly evenUnsigned?: boolean;
  /** Milliseconds to wait for that lock; ten seconds when nothing is said. */
  readonly patience?: number;
  /** See `Taking`. */
  readonly takeOver?: boolean;
}

/** What follows from where the lines before it stand. */
export type Following = (before: readonly JournalLine[]) => readonly JournalRecord[];

export interface OpenJournal extends Journal {
  readonly path: string;
  /**
   * Several records, and behind them those that quote where the first ones stand, in one write: on the disk are all of
   * them or none. @returns the lines of the first ones
   */
  appendTogether(records: readonly NewRecord[], following?: Following): Promise<readonly JournalLine[]>;
  close(): void;
}

/**
 * Opens a folder's journal to append to. A torn last line is kept aside and reported in a record.
 * @throws JournalFault, as every write does that fails.
 */
export async function openJournal(options: JournalOptions): Promise<OpenJournal> {
  const path = journalIn(options.folder);
  const writer = new Writer(path, options);
  try {
    await writer.open();
    return writer;
  } catch (error) {
    writer.close();
    throw unwritable(error);
  }
}

/** What stood in the way of writing, in words; what is none of that as it is. */
export function unwritable(error: unknown): Error {
  if (error instanceof JournalFault) return error;
  if (!(error instanceof StateFault) && !(error instanceof Error && "code" in error)) return error as Error;
  return new JournalFault(stateFault(error));
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
  private desk: Desk | undefined;
  private heads = -1;
  /** The last head on its way to the disk. */
  private headKept: Promise<void> = Promise.resolve();

  constructor(path: string, options: JournalOptions) {
    this.path = path;
    this.options = options;
  }

  async open(): Promise<void> {
    const { folder, root, host } = this.options;
    this.fd = openToAppend(this.path, { root });
    if (root !== undefined) this.desk = this.unlessUnsigned(() => openDesk(root, host));
    await this.locked(() => this.catchUp());
    syncFolder(folder);
  }

  append(record: JournalRecord, options: { readonly sync?: boolean } = {}): Promise<void> {
    return this.inTurn(() => this.locked(() => this.write(() => this.put([record]), options.sync === true)));
  }

  async appendTogether(
    records: readonly NewRecord[],
    following: Following = () => [],
  ): Promise<readonly JournalLine[]> {
    let lines: readonly JournalLine[] = [];
    await this.inTurn(() =>
      this.locked(() => this.write(() => (lines = this.put(records, following)), true)),
    );
    return lines.slice(0, records.length);
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(work).catch((error: unknown) => {
      throw unwritable(error);
    });
    // One failed write must not fail the next one, which may well succeed.
    this.turn = turn.catch(() => {});
    return turn;
  }

  async attach(name: string, text: string | Buffer): Promise<string> {
    const { folder, root } = this.options;
    const path = join(folder, name);
    try {
      writeStateSync(path, text, { root });
    } catch (error) {
      throw unwritable(error);
    }
    return path;
  }

  close(): void {
    if (this.fd !== -1) closeSync(this.fd);
    this.fd = -1;
    const { heads } = this;
    const close = (): void => closeSync(heads);
    if (heads !== -1) void this.headKept.then(close, close);
    this.heads = -1;
  }

  /** Under the lock, where there is one. */
  private async write(put: () => readonly JournalLine[], durable: boolean): Promise<void> {
    if (this.options.shared) await this.catchUp();
    const signed = put().findLast(isSigned);
    if (durable || signed !== undefined) await sync(this.fd);
    if (signed === undefined) return;
    try {
      await this.sign(signed);
    } catch (error) {
      this.unlessUnsigned(() => {
        throw error;
      });
    }
  }

  /**
   * Signs the record that was just written. It is on the disk before its head, and the head on its way there while
   * the work goes on: so one signed record at most can lack its head, whatever happens to the machine. What ends
   * something waits for its head.
   */
  private async sign({ type, seq, sum }: JournalLine): Promise<void> {
    const { desk } = this;
    if (desk === undefined) return;
    await this.headKept;
    if (this.heads === -1) this.heads = this.openHeads();
    const line = Buffer.from(signedHead({ desk: desk.name, seq, sum }, desk.key()));
    try {
      for (let at = 0; at < line.length;) at += writeSync(this.heads, line, at);
    } catch (error) {
      // Half a head on a full disk: it is cut off when the file is opened again.
      closeSync(this.heads);
      this.heads = -1;
      throw error;
    }
    this.headKept = sync(this.heads);
    // Somebody waits for it later; nobody may by then have been told.
    this.headKept.catch(() => {});
    if (type === "run.finished" || type === "halt.receipt") await this.headKept;
  }

  private openHeads(): number {
    const { root } = this.options;
    const fd = openToAppend(headsFile(this.path), { root });
    const { size } = fstatSync(fd);
    const end = Buffer.alloc(Math.min(size, longestHead));
    readSync(fd, end, 0, end.length, size - end.length);
    // A process was killed while it wrote one: the next must not be written behind it.
    ftruncateSync(fd, size - (end.length - (end.lastIndexOf(newline) + 1)));
    return fd;
  }

  /** What the desk does; its failure is one of the journal, unless that may go without it. */
  private unlessUnsigned<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (this.options.evenUnsigned !== true) throw error;
      return undefined;
    }
  }

  private put(records: readonly NewRecord[], following: Following = () => []): readonly JournalLine[] {
    const { actor, host, clock } = this.options;
    const by = { desk: this.desk?.name ?? nameOf(host), actor, host, clock };
    const first = newLines(records, { seq: this.seq, prev: this.prev }, by);
    const more = newLines(following(first.lines), { seq: this.seq + records.length, prev: first.prev }, by);
    const bytes = Buffer.from(first.text + more.text);
    try {
      // Synchronous: a record costs microseconds this way, and can never be half in the queue at a kill.
      for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at);
    } catch (error) {
      // A full disk takes half a line: the next record must not be written behind it.
      this.cutBack();
      throw error;
    }
    const lines = [...first.lines, ...more.lines];
    this.seq += lines.length;
    this.prev = more.prev;
    this.known += bytes.length;
    return lines;
  }

  private cutBack(): void {
    try {
      ftruncateSync(this.fd, this.known);
    } catch {
      // What remains is a torn line, and is found as one.
    }
  }

  private async locked(work: () => Promise<void>): Promise<void> {
    if (!this.options.shared) {
      await work();
      return;
    }
    const { patience = 10_000, takeOver = false } = this.options;
    const lock = await takeLock(`${this.path}.lock`, patience, { takeOver });
    if ("heldBy" in lock) throw new JournalFault(holderText(lock.heldBy));
    try {
      await work();
      const { takenFrom } = lock;
      if (takenFrom !== undefined) await this.write(() => this.put([takenRecord(takenFrom)]), true);
    } finally {
      await lock.release();
    }
  }

  /** Reads what others have written since; cuts off a torn last line, keeps it aside and says so. */
  private async catchUp(): Promise<void> {
    const size = fstatSync(this.fd).size;
    if (size === this.known) return;
    if (size < this.known) {
      throw new JournalFault("somebody else truncated it");
    }
    if (size > longestJournal) throw new JournalFault("it is longer than a journal may be");
    const buffer = Buffer.alloc(size - this.known);
    for (let at = 0; at < buffer.length;) {
      const read = readSync(this.fd, buffer, at, buffer.length - at, this.known + at);
      if (read === 0) break;
      at += read;
    }
    const end = buffer.lastIndexOf(newline) + 1;
    const lines = linesOf(buffer.subarray(0, end));
    const last = lines.at(-1);
    if (last !== undefined) {
      this.prev = sumOf(last);
      this.seq += lines.length;
    }
    this.known += end;
    if (end < buffer.length) await this.setAside(buffer.subarray(end));
  }

  private async setAside(torn: Buffer): Promise<void> {
    const aside = `journal.torn-${this.options.clock.now().toISOString().replaceAll(/[:.]/g, "")}`;
    await this.attach(aside, torn);
    ftruncateSync(this.fd, this.known);
    this.put([{ type: "journal.torn", data: { bytes: torn.length, kept: aside } }]);
    await sync(this.fd);
  }
}
