import { expect, test } from "vitest";
import { recordsOf, type RunData } from "../../src/events/run-record.ts";
import { pastOf, type PastRecord } from "../../src/run/resume-state.ts";

const time = (second: number): string => `2026-01-31T14:15:${String(second).padStart(2, "0")}.000Z`;
const place = { run: "R1", key: "k", step: "act", section: "steps" } as const;

const intent = (second: number, more: Partial<RunData<"step.intent">> = {}): PastRecord => ({
  type: "step.intent",
  time: time(second),
  data: { ...place, action: "act", args: {}, digest: "d", idempotency_key: "i", ...more },
});
const outcome = (second: number, more: Partial<RunData<"step.outcome">> = {}): PastRecord => ({
  type: "step.outcome",
  time: time(second),
  data: { ...place, status: "ok", ...more },
});

test("a change that ended is known with its outputs", () => {
  const past = pastOf([intent(1, { before: { n: 1 } }), outcome(2, { outputs: { instances: 2 } })]);
  expect(past.ended.get("k")).toMatchObject({ status: "ok", outputs: { instances: 2 } });
  expect(past.open.size).toBe(0);
});

test("an intent without an outcome is open, with what was recorded before it and when", () => {
  const past = pastOf([intent(7, { before: { n: 1 } })]);
  expect(past.open.get("k")).toMatchObject({ since: new Date(time(7)), before: { n: 1 } });
  expect(past.ended.size).toBe(0);
});

test("a second intent opens again what had ended: the newest word counts", () => {
  const past = pastOf([intent(1), outcome(2, { status: "failed" }), intent(3, { before: "later" })]);
  expect(past.ended.has("k")).toBe(false);
  expect(past.open.get("k")).toMatchObject({ before: "later" });
});

test("another run's records say nothing of this one", () => {
  const past = pastOf(recordsOf([intent(1, { run: "R2" }), outcome(2, { run: "R2" })], "R1"));
  expect([past.open.size, past.ended.size]).toEqual([0, 0]);
});
