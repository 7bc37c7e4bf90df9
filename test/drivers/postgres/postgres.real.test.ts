import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { effectOf } from "../../../src/base/failure.ts";
import { createPostgres } from "../../../src/drivers/postgres/postgres.ts";
import { startPostgres, type PostgresServer } from "../../../sandbox/postgres.ts";
import { failure, Runs, untilFailure, type Outcome } from "./runs.ts";
import { patience, soon } from "../../patience.ts";

let server: PostgresServer;
const runs = new Runs(() => server);

beforeAll(async () => {
  server = await startPostgres({ password: "right-word", maxConnections: 12 });
  await runs.done(
    "CREATE TABLE orders (id int PRIMARY KEY, state text); INSERT INTO orders VALUES (1, 'open')",
  );
});

afterAll(async () => await server.stop());

describe("a read changes nothing", () => {
  beforeAll(async () => {
    await runs.done(
      "CREATE SEQUENCE numbers; CREATE FUNCTION sly() RETURNS void LANGUAGE sql VOLATILE AS 'DELETE FROM orders'",
    );
  });

  test.each([
    "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone",
    "SELECT * FROM orders FOR UPDATE",
    "SELECT sly()",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "SELECT 1 INTO TEMP made",
  ])("the server refuses %s", async (sql) => {
    const refused = await failure(runs.read(sql));
    expect(refused).toMatchObject({ type: "rejected", code: "25006" });
    expect(effectOf(refused)).toBe("none");
    expect(await runs.value("SELECT count(*) FROM orders")).toBe(1n);
  });

  test("several statements are refused before any of them is sent", async () => {
    const refused = await failure(runs.read("SELECT * FROM orders; DELETE FROM orders"));
    expect(refused).toMatchObject({ type: "argument" });
    expect(effectOf(refused)).toBe("none");
    expect(await runs.value("SELECT count(*) FROM orders")).toBe(1n);
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
    const refused = await failure(runs.read(sql, { url: "postgresql://nobody@127.0.0.1:1/none" }));
    expect(refused).toMatchObject({ type: "argument", target: "sql", effect: "none" });
  });

  test("the server says so itself in a read's session", async () => {
    expect(await runs.value("SHOW transaction_read_only")).toBe("on");
    expect(await runs.value("SHOW default_transaction_read_only")).toBe("on");
    expect(await runs.value("SHOW statement_timeout", { statementTimeout: 1234 })).toBe("1234ms");
    expect(await runs.value("SHOW lock_timeout", { lockTimeout: 567 })).toBe("567ms");
  });
});

