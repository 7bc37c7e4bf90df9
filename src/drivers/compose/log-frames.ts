/** A line of a container's log, its time as the engine stamped it. */
export interface RawLine {
  readonly stream: "stdout" | "stderr";
  readonly time: Date | undefined;
  readonly text: string;
}

/** Bytes of one line that are kept. */
const longestLine = 64 * 1024;
const stamp = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /;

interface Pending {
  time: Date | undefined;
  parts: Buffer[];
  size: number;
}

/**
 * Turns the engine's log stream into lines. Without a terminal it is frames: one byte of stream, three
 * of nothing, four of length (big-endian), then the bytes; with one it is bare text. A line longer than
 * 16 KiB comes in several frames, each with a time of its own before it, cut anywhere in a character.
 */
export class LogReader {
  readonly #framed: boolean;
  readonly #onLine: (line: RawLine) => void;
  readonly #pending: Record<"stdout" | "stderr", Pending> = { stdout: fresh(), stderr: fresh() };
  #rest: Buffer = Buffer.alloc(0);
  /** Some line was longer than what is kept of it. */
  cut = false;

  constructor(framed: boolean, onLine: (line: RawLine) => void) {
    this.#framed = framed;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#framed) this.#frames();
    else this.#bare();
  }

  end(): void {
    if (!this.#framed && this.#rest.length > 0) this.#add("stdout", this.#rest);
    this.#finish("stdout");
    this.#finish("stderr");
  }

  #frames(): void {
    while (this.#rest.length >= 8) {
      const length = this.#rest.readUInt32BE(4);
      if (this.#rest.length < 8 + length) return;
      const stream = this.#rest[0] === 2 ? "stderr" : "stdout";
      const payload = this.#rest.subarray(8, 8 + length);
      this.#rest = this.#rest.subarray(8 + length);
      this.#add(stream, payload);
      if (payload.at(-1) === 0x0a) this.#finish(stream);
    }
  }

  #bare(): void {
    for (let end = this.#rest.indexOf(0x0a); end >= 0; end = this.#rest.indexOf(0x0a)) {
      this.#add("stdout", this.#rest.subarray(0, end + 1));
      this.#finish("stdout");
      this.#rest = this.#rest.subarray(end + 1);
    }
  }

  #add(stream: "stdout" | "stderr", payload: Buffer): void {
    const pending = this.#pending[stream];
    const time = stamp.exec(payload.toString("latin1", 0, 48));
    if (time?.[1] !== undefined) pending.time ??= new Date(time[1]);
    const text = payload.subarray(time?.[0].length ?? 0);
    const kept = text.subarray(0, Math.max(0, longestLine - pending.size));
    if (kept.length < text.length) this.cut = true;
    pending.parts.push(kept);
    pending.size += kept.length;
  }

  #finish(stream: "stdout" | "stderr"): void {
    const { parts, time } = this.#pending[stream];
    this.#pending[stream] = fresh();
    if (parts.length === 0) return;
    this.#onLine({
      stream,
      time,
      text: Buffer.concat(parts)
        .toString("utf8")
        .replace(/\r?\n$/, ""),
    });
  }
}

function fresh(): Pending {
  return { time: undefined, parts: [], size: 0 };
}
