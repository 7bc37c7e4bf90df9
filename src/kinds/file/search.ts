import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { OpenFile } from "../../ports/files.ts";
import { isBinary, linesOf } from "./file-text.ts";
import { timeOfLine } from "./line-time.ts";

export interface SearchOptions {
  readonly matches: (line: string) => boolean;
  readonly now: Date;
  /** Milliseconds since 1970: older lines do not count. */
  readonly after?: number;
  readonly maxLines: number;
  readonly maxBytes: number;
}

export interface Found {
  readonly count: number;
  /** The newest, the oldest of them first. */
  readonly lines: readonly string[];
  /** Time of the oldest line that counts, matching or not. */
  readonly from?: Date;
}

/** Bytes behind which a file without a time is taken to have none. */
const enoughWithout = 4 * 1_048_576;

/**
 * Lines of a log, read from its end backwards, piece by piece, until they are older than they may be. Lines without a
 * time of their own (a stack trace) belong to the one before them, which may be in the piece that is read next: so
 * those at a piece's beginning wait for it.
 */
export class Search {
  private readonly target: string;
  private readonly options: SearchOptions;
  /** Lines that match, the newest first. */
  private lines: string[] = [];
  private count = 0;
  private bytes = 0;
  private seen = 0;
  /** Of a line that counts: the oldest. */
  private from: number | undefined;
  /** A line has a time. */
  private timed = false;
  private over = false;
  /** Lines without a time at the beginning of what was read, the last of them first. */
  private waiting: string[] = [];

  constructor(target: string, options: SearchOptions) {
    this.target = target;
    this.options = options;
  }

  /** Every line of what was read is young enough: older files may have more. */
  get reachesBehind(): boolean {
    return this.options.after !== undefined && !this.over;
  }

  async read(file: OpenFile, signal: AbortSignal): Promise<Failure | undefined> {
    let first = true;
    for await (const piece of file.backwards(signal)) {
      if (!piece.ok) return piece.failure;
      if (first && isBinary(piece.value)) {
        return { type: "unreadable", target: this.target, message: "it is a binary file" };
      }
      first = false;
      this.bytes += piece.value.length;
      const tooMuch = this.tooMuch();
      if (tooMuch !== undefined) return tooMuch;
      this.take(linesOf(piece.value));
      if (this.over) return undefined;
    }
    return undefined;
  }

  result(): Result<Found> {
    const { after } = this.options;
    if (after === undefined) return ok({ count: this.count, lines: this.lines.toReversed() });
    if (this.seen > 0 && !this.timed) return fail(this.withoutTime());
    // What still waits stands before every line that has a time: nobody can say of when it is.
    return ok({
      count: this.count,
      lines: this.lines.toReversed(),
      ...(this.from === undefined ? {} : { from: new Date(this.from) }),
    });
  }

  private take(lines: readonly string[]): void {
    this.seen += lines.length;
    const { after, now } = this.options;
    if (after === undefined) {
      for (const line of lines.toReversed()) this.add(line);
      return;
    }
    let newest: number | undefined;
    for (const line of lines.toReversed()) {
      this.waiting.push(line);
      const time = timeOfLine(line, now);
      if (time === undefined) continue;
      newest = Math.max(newest ?? time, time);
      if (time >= after) {
        this.from = Math.min(this.from ?? time, time);
        for (const one of this.waiting) this.add(one);
      }
      this.waiting = [];
    }
    this.timed ||= newest !== undefined;
    // Lines of several writers may be a little out of order: only a piece whose every line is too old ends it.
    if (newest !== undefined && newest < after) this.over = true;
  }

  private add(line: string): void {
    if (!this.options.matches(line)) return;
    this.count++;
    if (this.lines.length < this.options.maxLines) this.lines.push(line);
  }

  private tooMuch(): Failure | undefined {
    const { after, maxBytes } = this.options;
    if (after !== undefined && !this.timed && this.seen > 0 && this.bytes > enoughWithout) {
      return this.withoutTime();
    }
    if (this.bytes <= maxBytes) return undefined;
    const what = after === undefined ? "it is" : "its lines of that time are";
    const message = `${what} longer than max_bytes (${maxBytes})`;
    return { type: "overflow", target: this.target, limit: maxBytes, message };
  }

  private withoutTime(): Failure {
    const message = "none of its lines has a time that is read: RFC 3339 with a zone, syslog, or nginx's";
    return { type: "unreadable", target: this.target, message };
  }
}
