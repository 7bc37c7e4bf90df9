import { closeSync, openSync, readSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { diskFault } from "../../base/disk-fault.ts";

/** Bytes that several files may take together, within those that more of them may. */
export class Budget {
  private left: number;
  private readonly within: Budget | undefined;

  constructor(bytes: number, within?: Budget) {
    this.left = bytes;
    this.within = within;
  }

  get room(): number {
    return Math.max(0, Math.min(this.left, this.within?.room ?? Infinity));
  }

  /** A negative number gives back. */
  spend(bytes: number): void {
    this.left -= bytes;
    this.within?.spend(bytes);
  }
}

export interface SpoolOptions {
  readonly cap: number;
  readonly keep: "newest" | "oldest";
  readonly budget: Budget;
}

const copied = 1_048_576;
/** The newest are kept to within so many bytes, and an eighth. */
const piece = 65_536;

/**
 * A file that keeps at most its cap. Of the newest it is a row of segments, the first of which goes when a
 * new one is begun, so that a stream without end costs neither memory nor disk. Writing is synchronous: it
 * goes to the page cache, and nobody has to wait for a turn. It never throws.
 */
export class CappedFile {
  readonly path: string;
  private readonly options: SpoolOptions;
  private readonly segmentSize: number;
  private segments: { readonly path: string; size: number }[] = [];
  private fd = -1;
  private count = 0;
  private ended = false;
  /** Bytes that are on the disk. */
  kept = 0;
  /** Bytes that were dropped, at the end that was not to be kept. */
  cut = 0;
  /** Why it could not be written, in a few words. */
  broken: string | undefined;
  /** Whether there is a file at `path`, once it has ended. */
  stands = false;

  constructor(path: string, options: SpoolOptions) {
    this.path = path;
    this.options = options;
    this.segmentSize = Math.max(1, Math.ceil(Math.min(options.cap, options.budget.room) / 8));
  }

  write(bytes: Uint8Array): void {
    if (this.ended) return;
    if (this.options.keep === "oldest") this.append(bytes);
    else {
      const step = Math.min(this.segmentSize, piece);
      for (let at = 0; at < bytes.length; at += step) this.appendNewest(bytes.subarray(at, at + step));
    }
  }

  /** Leaves one file at `path`, also when nothing came. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    try {
      if (this.fd === -1 && this.segments.length === 0) this.open(this.path);
      this.close();
      if (this.options.keep === "newest" && this.segments.length > 0) this.join();
      this.stands = true;
    } catch (error) {
      this.fault(error);
    }
  }

  private append(bytes: Uint8Array): void {
    const room = Math.max(0, Math.min(this.options.cap - this.kept, this.options.budget.room));
    const part = bytes.subarray(0, room);
    this.cut += bytes.length - part.length;
    if (part.length > 0) this.put(part, this.path);
  }

  private appendNewest(bytes: Uint8Array): void {
    const { cap, budget } = this.options;
    while (this.segments.length > 0 && (this.kept + bytes.length > cap || budget.room < bytes.length))
      this.dropFirst();
    if (budget.room < bytes.length) {
      this.cut += bytes.length;
      return;
    }
    const last = this.segments.at(-1);
    if (last === undefined || last.size + bytes.length > this.segmentSize) {
      this.close();
      this.segments.push({ path: `${this.path}.${this.count++}.segment`, size: 0 });
    }
    const segment = this.segments.at(-1);
    if (segment !== undefined) segment.size += this.put(bytes, segment.path);
  }

  private put(bytes: Uint8Array, path: string): number {
    let written = 0;
    try {
      if (this.broken === undefined) {
        if (this.fd === -1) this.open(path);
        while (written < bytes.length) written += writeSync(this.fd, bytes, written);
      }
    } catch (error) {
      this.fault(error);
    }
    this.kept += written;
    this.options.budget.spend(written);
    this.cut += bytes.length - written;
    return written;
  }

  private open(path: string): void {
    this.fd = openSync(path, "wx", 0o600);
  }

  private close(): void {
    if (this.fd !== -1) closeSync(this.fd);
    this.fd = -1;
  }

  private dropFirst(): void {
    if (this.segments.length === 1) this.close();
    const first = this.segments.shift();
    if (first === undefined) return;
    this.kept -= first.size;
    this.cut += first.size;
    this.options.budget.spend(-first.size);
    try {
      unlinkSync(first.path);
    } catch (error) {
      // A full disk may have kept it from being made at all.
      this.fault(error);
    }
  }

  private join(): void {
    const [first, ...others] = this.segments;
    if (first === undefined) return;
    renameSync(first.path, this.path);
    this.stands = true;
    if (others.length === 0) return;
    const to = openSync(this.path, "a");
    const buffer = Buffer.allocUnsafe(copied);
    try {
      for (const { path } of others) {
        const from = openSync(path, "r");
        try {
          for (;;) {
            const read = readSync(from, buffer, 0, buffer.length, null);
            if (read === 0) break;
            for (let at = 0; at < read;) at += writeSync(to, buffer, at, read - at);
          }
        } finally {
          closeSync(from);
        }
        unlinkSync(path);
      }
    } finally {
      closeSync(to);
    }
  }

  private fault(error: unknown): void {
    this.broken ??= diskFault(error);
  }
}
