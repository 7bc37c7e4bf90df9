import { expect, test } from "vitest";
import { pastOf, type PastRecord } from "../../src/run/resume-state.ts";

const record = (type: string, data: Record<string, unknown>, second = 0): PastRecord => ({
  type,
  time: `2026-01-31T14:15:${String(second).padStart(2, "0")}.000Z`,
  data: { run: "R1", ...data },
});

test("a change that ended is known with its outputs", () => {
  const past = pastOf(
    [
      record("step.intent", { key: "k", before: { n: 1 } }, 1),
      record("step.outcome", { key: "k", status: "ok", outputs: { instances: 2 } }, 2),
    ],
    "R1",
  );
  expect(past.ended.get("k")).toMatchObject({ status: "ok", outputs: { instances: 2 } });
  expect(past.open.size).toBe(0);
});

test("an intent without an outcome is open, with what was recorded before it and when", () => {
  const past = pastOf([record("step.intent", { key: "k", before: { n: 1 } }, 7)], "R1");
  expect(past.open.get("k")).toMatchObject({ since: new Date("2026-01-31T14:15:07.000Z"), before: { n: 1 } });
  expect(past.ended.size).toBe(0);
});

test("a second intent opens again what had ended: the newest word counts", () => {
  const past = pastOf(
    [
      record("step.intent", { key: "k" }, 1),
      record("step.outcome", { key: "k", status: "failed" }, 2),
      record("step.intent", { key: "k", before: "later" }, 3),
    ],
    "R1",
  );
  expect(past.ended.has("k")).toBe(false);
  expect(past.open.get("k")).toMatchObject({ before: "later" });
});

test("another run's records, and records without a key, say nothing of this one", () => {
  const past = pastOf(
    [
      { ...record("step.intent", { key: "k" }), data: { run: "R2", key: "k" } },
      record("step.intent", {}),
      record("step.outcome", { key: 5 }),
      record("note", { key: "k" }),
    ],
    "R1",
  );
  expect([past.open.size, past.ended.size]).toEqual([0, 0]);
});
