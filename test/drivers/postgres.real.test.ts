import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPostgres } from "../../src/drivers/postgres.ts";
import { effectOf } from "../../src/base/failure.ts";
import type { SqlReply, SqlRequest } from "../../src/drivers/ports.ts";
import type { Result } from "../../src/base/result.ts";
import { startPostgres, type PostgresServer } from "../stack/postgres.ts";

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres({ password: "right-word", maxConnections: 12 });
  await done("CREATE TABLE orders (id int PRIMARY KEY, state text); INSERT INTO orders VALUES (1, 'open')");
});

afterAll(async () => await server.stop());

type Options = Partial<SqlRequest> & { readonly url?: string };

async function run(mode: "read" | "write", sql: string, options: Options = {}): Promise<Result<SqlReply>> {
  return await createPostgres({ url: options.url ?? server.url }).query({
    sql,
    params: [],
    mode,
    transaction: true,
    statementTimeout: 20_000,
    lockTimeout: 5000,
    maxRows: 1000,
    signal: AbortSignal.timeout(30_000),
    ...options,
  });
}

const read = async (sql: string, options?: Options): Promise<Result<SqlReply>> =>
  await run("read", sql, options);
const write = async (sql: string, options?: Options): Promise<Result<SqlReply>> =>
  await run("write", sql, options);

/** Runs each statement of a set-up, and throws where one fails. */
async function done(sql: string): Promise<void> {
  for (const statement of sql.split("; ")) {
    const reply = await write(statement);
    if (!reply.ok) throw new Error(JSON.stringify(reply.failure));
  }
}

async function value(sql: string, options?: Options): Promise<unknown> {
  const reply = await read(sql, options);
  if (!reply.ok) throw new Error(JSON.stringify(reply.failure));
  return Object.values(reply.value.rows[0] ?? {})[0];
}

async function failure(
  outcome: Promise<Result<SqlReply>>,
): Promise<Extract<Result<SqlReply>, { ok: false }>["failure"]> {
  const reply = await outcome;
  if (reply.ok) throw new Error("it went well");
  return reply.failure;
}

