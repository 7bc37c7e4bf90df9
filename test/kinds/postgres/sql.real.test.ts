import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClock } from "../../../src/drivers/clock.ts";
import { createPostgres } from "../../../src/drivers/postgres/postgres.ts";
import { postgresPing } from "../../../src/kinds/postgres/postgres-ping.ts";
import { sqlExec } from "../../../src/kinds/postgres/sql-exec.ts";
import { sqlQuery } from "../../../src/kinds/postgres/sql-query.ts";
import type { Kind, KindContext } from "../../../src/kinds/kind.ts";
import { startPostgres, type PostgresServer } from "../../../sandbox/postgres.ts";
import { args, context, where } from "../context.ts";

let server: PostgresServer;
let here: KindContext;

beforeAll(async () => {
  server = await startPostgres({ password: "right-word", maxConnections: 14 });
  here = context({ postgres: createPostgres({ url: server.url }), clock: createClock() });
  await outputs(sqlExec, { sql: "CREATE TABLE venues (id int, name text)" });
});

afterAll(async () => await server.stop());

async function outputs(
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const done = await kind.execute(args(kind, given), here);
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  return done.value;
}

/** What the by-hand command prints, typed as it stands into a shell. */
async function typed(kind: Kind, given: Readonly<Record<string, unknown>>): Promise<string> {
  const target = new URL(server.url);
  const at = { ...where, postgres: `${target.host}/postgres` };
  const line = kind.byHand(args(kind, given), at);
  const env = { PATH: process.env["PATH"] ?? "", PGUSER: "postgres", PGPASSWORD: "right-word" };
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { env });
  return stdout;
}

test("what is written is read, by the tool and by hand", async () => {
  const insert = { sql: "INSERT INTO venues VALUES ($1, $2), ($1 + 1, NULL)", params: [7, "O'Hare $1"] };
  expect(await outputs(sqlExec, insert)).toMatchObject({ count: 2, rows: [] });
  const select = { sql: "SELECT name FROM venues WHERE id = $1::int -- one\n", params: ["7"] };
  expect(await outputs(sqlQuery, select)).toMatchObject({ value: "O'Hare $1", count: 1, columns: ["name"] });
  expect(await typed(sqlQuery, select)).toContain("O'Hare $1");
  expect(await typed(sqlExec, { sql: "DELETE FROM venues WHERE id >= $1::int", params: [7] })).toContain(
    "DELETE 2",
  );
});

test("by hand a read is a read", async () => {
  await expect(typed(sqlQuery, { sql: "CREATE TABLE never (a int)" })).rejects.toThrow(
    /read-only transaction/,
  );
});

test("a preview shows what is there now", async () => {
  await outputs(sqlExec, { sql: "INSERT INTO venues VALUES (1, 'a'), (2, 'b')" });
  const change = args(sqlExec, {
    sql: "DELETE FROM venues WHERE id > $1",
    params: [1],
    preview: { sql: "SELECT id, name FROM venues WHERE id > $1", moving: ["name"] },
  });
  const preview = await sqlExec.preview?.(change, here);
  expect(preview).toMatchObject({
    ok: true,
    value: { lines: ["with $1 = 1", "touches 1 row", "id=2 name=b"], binding: [{ id: 2n }] },
  });
});

test("a ping tells the server's state", async () => {
  expect(await outputs(postgresPing, {})).toMatchObject({
    version: expect.stringMatching(/^\d+/),
    recovery: false,
    connections: 1n,
    max_connections: 14n,
    reserved: 3n,
  });
  expect(await typed(postgresPing, {})).toContain("max_connections");
});
