/** Bytes; most bodies whose length is not announced are shorter. */
const first = 65_536;

/**
 * A body as it comes in pieces, held once: room is made for what is announced. Where nothing is, a body that
 * is not a short one gets all it may have: what is never written to takes no memory, a second copy would.
 */
export class Body {
  private readonly most: number;
  private buffer: Buffer;
  private size = 0;

  /**
   * @param most bytes that are kept.
   * @param announced bytes, if the server says how many come.
   */
  constructor(most: number, announced: number | undefined) {
    this.most = most;
    this.buffer = Buffer.allocUnsafeSlow(Math.min(most, announced ?? first));
  }

  /** @returns false when there is more than is kept. */
  add(piece: Uint8Array): boolean {
    const room = this.most - this.size;
    const part = piece.length <= room ? piece : piece.subarray(0, room);
    const wanted = this.size + part.length;
    if (wanted > this.buffer.length) this.grow();
    this.buffer.set(part, this.size);
    this.size = wanted;
    return piece.length <= room;
  }

  /** What has come. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  private grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.most);
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}
