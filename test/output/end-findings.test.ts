import { Chalk } from "chalk";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/events/run.ts";
import { EndFindings } from "../../src/output/end-findings.ts";

const colour = new Chalk({ level: 0 });

function finding(step: string, status: "ok" | "failed", sentence: string): RunEvent {
  const time = new Date(0);
  return {
    type: "finding",
    time,
    run: "RUN-1",
    step,
    section: "diagnose",
    title: `T ${step}`,
    status,
    sentence,
  };
}

function linesOf(...events: readonly RunEvent[]): readonly string[] {
  const findings = new EndFindings();
  for (const event of events) findings.hear(event);
  return findings.lines(colour);
}

test("what was measured once is not said once more", () => {
  expect(linesOf(finding("a", "failed", "503"), finding("b", "ok", "fine"))).toEqual([]);
});

test("what is better, worse or still not ok stands with what it was; what is as it was does not", () => {
  const first = [
    finding("a", "failed", "503"),
    finding("b", "ok", "T b"),
    finding("c", "failed", "9 behind"),
  ];
  const then = [finding("a", "ok", "200"), finding("b", "ok", "T b"), finding("c", "failed", "9 behind")];
  expect(linesOf(...first, ...then)).toEqual(["  ✔ T a: 200 (was: 503)", "  ✖ T c: 9 behind"]);
  expect(linesOf(...first, finding("b", "failed", "gone"))).toEqual([
    "  ✖ T a: 503",
    "  ✖ T b: gone (was: T b)",
    "  ✖ T c: 9 behind",
  ]);
});

test("of many the first ten stand, and how many there are besides", () => {
  const all = (status: "ok" | "failed"): readonly RunEvent[] =>
    Array.from({ length: 13 }, (_none, at) => finding(`f${at}`, status, status));
  const lines = linesOf(...all("failed"), ...all("ok"));
  expect([lines.length, lines.at(-1)]).toEqual([11, "  and 3 more findings"]);
});