describe("values", () => {
  test.each<[string, unknown]>([
    ["1::int2", 1n],
    ["1::int4", 1n],
    ["9223372036854775807::int8", 9223372036854775807n],
    ["sum(n) FROM (VALUES (9007199254740993::int8)) v(n)", 9007199254740993n],
    ["12.50::numeric", 12.5],
    ["0.1::numeric", 0.1],
    ["12345678901234567.89::numeric", "12345678901234567.89"],
    ["1e30::numeric", "1000000000000000000000000000000"],
    ["'NaN'::numeric", Number.NaN],
    ["1.5::float8", 1.5],
    ["'Infinity'::float8", Number.POSITIVE_INFINITY],
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
    expect(await value(`SELECT ${expression}`)).toEqual(expected);
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
    expect(await value(`SELECT $1::${type}`, { params: [param] })).toEqual(expected);
  });

  test("columns of the same name are told apart, and no column is a trap", async () => {
    const reply = await read(`SELECT 1 AS n, 2 AS n, 3 AS "__proto__"`);
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
    const reply = await read("SELECT n FROM generate_series(1, 25) n", { maxRows: 10 });
    expect(reply.ok && [reply.value.rows.length, reply.value.count, reply.value.truncated]).toEqual([
      10,
      25,
      true,
    ]);
  });

  test("exactly as many as the limit is not truncated", async () => {
    const reply = await read("SELECT n FROM generate_series(1, 10) n", { maxRows: 10 });
    expect(reply.ok && [reply.value.rows.length, reply.value.count, reply.value.truncated]).toEqual([
      10,
      10,
      false,
    ]);
  });

  test.each(["SHOW max_connections", "VALUES (1), (2)", "TABLE orders", "EXPLAIN SELECT 1"])(
    "%s",
    async (sql) => {
      const reply = await read(sql, { maxRows: 1 });
      expect(reply.ok && reply.value.rows.length).toBe(1);
    },
  );

  test("memory stays flat at ten million rows, read and written", async () => {
    const { gc } = globalThis;
    gc?.();
    const before = process.memoryUsage().rss;
    const reply = await read("SELECT n, repeat('x', 40) FROM generate_series(1, 10000000) n", { maxRows: 5 });
    expect(reply.ok && reply.value.count).toBe(10_000_000);
    const returned = await write("SELECT n FROM generate_series(1, 1000000) n", { maxRows: 5 });
    expect(returned.ok && [returned.value.count, returned.value.rows.length]).toEqual([1_000_000, 5]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});

describe("a read changes nothing", () => {
  beforeAll(async () => {
    await done(
      "CREATE SEQUENCE numbers; CREATE FUNCTION sly() RETURNS void LANGUAGE sql VOLATILE AS 'DELETE FROM orders'",
    );
  });

  test.each([
    "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone",
    "SELECT * FROM orders FOR UPDATE",
    "SELECT sly()",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "SELECT 1 INTO TEMP made",
    "SELECT * FROM orders; DELETE FROM orders",
  ])("the server refuses %s", async (sql) => {
    const refused = await failure(read(sql));
    expect(refused).toMatchObject({ type: "rejected", code: sql.includes(";") ? "42601" : "25006" });
    expect(effectOf(refused)).toBe("none");
    expect(await value("SELECT count(*) FROM orders")).toBe(1n);
  });

  test.each([
    "SELECT nextval('numbers')",
    'SELECT pg_catalog . "pg_terminate_backend" /* now */ (pid) FROM pg_stat_activity',
    "SELECT set_config('statement_timeout', '0', false)",
    "SELECT pg_reload_conf()",
    "DELETE FROM orders",
    "COMMIT",
    "SET default_transaction_read_only = off",
    "DO $$ BEGIN PERFORM pg_reload_conf(); END $$",
    "CALL something()",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "",
  ])("it is not even sent: %s", async (sql) => {
    const refused = await failure(read(sql, { url: "postgresql://nobody@127.0.0.1:1/none" }));
    expect(refused).toMatchObject({ type: "argument", target: "sql", effect: "none" });
  });

  test("the server says so itself in a read's session", async () => {
    expect(await value("SHOW transaction_read_only")).toBe("on");
    expect(await value("SHOW default_transaction_read_only")).toBe("on");
    expect(await value("SHOW statement_timeout", { statementTimeout: 1234 })).toBe("1234ms");
    expect(await value("SHOW lock_timeout", { lockTimeout: 567 })).toBe("567ms");
  });
});

describe("a change", () => {
  test("is there afterwards, with what it returned", async () => {
    const reply = await write("INSERT INTO orders VALUES (2, $1), (3, $1) RETURNING id", { params: ["new"] });
    expect(reply.ok && reply.value).toMatchObject({
      count: 2,
      rows: [{ id: 2n }, { id: 3n }],
      truncated: false,
    });
    const gone = await write("DELETE FROM orders WHERE id > $1", { params: [1] });
    expect(gone.ok && gone.value).toMatchObject({ count: 2, rows: [], columns: [], truncated: false });
  });

  test("that fails leaves nothing, and says so", async () => {
    const failed = await failure(write("INSERT INTO orders VALUES (9, 'x'), (1, 'again')"));
    expect(failed).toMatchObject({ type: "rejected", code: "23505", effect: "none" });
    expect(await value("SELECT count(*) FROM orders WHERE id = 9")).toBe(0n);
  });

  test("that the commit refuses leaves nothing, and says so", async () => {
    await done(
      "CREATE TABLE parts (id int PRIMARY KEY, of int REFERENCES parts DEFERRABLE INITIALLY DEFERRED)",
    );
    expect(await failure(write("INSERT INTO parts VALUES (1, 7)"))).toMatchObject({
      code: "23503",
      effect: "none",
    });
  });

  test("ALTER SYSTEM runs outside a transaction only", async () => {
    const sql = "ALTER SYSTEM SET max_connections = 50";
    expect(await failure(write(sql))).toMatchObject({ type: "rejected", code: "25001", effect: "none" });
    expect(await write(sql, { transaction: false })).toMatchObject({ ok: true });
    expect(await write("ALTER SYSTEM RESET max_connections", { transaction: false })).toMatchObject({
      ok: true,
    });
  });

  test.each([
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "PREPARE TRANSACTION 'x'",
    "COPY orders FROM STDIN",
    " -- nothing",
  ])("%s is refused before it is sent", async (sql) => {
    expect(await failure(write(sql))).toMatchObject({ type: "argument", effect: "none" });
  });

  test("cut short by the deadline is rolled back, and says so", async () => {
    const cut = await failure(
      write("UPDATE orders SET state = 'lost' FROM pg_sleep(30) WHERE id = 1", {
        signal: AbortSignal.timeout(300),
      }),
    );
    expect(cut).toMatchObject({ type: "timeout", doing: "running the statement", effect: "none" });
    expect(await value("SELECT state FROM orders WHERE id = 1")).toBe("open");
  });

  test("cut short in a function that acts at once may have acted", async () => {
    const sql = "SELECT pg_notify('x', 'y'), pg_sleep(30)";
    expect(await failure(write(sql, { signal: AbortSignal.timeout(300) }))).toMatchObject({
      type: "timeout",
      effect: "unknown",
    });
  });

  test("a name that is not there never began", async () => {
    expect(await failure(write("SELECT no_such_function(1)"))).toMatchObject({
      code: "42883",
      effect: "none",
    });
  });
});

describe("deadlines", () => {
  test("a statement past the signal is cancelled on the server", async () => {
    const started = performance.now();
    const cut = await failure(read("SELECT pg_sleep(30), 'marked'", { signal: AbortSignal.timeout(300) }));
    expect(cut.type).toBe("timeout");
    const left =
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%marked%' AND pid <> pg_backend_pid()";
    while ((await value(left)) !== 0n);
    // Left alone, it would have gone on until the server's own timeout, at 20 s.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("a statement past its own timeout is a timeout", async () => {
    expect(await failure(read("SELECT pg_sleep(30)", { statementTimeout: 200 }))).toMatchObject({
      type: "timeout",
      doing: "running the statement, which the server then cancelled",
    });
  });

  test("cancelled by somebody else is not", async () => {
    const asleep = read("SELECT pg_sleep(30), 'victim'");
    await untilSeen("victim");
    await done(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%victim%' AND pid <> pg_backend_pid()",
    );
    expect(await failure(asleep)).toMatchObject({ type: "rejected", code: "57014" });
  });

  test("a lock that is not had in time", async () => {
    const holding = new AbortController();
    const holder = write(
      "UPDATE orders SET state = state FROM pg_sleep(30) s WHERE id = 1 AND 'holder' = 'holder'",
      {
        signal: holding.signal,
      },
    );
    await untilSeen("holder");
    const blocked = write("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", { lockTimeout: 100 });
    expect(await failure(blocked)).toMatchObject({ type: "rejected", code: "55P03" });
    holding.abort();
    expect(await failure(holder)).toMatchObject({ type: "timeout", effect: "none" });
  });
});

describe("a server that does not let in or goes away", () => {
  const as = (change: (url: URL) => void): string => {
    const url = new URL(server.url);
    change(url);
    return url.href;
  };

  test("a wrong password", async () => {
    const url = as((to) => (to.password = "wrong-word"));
    const denied = await failure(read("SELECT 1", { url }));
    expect(denied).toMatchObject({ type: "denied", effect: "none" });
    expect(JSON.stringify(denied)).toContain("28P01");
    expect(JSON.stringify(denied)).not.toContain("wrong-word");
  });

  test("no password, and one from the environment", async () => {
    const url = as((to) => (to.password = ""));
    expect(await failure(read("SELECT 1", { url }))).toMatchObject({
      type: "denied",
      message: "it asks for a password, and there is none in its address or in PGPASSWORD",
    });
    const postgres = createPostgres({ url, env: { PGPASSWORD: "right-word" } });
    const reply = await postgres.query({
      sql: "SELECT 1 AS one",
      params: [],
      mode: "read",
      transaction: true,
      statementTimeout: 5000,
      lockTimeout: 5000,
      maxRows: 1,
      signal: AbortSignal.timeout(5000),
    });
    expect(reply.ok && reply.value.rows).toEqual([{ one: 1n }]);
  });

  test("no such database", async () => {
    const url = as((to) => (to.pathname = "/nowhere"));
    expect(await failure(read("SELECT 1", { url }))).toMatchObject({ type: "missing" });
  });

  test("full of clients", async () => {
    // One more with each question: a slot that a question holds for a moment is refused to a sleeper.
    const asleep: AbortController[] = [];
    const all: Promise<Result<SqlReply>>[] = [];
    const refused = await untilFailure(async () => {
      const controller = new AbortController();
      asleep.push(controller);
      all.push(read("SELECT pg_sleep(60)", { signal: controller.signal, statementTimeout: 60_000 }));
      return await read("SELECT 1");
    });
    expect(refused).toMatchObject({ type: "denied", effect: "none" });
    expect(JSON.stringify(refused)).toMatch(/53300/);
    for (const controller of asleep) controller.abort();
    await Promise.all(all);
  });

  test("a terminated session", async () => {
    const asleep = read("SELECT pg_sleep(30), 'ended'");
    await untilSeen("ended");
    await done(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%ended%' AND pid <> pg_backend_pid()",
    );
    expect(await failure(asleep)).toMatchObject({ type: "unreachable", cause: "closed" });
  });

  test("stopped while a statement runs, then started again", async () => {
    const asleep = read("SELECT pg_sleep(30), 'stopping'");
    const changing = write("UPDATE orders SET state = 'half' FROM pg_sleep(30) WHERE id = 1");
    await untilSeen("stopping");
    await untilSeen("half");
    await server.restart();
    expect(await failure(asleep)).toMatchObject({ type: "unreachable", cause: "closed" });
    expect(await failure(changing)).toMatchObject({ type: "unreachable", effect: "none" });
    expect(await value("SELECT state FROM orders WHERE id = 1")).toBe("open");
  });
});

async function untilSeen(mark: string): Promise<void> {
  for (;;) {
    const sql = `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep' AND query LIKE '%${mark}%' AND pid <> pg_backend_pid()`;
    if (((await value(sql)) as bigint) > 0n) return;
  }
}

async function untilFailure(
  attempt: () => Promise<Result<SqlReply>>,
): Promise<Extract<Result<SqlReply>, { ok: false }>["failure"]> {
  for (;;) {
    const reply = await attempt();
    if (!reply.ok) return reply.failure;
  }
}
