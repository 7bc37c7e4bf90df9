import Decoder from "kafkajs/src/protocol/decoder.js";

/**
 * Reads a reply within its bytes. kafkajs takes what a broker says at its word: past the end it reads zeros, makes
 * room for as many elements as are announced, and goes through four thousand million fields that are not there.
 */
export class ReplyDecoder extends Decoder {
  override readString(): string | null {
    const length = this.readInt16();
    return length === -1 ? null : this.#text(length);
  }

  override readUVarIntString(): string | null {
    const length = this.readUVarInt();
    return length === 0 ? null : this.#text(length - 1);
  }

  override readBytes(length = this.readInt32()): Buffer | null {
    if (length === -1) return null;
    this.#within(length);
    const bytes = this.buffer.subarray(this.offset, this.offset + length);
    this.offset += length;
    return bytes;
  }

  override readUVarInt(): number {
    this.#within(1);
    const value = super.readUVarInt();
    if (this.offset > this.buffer.length) throw new Error("it ends in the middle of a number");
    return value;
  }

  override readArray<T>(read: (decoder: Decoder) => T): T[] {
    const length = this.readInt32();
    return length === -1 ? [] : this.#elements(length, read);
  }

  override readUVarIntArray<T>(read: (decoder: Decoder) => T): T[] | null {
    const length = this.readUVarInt();
    return length === 0 ? null : this.#elements(length - 1, read);
  }

  override readTaggedFields(): null {
    const count = this.readUVarInt();
    this.#within(count);
    for (let index = 0; index < count; index++) {
      this.readUVarInt();
      this.readBytes(this.readUVarInt());
    }
    return null;
  }

  #text(length: number): string {
    return this.readBytes(length)?.toString("utf8") ?? "";
  }

  /** Each has a byte at least. */
  #elements<T>(length: number, read: (decoder: Decoder) => T): T[] {
    this.#within(length);
    const elements: T[] = [];
    for (let index = 0; index < length; index++) elements.push(read(this));
    return elements;
  }

  #within(length: number): void {
    if (length >= 0 && length <= this.buffer.length - this.offset) return;
    throw new Error(`it announces ${length} where ${this.buffer.length - this.offset} bytes are left`);
  }
}
