import { expect, test } from "vitest";
import { widthOf, wrapIndented } from "../../src/output/wrap.ts";

const segments = new Intl.Segmenter();

test("what is counted without the segmenter's tables is one column each, whatever stands beside it", () => {
  const counted = [
    [0xa0, 0x24f],
    [0x2010, 0x2027],
  ].flatMap(([from = 0, to = 0]) => Array.from({ length: to - from + 1 }, (_none, at) => from + at));
  // A soft hyphen takes no room.
  for (const code of counted.filter((one) => one !== 0xad)) {
    const text = `a${String.fromCodePoint(code)}b`;
    expect([...segments.segment(text)]).toHaveLength(3);
    expect(widthOf(text)).toBe(3);
  }
  expect(widthOf("a\u00adb")).toBe(2);
});

test.each([
  ["a\u0301", 1],
  ["日本…", 5],
  ["✅ ok", 5],
])("%s takes %i columns", (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

test("what stands indented goes on further in, and not at the margin", () => {
  expect(wrapIndented("    undo: it goes back to what it was", 20)).toEqual([
    "    undo: it goes",
    "      back to what",
    "      it was",
  ]);
  expect(wrapIndented("    short", 20)).toEqual(["    short"]);
  expect(wrapIndented("at the margin it is as before", 20)).toEqual(["at the margin it is", "as before"]);
});
