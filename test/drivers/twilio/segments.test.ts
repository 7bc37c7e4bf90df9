import { expect, test } from "vitest";
import { segmentsOf, segmentsText } from "../../../src/drivers/twilio/segments.ts";

test.each([
  ["x".repeat(160), "GSM-7", 1],
  ["x".repeat(161), "GSM-7", 2],
  ["x".repeat(306), "GSM-7", 2],
  ["x".repeat(307), "GSM-7", 3],
  // Two septets each, none of them split: the 153rd has no room for half of one.
  ["€".repeat(80), "GSM-7", 1],
  ["€".repeat(81), "GSM-7", 2],
  [`${"€".repeat(76)}${"€".repeat(76)}x`, "GSM-7", 2],
  [`${"€".repeat(76)}${"€".repeat(76)}xxx`, "GSM-7", 3],
  ["é@£Δ\n{}", "GSM-7", 1],
  ["ж".repeat(70), "UCS-2", 1],
  ["ж".repeat(71), "UCS-2", 2],
  // A pair of surrogates stays together: 33 of them a part.
  ["🚨".repeat(35), "UCS-2", 1],
  ["🚨".repeat(66), "UCS-2", 2],
  ["🚨".repeat(67), "UCS-2", 3],
  ["", "GSM-7", 1],
])("%j is %s, %i", (text, alphabet, count) => {
  expect(segmentsOf(text)).toEqual({ alphabet, count });
});

test("in words", () => {
  expect([segmentsText("x"), segmentsText("ж".repeat(99))]).toEqual([
    "1 SMS segment (GSM-7)",
    "2 SMS segments (UCS-2)",
  ]);
});
