import { expect, test } from "vitest";
import { foldIncident } from "../../src/incident/fold.ts";
import { statusOf } from "../../src/incident/status.ts";
import { timelineOf } from "../../src/incident/timeline.ts";
import { watchLines, type Watched } from "../../src/output/incident-watch.ts";
import { declared, Desks, minute, zero } from "../incident/chains.ts";

function watched(minutes: number, more: Partial<Watched> = {}): Watched {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 1, "message.queued", {
    key: "page/sms/rosa/ny1-1",
    kind: "page",
    channel: "sms",
    person: "rosa",
    level: "P0",
    body: "x",
    head: { desk: "ny1", seq: 1, sum: "0" },
  });
  desks.write("ny1", 2, "incident.role", { role: "commander", person: "ada", how: "taken" });
  desks.write("ny1", 9, "incident.note", { text: "the gateway was restarted ".repeat(8) });
  const fold = foldIncident(desks.records);
  const now = zero + minutes * minute;
  const call = (who: string): string | undefined => (who === "rosa" ? "call +15550102" : undefined);
  const status = statusOf(fold, now, "INC-2026-0042");
  return { status, timeline: timelineOf(fold), now, call, sender: undefined, said: undefined, ...more };
}

test("late first, then who is silent, then what is due; the newest events above the keys", () => {
  const lines = watchLines(watched(18), { columns: 80, rows: 24 });
  expect(lines).toHaveLength(24);
  expect(lines.slice(0, 5)).toEqual([
    "INC-2026-0042 P0  open 18m  commander ada  [watch]",
    "! alerted: MISSED 16m ago   ! halted: MISSED 13m ago",
    "! updates 1: MISSED 3m ago   ! rosa: call +15550102   rto in 3h42m",
    " 09:42:00  declared P0: Orders rejected                               ada  ny1-1",
    " 09:43:00  page P0 to sms for rosa                                    ada  ny1-2",
  ]);
  expect(lines.at(-1)).toBe(" a ack   n note   u update   e escalate   r role   q quit (sending continues)");
  const unsent = watchLines(watched(18, { sender: "NO SENDER RUNS" }), { columns: 80, rows: 24 });
  expect(unsent.at(-1)).toBe(" a ack   n note   u update   e escalate   r role   q quit");
});

test("what does not fit is counted, and no line is longer than the terminal", () => {
  for (const columns of [20, 40, 80, 120]) {
    for (const rows of [1, 3, 8, 24, 40]) {
      const lines = watchLines(watched(18, { sender: "NO SENDER RUNS", said: "on record" }), {
        columns,
        rows,
      });
      expect(lines).toHaveLength(rows);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  }
  expect(watchLines(watched(18), { columns: 40, rows: 8 })[1]).toBe("! alerted: MISSED 16m ago   4 more");
  expect(watchLines(watched(18, { sender: "NO SENDER RUNS" }), { columns: 80, rows: 24 })[1]).toMatch(
    /^! NO SENDER RUNS {3}! alerted/,
  );
});
