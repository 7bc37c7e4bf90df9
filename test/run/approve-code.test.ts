import { expect, test } from "vitest";
import { approveCode, codeFor } from "../../src/run/approve-code.ts";

const hours = (count: number): Date => new Date(Date.UTC(2026, 10, 30, 13, 20) + count * 3_600_000);
const code = approveCode("d1", hours(0));

test.each([
  [0, "good"],
  [23.9, "good"],
  [24.5, "good"],
  [25, "old"],
  [24 * 30, "old"],
  [24 * 31, undefined],
  // The machine that gave it has a clock that is ahead.
  [-0.5, "good"],
  [-2, undefined],
])("a code that is used %d hours after it was shown is %s", (after, is) => {
  expect(codeFor("d1", ["0".repeat(64), code], hours(after))).toBe(is);
});

test.each([
  [{ gross: 1_000_000 }, "good"],
  [{ gross: 1_099_000 }, "good"],
  [{ gross: 1_101_000 }, "moved"],
  [{ gross: 899_000 }, "moved"],
  [{}, "moved"],
])("an amount that was 1000000 and is %j makes the code %s", (moving, is) => {
  const given = approveCode("d1", hours(0), { gross: 1_000_000 });
  expect(codeFor("d1", [given], hours(1), moving)).toBe(is);
  expect(codeFor("d1", [given.replace("=1000000", "=1100000")], hours(1), moving)).toBeUndefined();
});

test("a code is of one change, and is not its digest", () => {
  expect(codeFor("d2", [code], hours(0))).toBeUndefined();
  expect(codeFor("d1", ["d1"], hours(0))).toBeUndefined();
});
