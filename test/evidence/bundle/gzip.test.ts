import { execFileSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Gzip } from "../../../src/evidence/bundle/gzip.ts";

async function packed(pieces: readonly Buffer[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const gzip = new Gzip(2, (part) => {
    parts.push(Buffer.from(part));
    return Promise.resolve();
  });
  const scratch = Buffer.alloc(Math.max(1, ...pieces.map(({ length }) => length)));
  for (const piece of pieces) {
    piece.copy(scratch);
    await gzip.push(scratch.subarray(0, piece.length));
    // Whoever pushes uses his buffer again.
    scratch.fill(0xff);
  }
  await gzip.end();
  return Buffer.concat(parts);
}

const block = 524_288;
const long = Buffer.from(Array.from({ length: 90_000 }, (_, at) => `line ${at} ${at % 977}\n`).join(""));

test("what is packed in blocks side by side is one file that any gzip reads", async () => {
  const file = await packed([long, long.subarray(7), long]);
  const whole = Buffer.concat([long, long.subarray(7), long]);
  expect(gunzipSync(file).equals(whole)).toBe(true);
  const options = { input: file, maxBuffer: 2 * whole.length };
  expect(execFileSync("gzip", ["-dc"], options).equals(whole)).toBe(true);
});

test.each([0, 1, block - 1, block, block + 1, 3 * block, 4 * block + 1])("of %i bytes", async (size) => {
  const content = Buffer.concat([long, long]).subarray(0, size);
  expect(gunzipSync(await packed([content])).equals(content)).toBe(true);
});

test("whatever the pieces are", async () => {
  const sizes = fc.array(fc.oneof(fc.nat(2000), fc.nat(900_000)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const pieces = lengths.map((length, at) => long.subarray(at, at + length));
      expect(gunzipSync(await packed(pieces)).equals(Buffer.concat(pieces))).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("a disk that takes no more ends it, and nothing is left unheard", async () => {
  const gzip = new Gzip(2, () => Promise.reject(new Error("the disk is full")));
  const all = async (): Promise<void> => {
    for (let at = 0; at < 9; at++) await gzip.push(long);
    await gzip.end();
  };
  await expect(all()).rejects.toThrow("the disk is full");
});
