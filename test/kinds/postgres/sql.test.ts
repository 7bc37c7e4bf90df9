import { expect, test } from "vitest";
import { ok } from "../../../src/base/result.ts";
import type { Postgres, SqlReply, SqlRequest } from "../../../src/ports/ports.ts";
import { postgresPing } from "../../../src/kinds/postgres/postgres-ping.ts";
import { sqlExec } from "../../../src/kinds/postgres/sql-exec.ts";
import { sqlQuery } from "../../../src/kinds/postgres/sql-query.ts";
import { whyIrreversible } from "../../../src/kinds/kind.ts";
import { args, context, where } from "../context.ts";

const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };

function answering(reply: Partial<SqlReply>): { readonly postgres: Postgres; readonly asked: SqlRequest[] } {
  const asked: SqlRequest[] = [];
  const postgres: Postgres = {
    target: where.postgres,
    query: async (request) => {
      asked.push(request);
      return await Promise.resolve(ok({ rows: [], columns: [], count: 0, truncated: false, ...reply }));
    },
  };
  return { postgres, asked };
}

const kill = args(sqlExec, {
  sql: "SELECT pg_cancel_backend(pid) FROM busy WHERE age > $1::interval",
  params: ["10 minutes"],
  preview: {
    sql: "SELECT pid, age FROM busy WHERE age > $1::interval",
    moving: ["age"],
  },
  undo: { sql: "SELECT 1", transaction: true },
});

test("a query asks in read mode, with the step's deadline", async () => {
  const { postgres, asked } = answering({ rows: [{ n: 5n, m: null }], columns: ["n", "m"], count: 1 });
  const given = args(sqlQuery, { sql: "SELECT $1", params: [5n], max_rows: 7 });
  const done = await sqlQuery.execute(given, context({ postgres, clock }, { timeout: 1234 }));
  expect(done).toEqual(
    ok({
      rows: [{ n: 5n, m: null }],
      row: { n: 5n, m: null },
      value: 5n,
      count: 1,
      columns: ["n", "m"],
      truncated: false,
      elapsed: 0,
    }),
  );
  expect(asked[0]).toMatchObject({
    mode: "read",
    params: [5n],
    maxRows: 7,
    statementTimeout: 1234,
    lockTimeout: 5000,
  });
});

test("without a row, and with a NULL, there is no value", async () => {
  const given = args(sqlQuery, { sql: "SELECT 1" });
  const none = await sqlQuery.execute(given, context({ ...answering({ columns: ["n"] }), clock }));
  expect(none.ok && [Object.hasOwn(none.value, "row"), Object.hasOwn(none.value, "value")]).toEqual([
    false,
    false,
  ]);
  const empty = answering({ rows: [{ n: null }], columns: ["n"], count: 1 });
  const missing = await sqlQuery.execute(given, context({ ...empty, clock }));
  expect(missing.ok && [Object.hasOwn(missing.value, "row"), Object.hasOwn(missing.value, "value")]).toEqual([
    true,
    false,
  ]);
});

test("a preview binds who, not how long", async () => {
  const rows = [
    { pid: 11n, age: "00:12:00" },
    { pid: 12n, age: "00:15:00" },
  ];
  const { postgres, asked } = answering({ rows, columns: ["pid", "age"], count: 2 });
  const preview = await sqlExec.preview?.(kill, context({ postgres }));
  expect(preview).toEqual(
    ok({
      lines: ['with $1 = "10 minutes"', "touches 2 rows", "pid=11 age=00:12:00", "pid=12 age=00:15:00"],
      binding: [{ pid: 11n }, { pid: 12n }],
      counters: { rows: 2 },
      confirm: "2",
    }),
  );
  expect(asked[0]).toMatchObject({ mode: "read", params: ["10 minutes"] });
});

test("a preview longer than is shown says how many more there are, and binds their number", async () => {
  const rows = Array.from({ length: 25 }, (_, pid) => ({ pid: BigInt(pid) }));
  const { postgres } = answering({ rows, columns: ["pid"], count: 2500, truncated: true });
  const preview = await sqlExec.preview?.(kill, context({ postgres }));
  if (preview?.ok !== true) throw new Error("no preview");
  expect(preview.value.lines.at(-1)).toBe("and 2480 more");
  expect((preview.value.binding as readonly unknown[]).at(-1)).toBe(2500);
});

test("a change without a preview says that it has none", async () => {
  const preview = await sqlExec.preview?.(args(sqlExec, { sql: "VACUUM" }), context({}));
  expect(preview?.ok && preview.value.lines).toEqual([
    "what it will touch is not known: the step has no preview",
  ]);
});

test("its undo is a step with its own first parameters; without one it is irreversible", () => {
  if (sqlExec.undo.how !== "steps") throw new Error("no steps");
  const undo = { sql: "UPDATE t SET a = $1", transaction: true };
  const given = args(sqlExec, { sql: "UPDATE t SET a = $2 WHERE a = $1", params: ["old", "new"], undo });
  expect(sqlExec.undo.steps(given, null)).toEqual([{ "sql.exec": { ...undo, params: ["old"] } }]);
  expect(whyIrreversible(sqlExec, given)).toBeUndefined();
  expect(sqlExec.undo.steps(args(sqlExec, { sql: "VACUUM" }), null)).toBeUndefined();
  expect(whyIrreversible(sqlExec, { sql: "VACUUM" })).toBe("no undo statement is given (undo:)");
});

test.each<[Readonly<Record<string, unknown>>, string | undefined]>([
  [{ sql: "SELECT $1", params: ["a"] }, undefined],
  [{ sql: "SELECT $1", params: [] }, "sql has placeholders up to $1, and params has 0"],
  [
    { sql: "SELECT 1", params: [], preview: { sql: "SELECT $1" } },
    "preview: sql has placeholders up to $1, and params has 0",
  ],
  [
    { sql: "SELECT 1", params: [], undo: { sql: "SELECT $1", params: ["a", "b"] } },
    "undo: sql has placeholders up to $1, and params has 2",
  ],
])("%j is checked before anything runs", (given, wrong) => {
  expect(sqlExec.check?.(given, where)).toBe(wrong);
});

test("what a plan says", () => {
  const sql = "SELECT count(*)\n  FROM orders -- all of them";
  expect(sqlQuery.plan({ sql }, where)).toBe(
    'sql.query: SELECT count(*) FROM orders [comment: "all of them"] on PostgreSQL at db.local:5432/lav',
  );
  expect(sqlExec.plan({ sql: "VACUUM", transaction: false }, where)).toBe(
    "sql.exec: VACUUM on PostgreSQL at db.local:5432/lav, not in a transaction",
  );
  expect(postgresPing.plan({}, where)).toBe(
    "postgres.ping: ask PostgreSQL at db.local:5432/lav for its state",
  );
});

test("a ping whose answer is something else is unreadable", async () => {
  const { postgres } = answering({ rows: [{ version: "15" }], columns: ["version"], count: 1 });
  const pinged = await postgresPing.execute({}, context({ postgres, clock }));
  expect(pinged).toMatchObject({ ok: false, failure: { type: "unreadable" } });
});