describe("a change", () => {
  test("is there afterwards, with what it returned", async () => {
    const reply = await runs.write("INSERT INTO orders VALUES (2, $1), (3, $1) RETURNING id", {
      params: ["new"],
    });
    expect(reply.ok && reply.value).toMatchObject({
      count: 2,
      rows: [{ id: 2n }, { id: 3n }],
      truncated: false,
    });
    const gone = await runs.write("DELETE FROM orders WHERE id > $1", { params: [1] });
    expect(gone.ok && gone.value).toMatchObject({ count: 2, rows: [], columns: [], truncated: false });
  });

  test("that fails leaves nothing, and says so", async () => {
    const failed = await failure(runs.write("INSERT INTO orders VALUES (9, 'x'), (1, 'again')"));
    expect(failed).toMatchObject({ type: "rejected", code: "23505", effect: "none" });
    expect(await runs.value("SELECT count(*) FROM orders WHERE id = 9")).toBe(0n);
  });

  test("that the commit refuses leaves nothing, and says so", async () => {
    await runs.done(
      "CREATE TABLE parts (id int PRIMARY KEY, of int REFERENCES parts DEFERRABLE INITIALLY DEFERRED)",
    );
    expect(await failure(runs.write("INSERT INTO parts VALUES (1, 7)"))).toMatchObject({
      code: "23503",
      effect: "none",
    });
  });

  test("ALTER SYSTEM runs outside a transaction only", async () => {
    const sql = "ALTER SYSTEM SET max_connections = 50";
    expect(await failure(runs.write(sql))).toMatchObject({ type: "rejected", code: "25001", effect: "none" });
    expect(await runs.write(sql, { transaction: false })).toMatchObject({ ok: true });
    expect(await runs.write("ALTER SYSTEM RESET max_connections", { transaction: false })).toMatchObject({
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
    expect(await failure(runs.write(sql))).toMatchObject({ type: "argument", effect: "none" });
  });

  test("cut short by the deadline is rolled back, and says so", async () => {
    const sql = "UPDATE orders SET state = 'lost' FROM pg_sleep(30) WHERE id = 1";
    const cut = await runs.cut("write", sql, "lost");
    expect(cut).toMatchObject({ type: "timeout", doing: "running the statement", effect: "none" });
    expect(await runs.value("SELECT state FROM orders WHERE id = 1")).toBe("open");
  });

  test("cut short in a function that acts at once may have acted", async () => {
    const sql = "SELECT pg_notify('x', 'y'), pg_sleep(30)";
    expect(await runs.cut("write", sql, "pg_notify")).toMatchObject({ type: "timeout", effect: "unknown" });
  });

  test("a name that is not there never began", async () => {
    expect(await failure(runs.write("SELECT no_such_function(1)"))).toMatchObject({
      code: "42883",
      effect: "none",
    });
  });
});

describe("deadlines", () => {
  test("a statement past the signal is cancelled on the server", async () => {
    // Left alone, it would go on for longer than anything is waited for.
    const sleep = `SELECT pg_sleep(${2 * patience}), 'marked'`;
    const cut = await runs.cut("read", sleep, "marked", { statementTimeout: 2 * patience });
    expect(cut.type).toBe("timeout");
    const left =
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%marked%' AND pid <> pg_backend_pid()";
    await expect.poll(async () => await runs.value(left), { timeout: patience }).toBe(0n);
  });

  test("a statement past its own timeout is a timeout", async () => {
    expect(await failure(runs.read("SELECT pg_sleep(30)", { statementTimeout: 200 }))).toMatchObject({
      type: "timeout",
      doing: "running the statement, which the server then cancelled",
    });
  });

  test("cancelled by somebody else is not", async () => {
    const asleep = runs.read("SELECT pg_sleep(30), 'victim'");
    await runs.asleep("victim");
    await runs.done(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%victim%' AND pid <> pg_backend_pid()",
    );
    expect(await failure(asleep)).toMatchObject({ type: "rejected", code: "57014" });
  });

  test("a lock that is not had in time", async () => {
    const holding = new AbortController();
    const holder = runs.write(
      "UPDATE orders SET state = state FROM pg_sleep(30) s WHERE id = 1 AND 'holder' = 'holder'",
      {
        signal: holding.signal,
      },
    );
    await runs.asleep("holder");
    const blocked = runs.write("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", { lockTimeout: 100 });
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
    const denied = await failure(runs.read("SELECT 1", { url }));
    expect(denied).toMatchObject({ type: "denied", effect: "none" });
    expect(JSON.stringify(denied)).toContain("28P01");
    expect(JSON.stringify(denied)).not.toContain("wrong-word");
  });

  test("no password, and one from the environment", async () => {
    const url = as((to) => (to.password = ""));
    expect(await failure(runs.read("SELECT 1", { url }))).toMatchObject({
      type: "denied",
      message: "it requires a password; give one in its address or in PGPASSWORD",
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
      signal: soon(),
    });
    expect(reply.ok && reply.value.rows).toEqual([{ one: 1n }]);
  });

  test("no such database", async () => {
    const url = as((to) => (to.pathname = "/nowhere"));
    expect(await failure(runs.read("SELECT 1", { url }))).toMatchObject({ type: "missing" });
  });

  test("full of clients", async () => {
    // One more with each question: a slot that a question holds for a moment is refused to a sleeper.
    const asleep: AbortController[] = [];
    const all: Outcome[] = [];
    const refused = await untilFailure(async () => {
      const controller = new AbortController();
      asleep.push(controller);
      all.push(runs.read("SELECT pg_sleep(60)", { signal: controller.signal, statementTimeout: 60_000 }));
      return await runs.read("SELECT 1");
    });
    expect(refused).toMatchObject({ type: "denied", effect: "none" });
    expect(JSON.stringify(refused)).toMatch(/53300/);
    for (const controller of asleep) controller.abort();
    await Promise.all(all);
  });

  test("a terminated session", async () => {
    const asleep = runs.read("SELECT pg_sleep(30), 'ended'");
    await runs.asleep("ended");
    await runs.done(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%ended%' AND pid <> pg_backend_pid()",
    );
    expect(await failure(asleep)).toMatchObject({ type: "unreachable", cause: "closed" });
  });

  test("stopped while a statement runs, then started again", async () => {
    const asleep = runs.read("SELECT pg_sleep(30), 'stopping'");
    const changing = runs.write("UPDATE orders SET state = 'half' FROM pg_sleep(30) WHERE id = 1");
    await runs.asleep("stopping");
    await runs.asleep("half");
    await server.restart();
    expect(await failure(asleep)).toMatchObject({ type: "unreachable", cause: "closed" });
    expect(await failure(changing)).toMatchObject({ type: "unreachable", effect: "none" });
    expect(await runs.value("SELECT state FROM orders WHERE id = 1")).toBe("open");
  });
});
