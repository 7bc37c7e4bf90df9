import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration, writeDuration } from "../../src/base/duration.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["2d", 172_800_000],
  ["0s", 0],
  ["1h0m5s", 3_605_000],
])("%s is %d milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  "",
  "5",
  "5x",
  "s",
  "1s1m",
  "1m1m",
  "-5s",
  "1e3s",
  " 5s",
  "5s ",
  "5 s",
  "1.s",
  ".5s",
  "5S",
  "9".repeat(400) + "s",
])("%j is not a duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (ms) => {
      expect(parseDuration(writeDuration(ms))).toBe(ms);
    }),
  );
});

test("reading any text ends, with a whole number or nothing", () => {
  const near = fc
    .array(fc.constantFrom("1", "0", ".", "ms", "s", "m", "h", "d", " "))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      const ms = parseDuration(text);
      expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
    }),
  );
});

test("a negative duration is written with its sign", () => {
  expect(writeDuration(-90_500)).toBe("-1m30s500ms");
});

test.each([
  [0, "0ms"],
  [850, "850ms"],
  [999.6, "1s"],
  [4200, "4.2s"],
  [9960, "10s"],
  [59_400, "59s"],
  [59_999, "1m"],
  [90_000, "1m30s"],
  [7_500_000, "2h5m"],
  [273_600_000, "3d4h"],
  [-4200, "-4.2s"],
])("%d milliseconds are said %s", (ms, said) => {
  expect(formatDuration(ms)).toBe(said);
});
