import { describe, expect, test } from "vitest";
import type { PostgresSession } from "../../../src/kinds/postgres/postgres-sessions.ts";
import { groupedLines } from "../../../src/kinds/postgres/session-groups.ts";

function session(pid: number, more: Partial<PostgresSession> = {}): PostgresSession {
  return {
    pid,
    started: "2026-11-29 08:00:00+00",
    type: "client backend",
    state: "idle in transaction",
    user: "lav",
    application: "market-sentinel@dec58d4",
    database: "lav",
    client: "10.0.0.7",
    age: 47_400 + (pid % 2) * 1000,
    transaction: "2026-11-29 08:00:01+00",
    statement: undefined,
    blockers: [],
    query: "SELECT count(*)\n  FROM positions",
    signal: true,
    ...more,
  };
}

describe("sessions at a question", () => {
  test("of one kind are one line, with their ages, pids and statement", () => {
    const sessions = [62, 134, ...Array.from({ length: 42 }, (_none, at) => 92 + at)].map((pid) =>
      session(pid),
    );
    expect(groupedLines(sessions)).toEqual([
      "44 × lav, market-sentinel@dec58d4, idle in transaction, in transactions for 47s to 48s, pids 62, 92–134: SELECT count(*) FROM positions",
    ]);
  });

  test("that is alone has its own line, in the order in which they come", () => {
    const sessions = [
      session(7, { user: "risk", age: 60_000 }),
      session(9),
      session(8),
      session(5, { blockers: [7] }),
    ];
    expect(groupedLines(sessions)).toEqual([
      "pid 7: risk, market-sentinel@dec58d4, idle in transaction, in a transaction for 1m: SELECT count(*) FROM positions",
      "2 × lav, market-sentinel@dec58d4, idle in transaction, in transactions for 47s to 48s, pids 8, 9: SELECT count(*) FROM positions",
      "pid 5: lav, market-sentinel@dec58d4, idle in transaction, in a transaction for 48s, waits for 7: SELECT count(*) FROM positions",
    ]);
  });

  test("of several statements say how many, and no age where one has none", () => {
    const sessions = [session(1, { age: undefined }), session(2, { query: "UPDATE orders SET x = 1" })];
    expect(groupedLines(sessions)).toEqual([
      "2 × lav, market-sentinel@dec58d4, idle in transaction, pids 1, 2: 2 statements, first SELECT count(*) FROM positions",
    ]);
  });

  test("of more than eight kinds are counted", () => {
    const sessions = Array.from({ length: 10 }, (_none, at) => session(at, { user: `u${at}` }));
    expect(groupedLines([...sessions, session(11, { user: "u9" })])).toHaveLength(9);
    expect(groupedLines([...sessions, session(11, { user: "u9" })]).at(-1)).toBe("and 3 more");
  });
});
