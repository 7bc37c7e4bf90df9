import { existsSync } from "node:fs";
import pg from "pg";
import { expect, test } from "vitest";
import { startPostgres } from "../../sandbox/postgres.ts";

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

test("a server with a password, options and its own data; gone when stopped", async () => {
  const server = await startPostgres({
    password: "p@ss 'word",
    maxConnections: 7,
    config: ["work_mem = 5MB"],
  });
  try {
    expect(await ask(server.url, "SHOW max_connections")).toBe("7");
    expect(await ask(server.url, "SHOW work_mem")).toBe("5MB");
    const wrong = server.url.replace(/:[^:@]*@/, ":other@");
    await expect(ask(wrong, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    await ask(server.url, "CREATE TABLE kept AS SELECT 42 AS n");
    const before = server.pid;
    await server.restart();
    expect(server.pid).not.toBe(before);
    expect(await ask(server.url, "SELECT n FROM kept")).toBe(42);
  } finally {
    await server.stop();
  }
  expect(existsSync(server.folder)).toBe(false);
  await expect(ask(server.url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a configuration line it cannot read is in the error", async () => {
  await expect(startPostgres({ config: ["max_connections = lots"] })).rejects.toThrow(
    /did not start[\s\S]*max_connections/,
  );
});
