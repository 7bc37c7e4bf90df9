import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPostgres, type PostgresServer } from "../../../sandbox/postgres.ts";
import { NoValue } from "../../../src/base/no-value.ts";
import { Runs } from "./runs.ts";

let server: PostgresServer;
const runs = new Runs(() => server);

beforeAll(async () => {
  server = await startPostgres();
  await runs.done(
    "CREATE TABLE orders (id int PRIMARY KEY, state text); INSERT INTO orders VALUES (1, 'open')",
  );
});

afterAll(async () => await server.stop());

describe("values", () => {
  test.each<[string, unknown]>([
    ["1::int2", 1n],
    ["1::int4", 1n],
    ["9223372036854775807::int8", 9223372036854775807n],
    ["sum(n) FROM (VALUES (9007199254740993::int8)) v(n)", 9007199254740993n],
    ["12.50::numeric", 12.5],
    ["0.1::numeric", 0.1],
    ["12345678901234567.89::numeric", 12345678901234568],
    ["1e30::numeric", 1e30],
    ["1.5::float8", 1.5],
    [`'{"n": 1e999, "m": 123456789012345678901}'::json`, { n: "1e999", m: "123456789012345678901" }],
    ["true", true],
    ["NULL::int", null],
    ["timestamptz '2026-03-01 12:00:00.123456+02'", new Date("2026-03-01T10:00:00.123Z")],
    ["timestamptz 'infinity'", "infinity"],
    ["timestamp '2026-03-01 12:00:00'", "2026-03-01 12:00:00"],
    ["date '2026-03-01'", "2026-03-01"],
    ["interval '1 day 02:03:04'", "1 day 02:03:04"],
    [
      `'{"n": 9007199254740993, "x": [1.5, null, "a"]}'::jsonb`,
      { n: 9007199254740993n, x: [1.5, null, "a"] },
    ],
    ["'\\x00ff'::bytea", new Uint8Array([0, 255])],
    ["ARRAY[1, NULL, 3]", [1n, null, 3n]],
    [
      "ARRAY[['a', 'b \"c\\'], ['NULL', '']]",
      [
        ["a", 'b "c\\'],
        ["NULL", ""],
      ],
    ],
    ["'[0:1]={7,8}'::int[]", [7n, 8n]],
    ["'ünï☃'", "ünï☃"],
  ])("%s", async (expression, expected) => {
    expect(await runs.value(`SELECT ${expression}`)).toEqual(expected);
  });

  test.each([
    ["'NaN'::numeric", "NaN", "v: NaN is no number"],
    ["'NaN'::float8", "NaN", "v: NaN is no number"],
    ["'-Infinity'::float4", "-Infinity", "v: -Infinity is no number"],
    ["'Infinity'::float8", "Infinity", "v: Infinity is no number"],
    ["1e400::numeric", `1${"0".repeat(400)}`, "v: 1000"],
    [`'{"a": 1, "a": 2}'::json`, '{"a": 1, "a": 2}', 'v: the key "a" is there twice in its JSON'],
  ])("%s is no value, and says why", async (expression, shown, why) => {
    const value = await runs.value(`SELECT ${expression} AS v`);
    expect(value).toBeInstanceOf(NoValue);
    expect(value).toMatchObject({ shown, why: expect.stringContaining(why) });
    const [list] = (await runs.value(`SELECT ARRAY[${expression}] AS v`)) as readonly unknown[];
    expect(list).toMatchObject({ shown });
  });

  test.each<[string, unknown, unknown]>([
    ["int8", 9007199254740993n, 9007199254740993n],
    ["text", "'; DROP TABLE orders; --", "'; DROP TABLE orders; --"],
    ["timestamptz", new Date("2026-03-01T10:00:00.123Z"), new Date("2026-03-01T10:00:00.123Z")],
    ["bytea", new Uint8Array([0, 1, 255]), new Uint8Array([0, 1, 255])],
    ["int[]", [1n, null, 3n], [1n, null, 3n]],
    ["text[]", ['a"b\\', "NULL", "{x,y}"], ['a"b\\', "NULL", "{x,y}"]],
    ["jsonb", { n: 9007199254740993n, when: null }, { n: 9007199254740993n, when: null }],
    ["interval", "10 minutes", "00:10:00"],
    ["text", null, null],
  ])("a parameter as %s comes back as it went", async (type, param, expected) => {
    expect(await runs.value(`SELECT $1::${type}`, { params: [param] })).toEqual(expected);
  });

  test("columns of the same name are told apart, and no column is a trap", async () => {
    const reply = await runs.read(`SELECT 1 AS n, 2 AS n, 3 AS "__proto__"`);
    expect(reply.ok && reply.value.columns).toEqual(["n", "n_2", "__proto__"]);
    expect(reply.ok && Object.entries(reply.value.rows[0] ?? {})).toEqual([
      ["n", 1n],
      ["n_2", 2n],
      ["__proto__", 3n],
    ]);
  });
});

describe("rows", () => {
  test("what is beyond the limit is counted, not kept", async () => {
    const reply = await runs.read("SELECT n FROM generate_series(1, 25) n", { maxRows: 10 });
    expect(reply.ok && [reply.value.rows.length, reply.value.count, reply.value.truncated]).toEqual([
      10,
      25,
      true,
    ]);
  });

  test("exactly as many as the limit is not truncated", async () => {
    const reply = await runs.read("SELECT n FROM generate_series(1, 10) n", { maxRows: 10 });
    expect(reply.ok && [reply.value.rows.length, reply.value.count, reply.value.truncated]).toEqual([
      10,
      10,
      false,
    ]);
  });

  test.each(["SHOW max_connections", "VALUES (1), (2)", "TABLE orders", "EXPLAIN SELECT 1"])(
    "%s",
    async (sql) => {
      const reply = await runs.read(sql, { maxRows: 1 });
      expect(reply.ok && reply.value.rows.length).toBe(1);
    },
  );

  test("memory stays flat at ten million rows, read and written", async () => {
    const { gc } = globalThis;
    gc?.();
    const before = process.memoryUsage().rss;
    const reply = await runs.read("SELECT n, repeat('x', 40) FROM generate_series(1, 10000000) n", {
      maxRows: 5,
    });
    expect(reply.ok && reply.value.count).toBe(10_000_000);
    const returned = await runs.write("SELECT n FROM generate_series(1, 1000000) n", { maxRows: 5 });
    expect(returned.ok && [returned.value.count, returned.value.rows.length]).toEqual([1_000_000, 5]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});
