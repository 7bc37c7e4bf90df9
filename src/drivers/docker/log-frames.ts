/** A line of a container's log, its time as the engine stamped it. */
export interface RawLine {
  readonly stream: "stdout" | "stderr";
  readonly time: Date | undefined;
  /** The same as the engine wrote it, to the nanosecond. */
  readonly stamp: string | undefined;
  readonly text: string;
}

/** Bytes of one line that are kept. */
const longestLine = 64 * 1024;
/** The engine cuts longer lines into pieces of this many bytes. */
const piece = 16 * 1024;
/** The stream of the engine's own errors, beside the program's two. */
const engineItself = 3;
/** No engine sends a longer frame: what says so is not a frame. */
const longestFrame = 16 * 1024 * 1024;
const stamp = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /;

interface Pending {
  stamp: string | undefined;
  parts: Buffer[];
  size: number;
  /** What came is more than what is kept. */
  cut: boolean;
}

/**
 * Turns the engine's log stream into lines. Without a terminal it is frames: one byte of stream, three
 * of nothing, four of length (big-endian), then the bytes; with one it is bare text. A line longer than
 * 16 KiB comes in several pieces, each with a time of its own before it, cut anywhere in a character; what
 * a program wrote last, without an end of line, is a shorter piece that is a line of its own.
 */
export class LogReader {
  readonly #framed: boolean;
  readonly #onLine: (line: RawLine) => void;
  readonly #pending: Record<"stdout" | "stderr", Pending> = { stdout: fresh(), stderr: fresh() };
  #rest: Buffer = Buffer.alloc(0);
  /** Some line was longer than what is kept of it. */
  cut = false;
  /** What came is not log frames; nothing after that is read. */
  garbled = false;
  /** The engine's own word, on a stream of its own: it could not read the log to its end. */
  broken: string | undefined;

  constructor(framed: boolean, onLine: (line: RawLine) => void) {
    this.#framed = framed;
    this.#onLine = onLine;
  }

  /** @returns false when there is no sense in more. */
  push(chunk: Buffer): boolean {
    if (this.garbled) return false;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#framed) this.#frames();
    else this.#bare();
    return !this.garbled;
  }

  end(): void {
    if (!this.#framed) this.#pieces(this.#rest);
    this.#finish("stdout");
    this.#finish("stderr");
  }

  #frames(): void {
    while (this.#rest.length >= 8) {
      const length = this.#rest.readUInt32BE(4);
      // One of the streams 0 to 3, then nothing.
      if ((this.#rest.readUInt32BE(0) & 0xfcffffff) !== 0 || length > longestFrame) {
        this.garbled = true;
        return;
      }
      if (this.#rest.length < 8 + length) return;
      const from = this.#rest[0] ?? 0;
      const stream = from >= 2 ? "stderr" : "stdout";
      const payload = this.#rest.subarray(8, 8 + length);
      this.#rest = this.#rest.subarray(8 + length);
      if (from === engineItself) {
        this.broken ??= payload.toString("utf8", 0, 300).trim();
        continue;
      }
      const added = this.#add(stream, payload);
      if (payload.at(-1) === 0x0a || added < piece) this.#finish(stream);
    }
  }

  #bare(): void {
    for (let end = this.#rest.indexOf(0x0a); end >= 0; end = this.#rest.indexOf(0x0a)) {
      this.#pieces(this.#rest.subarray(0, end + 1));
      this.#finish("stdout");
      this.#rest = this.#rest.subarray(end + 1);
    }
    if (this.#rest.length <= 2 * longestLine) return;
    // More than is kept of a line is here already.
    this.#pieces(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  /** A line in bare text, with a time within it wherever the engine cut it. */
  #pieces(line: Buffer): void {
    for (let rest = line; rest.length > 0;) {
      const cutAt = stampLength(rest) + piece;
      const cut = rest.length > cutAt && stampLength(rest.subarray(cutAt)) > 0;
      const end = cut ? cutAt : rest.length;
      this.#add("stdout", rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  }

  /** @returns the bytes of text that came, kept or not. */
  #add(stream: "stdout" | "stderr", payload: Buffer): number {
    const pending = this.#pending[stream];
    const start = stampLength(payload);
    if (start > 0) pending.stamp ??= payload.toString("latin1", 0, start - 1);
    const text = payload.subarray(start);
    const kept = text.subarray(0, Math.max(0, longestLine - pending.size));
    if (kept.length < text.length) this.cut = pending.cut = true;
    pending.parts.push(kept);
    pending.size += kept.length;
    return text.length;
  }

  #finish(stream: "stdout" | "stderr"): void {
    const { parts, stamp: written, cut } = this.#pending[stream];
    this.#pending[stream] = fresh();
    if (parts.length === 0) return;
    const text = Buffer.concat(parts).toString("utf8");
    this.#onLine({
      stream,
      time: written === undefined ? undefined : new Date(written),
      stamp: written,
      // The mark of a cut: a secret may have lain there. Half a character before it is nothing.
      text: cut ? `${text.replace(/\uFFFD$/, "")}…` : text.replace(/\r?\n$/, ""),
    });
  }
}

function fresh(): Pending {
  return { stamp: undefined, parts: [], size: 0, cut: false };
}

/** Bytes of the time before a text, and of the blank after it; 0 without one. */
function stampLength(payload: Buffer): number {
  return stamp.exec(payload.toString("latin1", 0, 48))?.[0].length ?? 0;
}

/** Why what was read is not the whole log; undefined where it is. */
export function whyNotWhole({ garbled, broken }: LogReader): string | undefined {
  if (garbled) return "it is not made of log frames";
  return broken === undefined ? undefined : `the engine could not read it to its end: ${broken}`;
}
