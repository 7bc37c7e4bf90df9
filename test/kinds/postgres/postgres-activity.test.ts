import { describe, expect, it } from "vitest";
import { ok } from "../../../src/base/result.ts";
import type { Postgres, SqlRequest, SqlValue } from "../../../src/ports/ports.ts";
import { postgresActivity } from "../../../src/kinds/postgres/postgres-activity.ts";
import { failure, value } from "../../drivers/results.ts";
import { args, context } from "../context.ts";

type Row = Readonly<Record<string, SqlValue>>;

const session = (more: Row = {}): Row => ({
  login: "lav_ops",
  max_connections: 60n,
  reserved: 3n,
  pid: 1n,
  started: "2026-03-01T12:00:00.000000Z",
  type: "client backend",
  state: "idle",
  user: "lav",
  application: "gateway@1",
  database: "lav",
  client: "10.0.0.7",
  age: null,
  transaction: null,
  statement: null,
  blockers: [],
  query: "SELECT 1",
  signal: true,
  ...more,
});

/** A server with these sessions; what it was asked is kept. */
function server(...rows: readonly Row[]): { readonly postgres: Postgres; readonly asked: SqlRequest[] } {
  const asked: SqlRequest[] = [];
  const query: Postgres["query"] = async (request) => {
    asked.push(request);
    return await Promise.resolve(ok({ rows, columns: [], count: rows.length, truncated: false }));
  };
  return { postgres: { target: "db.local:5432/lav", query }, asked };
}

const look = async (...rows: readonly Row[]) =>
  await postgresActivity.execute(args(postgresActivity, {}), context({ postgres: server(...rows).postgres }));

describe("postgres.activity", () => {
  // 16 and later keep `reserved_connections` for roles with pg_use_reserved_connections; 15 has no such setting.
  it("asks what is kept back in a way that every version answers, and takes the reserved slot when there is none", async () => {
    const { postgres, asked } = server(session());
    await postgresActivity.execute(args(postgresActivity, {}), context({ postgres }));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ mode: "read", login: "any" });
    expect(asked[0]?.sql).toContain("coalesce(current_setting('reserved_connections', true), '0')::int8");
    expect(asked[0]?.sql).toContain("current_setting('superuser_reserved_connections')::int8");
  });

  it("counts what both reserves leave for ordinary roles", async () => {
    const clients = Array.from({ length: 54 }, (_, at) => session({ pid: BigInt(at), reserved: 6n }));
    const own = [
      session({ pid: 90n, reserved: 6n, type: "walsender", user: "replica" }),
      session({ pid: 91n, reserved: 6n, type: "autovacuum launcher", user: "" }),
    ];
    expect(value(await look(...clients, ...own))).toMatchObject({
      reserved: 6,
      usable: 54,
      used: 54,
      free: 0,
      free_share: 0,
    });
  });

  it("clients in reserved slots make no negative room, and a server that reserves all has none", async () => {
    const many = Array.from({ length: 58 }, (_, at) => session({ pid: BigInt(at) }));
    expect(value(await look(...many))).toMatchObject({ used: 58, free: 0, free_share: 0 });
    expect(value(await look(session({ max_connections: 3n })))).toMatchObject({ usable: 0, free_share: 0 });
  });

  it("a transaction that begins after now has no age below none", async () => {
    const rows = [session({ state: "active", age: -5000, transaction: "2026-03-01T12:00:05.000000Z" })];
    expect(value(await look(...rows))).toMatchObject({ active: 1, long_count: 0 });
  });

  it("sessions that this login may not see count, and are said to be hidden", async () => {
    const hidden = session({ pid: 2n, type: null, state: null, query: "<insufficient privilege>" });
    expect(value(await look(session(), hidden))).toMatchObject({ used: 2, hidden: 1 });
  });

  it.each([
    ["no row at all", []],
    ["a session without a pid", [session({ pid: null })]],
  ])("%s is unreadable, and no empty pool", async (_name, rows) => {
    expect(failure(await look(...rows))).toMatchObject({ type: "unreadable" });
  });
});
