import { expect, test } from "vitest";
import { Body } from "../../../src/drivers/http/body.ts";

const letters = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => 97 + (at % 26)));

/** Adds a text in pieces, as long as it is wanted. */
function fed(body: Body, text: Buffer, piece: number): boolean {
  for (let at = 0; at < text.length; at += piece) {
    if (!body.add(text.subarray(at, at + piece))) return false;
  }
  return true;
}

test.each([
  ["as many bytes as were announced", 200_000, 200_000],
  ["fewer", 1000, 5000],
  ["more", 200_000, 10],
  ["none at all", 0, undefined],
  ["few that nobody announced", 1000, undefined],
  ["as many as there is room for at first", 65_536, undefined],
  ["many", 200_000, undefined],
])("%s are kept", (_what, length, announced) => {
  for (const piece of [1 << 20, 16_384, 999]) {
    const body = new Body(1 << 20, announced);
    expect(fed(body, letters(length), piece)).toBe(true);
    expect(body.bytes().equals(letters(length))).toBe(true);
  }
});

test.each([1, 1000, 65_535, 65_536, 65_537])(
  "of more than %i bytes so many are kept, and that is said",
  (most) => {
    for (const announced of [undefined, most, most + 1, 1e15]) {
      const exact = new Body(most, announced);
      expect(fed(exact, letters(most), 4096)).toBe(true);
      const over = new Body(most, announced);
      expect(fed(over, letters(most + 1), 4096)).toBe(false);
      expect(over.bytes().equals(letters(most))).toBe(true);
    }
  },
);
