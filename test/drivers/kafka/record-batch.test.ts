import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBatches } from "../../../src/drivers/kafka/record-batch.ts";

/** A number as a message has it. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)); ; left >>= 7n) {
    if (left < 0x80n) return Buffer.from([...bytes, Number(left)]);
    bytes.push(Number(left & 0x7fn) | 0x80);
  }
}

function counted(text: string | undefined): Buffer {
  return text === undefined
    ? varint(-1)
    : Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)]);
}

interface Written {
  readonly delta?: number;
  readonly time?: number;
  readonly key?: string;
  readonly value?: string;
}

interface Batch {
  readonly first?: bigint;
  readonly attributes?: number;
  readonly producer?: bigint;
  readonly magic?: number;
  readonly pack?: (records: Buffer) => Buffer;
}

/** A batch as a broker keeps it, at the time 1000 with 5000 as its latest. */
function batch(records: readonly Written[], more: Batch = {}): Buffer {
  const { first = 10n, attributes = 0, producer = -1n, magic = 2, pack = (bytes: Buffer) => bytes } = more;
  const bodies = records.map(({ delta = 0, time = 0, key, value }) => {
    const body = [Buffer.alloc(1), varint(time), varint(delta), counted(key), counted(value), varint(0)];
    const whole = Buffer.concat(body);
    return Buffer.concat([varint(whole.length), whole]);
  });
  const packed = pack(Buffer.concat(bodies));
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(first, 0);
  head.writeInt32BE(61 - 12 + packed.length, 8);
  head.writeInt8(magic, 16);
  head.writeInt16BE(attributes, 21);
  head.writeInt32BE(Math.max(0, ...records.map(({ delta = 0 }) => delta)), 23);
  head.writeBigInt64BE(1000n, 27);
  head.writeBigInt64BE(5000n, 35);
  head.writeBigInt64BE(producer, 43);
  head.writeInt32BE(records.length, 57);
  return Buffer.concat([head, packed]);
}

const two: readonly Written[] = [
  { key: "a", value: "one" },
  { delta: 3, time: 7, value: "two" },
];

describe("batches", () => {
  test("have their messages, with offsets and times of their own", () => {
    const [read] = readBatches(batch(two));
    expect(read).toMatchObject({ first: 10n, last: 13n, count: 2, control: undefined, transactional: false });
    expect(read?.records).toEqual([
      { offset: 10n, time: 1000n, key: Buffer.from("a"), value: Buffer.from("one"), headers: [] },
      { offset: 13n, time: 1007n, key: undefined, value: Buffer.from("two"), headers: [] },
    ]);
  });

  test("with the broker's time have that one, whatever the producer gave", () => {
    const [read] = readBatches(batch(two, { attributes: 0b1000 }));
    expect(read?.records?.map(({ time }) => time)).toEqual([5000n, 5000n]);
  });

  test("a tombstone has no value, and one that is empty has", () => {
    const [read] = readBatches(batch([{ key: "a" }, { key: "b", value: "" }]));
    expect(read?.records?.map(({ value }) => value)).toEqual([undefined, Buffer.alloc(0)]);
  });

  test("of a transaction say whose; the mark at its end is no message", () => {
    const mark = (type: number): Buffer =>
      batch([{ key: `\0\0\0${String.fromCodePoint(type)}` }], { attributes: 0b11_0000 });
    const read = readBatches(
      Buffer.concat([batch(two, { attributes: 0b1_0000, producer: 7n }), mark(0), mark(1)]),
    );
    expect(read).toMatchObject([
      { transactional: true, producer: 7n, count: 2 },
      { control: "abort", count: 0, records: [] },
      { control: "commit", count: 0, records: [] },
    ]);
  });

  test("packed by gzip are read; by another compression they are counted", () => {
    const [gzip] = readBatches(batch(two, { attributes: 1, pack: (bytes) => gzipSync(bytes) }));
    expect(gzip?.records).toHaveLength(2);
    const [snappy] = readBatches(batch(two, { attributes: 2, pack: () => Buffer.from("?") }));
    expect(snappy).toMatchObject({ count: 2, records: undefined, last: 13n });
  });

  test("the last is cut: what is whole is read", () => {
    const bytes = Buffer.concat([batch(two), batch(two, { first: 20n })]);
    for (const cut of [1, 30, batch(two).length - 1]) {
      expect(readBatches(bytes.subarray(0, bytes.length - cut)).map(({ first }) => first)).toEqual([10n]);
    }
    expect(readBatches(Buffer.alloc(0))).toEqual([]);
  });
});

describe("what is no batch is refused", () => {
  test.each<[string, Buffer, RegExp]>([
    ["of an older format", batch(two, { magic: 1 }), /format 1, before Kafka 0.11/],
    ["of zeros", Buffer.alloc(100), /format 0/],
    [
      "that unpacks to more than there is room for",
      batch(two, { attributes: 1, pack: () => gzipSync(Buffer.alloc(80 << 20)) }),
      /larger/i,
    ],
    [
      "with a length that is none",
      Buffer.concat([Buffer.alloc(16), Buffer.from([2]), Buffer.alloc(60)]),
      /batch of 0 bytes/,
    ],
    [
      "whose message is longer than it",
      batch([{ value: "x" }], { pack: (bytes) => Buffer.concat([varint(500), bytes]) }),
      /message of 500 bytes/,
    ],
  ])("%s", (_what, bytes, says) => {
    expect(() => readBatches(bytes)).toThrow(says);
  });

  test("at every byte that is another: an error or messages, and an end", () => {
    const good = batch([...two, { delta: 4, key: "k", value: "v".repeat(50) }]);
    const at = fc.nat(good.length - 1);
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 255 }), (place, byte) => {
        const bytes = Buffer.from(good);
        bytes[place] = byte;
        try {
          readBatches(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
