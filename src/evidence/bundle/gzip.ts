// A gzip file made of blocks that are packed side by side, each in a thread of zlib's. One DEFLATE stream may be
// put together from pieces, if each piece ends on a byte and refers to nothing before it:
//
//   head (10 bytes) | block 1 ... | block 2 ... | ... | last: an empty, final block | CRC-32 | size
//
// Z_FULL_FLUSH does both: it ends a piece with an empty stored block on a byte's boundary, and forgets the window.
// So the pieces can be made in any order and are written in theirs. CRC and size are over the unpacked bytes, kept
// as they come. Any gunzip reads it; bundle.ts reads it strictly.
//
// What must not be broken: there is one buffer more than packs at once, so that one is filled while the others are
// read by zlib; a buffer is used again only after its piece was handed on. `push` copies before it returns, and
// pack.ts counts on that. The head has no time in it.

import { promisify } from "node:util";
import { constants, crc32, deflateRaw } from "node:zlib";

const deflated = promisify(deflateRaw);

/** Bytes that are packed by themselves: what a later block repeats of an earlier one costs a few in a thousand. */
const block = 524_288;

/** Blocks that are packed at once, each in a thread of its own. */
const atOnce = 2;

/** Of a gzip file without a name, a time or a comment, made on Unix. */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

/** An empty last block: every one before it ends as if more came. */
const last = Buffer.from([3, 0]);

/**
 * Packs what is pushed into one gzip file, several blocks side by side. What is pushed is copied; it may be
 * written over as soon as the call has come back.
 */
export class Gzip {
  private readonly level: number;
  private readonly write: (part: Buffer) => Promise<void>;
  /** One more than are packed is filled meanwhile. */
  private readonly buffers = Array.from({ length: atOnce + 1 }, () => Buffer.allocUnsafeSlow(block));
  private readonly packing: Promise<Buffer>[] = [];
  private turn = 0;
  private filled = 0;
  private begun = false;
  private sum = 0;
  private size = 0;

  /** @param write takes the file's bytes in their order. */
  constructor(level: number, write: (part: Buffer) => Promise<void>) {
    this.level = level;
    this.write = write;
  }

  /** @throws what `write` throws. */
  async push(bytes: Buffer): Promise<void> {
    this.sum = crc32(bytes, this.sum);
    this.size = (this.size + bytes.length) >>> 0;
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(this.buffer, this.filled, at);
      this.filled += copied;
      at += copied;
      if (this.filled === block) await this.pack();
    }
  }

  /** No more comes. */
  async end(): Promise<void> {
    if (this.filled > 0) await this.pack();
    while (this.packing.length > 0) await this.hand();
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(this.sum, 0);
    tail.writeUInt32LE(this.size, 4);
    await this.put(Buffer.concat([last, tail]));
  }

  private get buffer(): Buffer {
    return this.buffers[this.turn % this.buffers.length] ?? Buffer.alloc(0);
  }

  private async pack(): Promise<void> {
    if (this.packing.length === atOnce) await this.hand();
    const bytes = this.buffer.subarray(0, this.filled);
    const { level } = this;
    const packed = deflated(bytes, { level, finishFlush: constants.Z_FULL_FLUSH, chunkSize: block / 2 });
    // Whoever waits for it hears of it.
    packed.catch(() => {});
    this.packing.push(packed);
    this.turn++;
    this.filled = 0;
  }

  private async hand(): Promise<void> {
    const packed = await this.packing.shift();
    if (packed !== undefined) await this.put(packed);
  }

  private async put(part: Buffer): Promise<void> {
    if (!this.begun) await this.write(head);
    this.begun = true;
    await this.write(part);
  }
}
