import { expect, test } from "vitest";
import type { JournalRecord } from "../../src/events/record.ts";
import { momentOf } from "../../src/store/moments.ts";

const time = "2026-11-30T09:42:00.000Z";
const gravity = (type: string, data: object): unknown => {
  const moment = momentOf({ type, data } as JournalRecord, time);
  return moment === undefined ? "no moment" : moment.severity;
};

test.each([
  ["finding", { step: "health", status: "failed", sentence: "503" }, "error"],
  ["finding", { step: "health", status: "unknown", sentence: "no engine" }, "warning"],
  ["finding", { step: "health", status: "ok", sentence: "200" }, undefined],
  ["step.outcome", { step: "restart", status: "failed" }, "error"],
  ["halt.receipt", { outcome: "PROVEN", halt: "HALT-1", scope: "all" }, "warning"],
  ["halt.receipt", { outcome: "PARTIAL", halt: "HALT-1", scope: "all" }, "error"],
  ["incident.declared", { number: "INC-1", severity: "P0", impact: "x" }, "error"],
  ["incident.declared", { number: "INC-1", severity: "P3", impact: "x" }, "warning"],
  ["incident.note", { text: "x" }, undefined],
  ["message.queued", { key: "x" }, "no moment"],
] as const)("%s %o is of severity %s", (type, data, severity) => {
  expect(gravity(type, data)).toBe(severity);
});

test("a moment has its time and one line", () => {
  const data = { step: "health", status: "failed", sentence: "503" };
  expect(momentOf({ type: "finding", data } as unknown as JournalRecord, time)).toEqual({
    time: new Date(time),
    text: "finding health failed: 503",
    severity: "error",
  });
});
