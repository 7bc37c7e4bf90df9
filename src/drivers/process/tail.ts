/** The newest bytes of a stream, in memory that does not grow past the limit, however small the pieces are. */
export class Tail {
  /** Bytes seen in all. */
  total = 0;
  readonly #limit: number;
  #buffer = new Uint8Array(0);

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(piece: Uint8Array): void {
    const newest = piece.length > this.#limit ? piece.subarray(piece.length - this.#limit) : piece;
    // What a piece longer than the limit pushes out is counted and never stored.
    this.total += piece.length - newest.length;
    this.#grow(Math.min(this.#limit, this.total + newest.length));
    const { length } = this.#buffer;
    if (length === 0) return;
    const at = this.total % length;
    const first = newest.subarray(0, length - at);
    this.#buffer.set(first, at);
    this.#buffer.set(newest.subarray(first.length), 0);
    this.total += newest.length;
  }

  /** As UTF-8, beginning with a whole character. */
  text(): string {
    const { length } = this.#buffer;
    if (this.total <= length) return Buffer.from(this.#buffer.subarray(0, this.total)).toString("utf8");
    const at = this.total % length;
    const ordered = Buffer.concat([this.#buffer.subarray(at), this.#buffer.subarray(0, at)]);
    let start = 0;
    while (start < 3 && ((ordered[start] ?? 0) & 0xc0) === 0x80) start++;
    return ordered.toString("utf8", start);
  }

  /** Doubles, so that a short output costs little. It has not wrapped as long as it may still grow. */
  #grow(wanted: number): void {
    if (wanted <= this.#buffer.length) return;
    const size = Math.min(this.#limit, Math.max(wanted, this.#buffer.length * 2, 4096));
    const larger = new Uint8Array(size);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}
