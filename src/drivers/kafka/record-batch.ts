import { gunzipSync } from "node:zlib";

// Messages as a broker keeps them: batches of the format that Kafka writes since 0.11 (magic 2), one after the other,
// the last one perhaps cut. A batch is compressed as a whole; its head is not, so that a batch whose compression is
// not read here is counted all the same. Transactions leave control batches, which are no messages.

/** One message of a partition. */
export interface KafkaRecord {
  readonly offset: bigint;
  /** Milliseconds since 1970; -1n where the producer gave none. */
  readonly time: bigint;
  readonly key: Buffer | undefined;
  /** Undefined in a tombstone, which deletes its key. */
  readonly value: Buffer | undefined;
  readonly headers: readonly (readonly [string, Buffer | undefined])[];
}

export interface RecordBatch {
  readonly first: bigint;
  readonly last: bigint;
  readonly producer: bigint;
  readonly transactional: boolean;
  /** It ends a transaction, and holds no message. */
  readonly control: "abort" | "commit" | undefined;
  /** Messages in it, as its head says. */
  readonly count: number;
  /** Undefined where its compression is not read here. */
  readonly records: readonly KafkaRecord[] | undefined;
}

/** Bytes of a batch's head, from its first offset to its count of records. */
const head = 61;
/** A batch may become so long once it is unpacked: one that is made to be longer is refused. */
const mostUnpacked = 64 * 1_048_576;
/** How a batch is compressed; the others (snappy, lz4, zstd) are not read. */
const [none, gzip] = [0, 1];

/**
 * The whole batches of a reply, in their order.
 * @throws where the bytes are no batches
 */
export function readBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + head <= bytes.length;) {
    const length = bytes.readInt32BE(at + 8);
    const magic = bytes.readInt8(at + 16);
    if (magic !== 2) throw new Error(`its messages are of the format ${magic}, before Kafka 0.11`);
    if (length < head - 12) throw new Error(`it announces a batch of ${length} bytes`);
    const end = at + 12 + length;
    if (end > bytes.length) break;
    batches.push(readBatch(bytes.subarray(at, end)));
    at = end;
  }
  return batches;
}

function readBatch(bytes: Buffer): RecordBatch {
  const first = bytes.readBigInt64BE(0);
  const attributes = bytes.readInt16BE(21);
  const count = bytes.readInt32BE(57);
  const packed = bytes.subarray(head);
  const unpacked = unpack(attributes & 0b111, packed);
  // With the broker's own time, all messages of a batch have the latest.
  const byBroker = (attributes & 0b1000) !== 0;
  const times = { base: bytes.readBigInt64BE(27), all: byBroker ? bytes.readBigInt64BE(35) : undefined };
  const control = (attributes & 0b10_0000) !== 0;
  const records = unpacked === undefined ? undefined : readRecords(unpacked, count, first, times);
  return {
    first,
    last: first + BigInt(bytes.readInt32BE(23)),
    producer: bytes.readBigInt64BE(43),
    transactional: (attributes & 0b1_0000) !== 0,
    control: control ? controlOf(records?.[0]) : undefined,
    count: control ? 0 : count,
    records: control ? [] : records,
  };
}

/** Its key is a version and a type, each of two bytes. */
function controlOf(record: KafkaRecord | undefined): "abort" | "commit" {
  return record?.key !== undefined && record.key.length >= 4 && record.key.readInt16BE(2) === 0
    ? "abort"
    : "commit";
}

function unpack(compression: number, packed: Buffer): Buffer | undefined {
  if (compression === none) return packed;
  return compression === gzip ? gunzipSync(packed, { maxOutputLength: mostUnpacked }) : undefined;
}

function readRecords(
  bytes: Buffer,
  count: number,
  first: bigint,
  times: { readonly base: bigint; readonly all: bigint | undefined },
): KafkaRecord[] {
  const reader = new RecordReader(bytes);
  const records: KafkaRecord[] = [];
  for (let index = 0; index < count; index++) {
    const length = Number(reader.varint());
    const end = reader.at + length;
    if (length < 1 || end > bytes.length) throw new Error(`it announces a message of ${length} bytes`);
    reader.at += 1; // attributes, of which there are none
    const time = times.base + reader.varint();
    const offset = first + reader.varint();
    const key = reader.bytes();
    const value = reader.bytes();
    const headers: [string, Buffer | undefined][] = [];
    for (let left = Number(reader.varint()); left > 0; left--) {
      headers.push([reader.bytes()?.toString("utf8") ?? "", reader.bytes()]);
    }
    records.push({ offset, time: times.all ?? time, key, value, headers });
    reader.at = end;
  }
  return records;
}

class RecordReader {
  at = 0;
  private readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** A whole number in bytes of seven bits, the lowest first, its sign in the last bit of the first. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) throw new Error("a message ends in the middle of a number");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
    throw new Error("a message has a number that is too long");
  }

  bytes(): Buffer | undefined {
    const length = Number(this.varint());
    if (length < 0) return undefined;
    if (this.at + length > this.buffer.length)
      throw new Error(`it announces ${length} bytes that are not there`);
    const bytes = this.buffer.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }
}
