import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSqlReader } from "../../../src/drivers/postgres/reading.ts";
import { postgresSchema, postgresTables } from "../../../src/evidence/collectors/dumps.ts";
import { postgresState } from "../../../src/evidence/collectors/postgres.ts";
import type { PlatformEvidence } from "../../../src/platform/platform.ts";
import { startPostgres, type PostgresServer } from "../../../sandbox/postgres.ts";
import { findings, gathered, missing, rowsOf } from "./context.ts";

let server: PostgresServer;
let admin: pg.Client;
const more: pg.Client[] = [];

/** As the superuser, or as a role without a password: the server trusts everybody here. */
async function client(user: string, database = "desk"): Promise<pg.Client> {
  const opened = new pg.Client({ host: server.host, port: server.port, user, database });
  opened.on("error", () => {});
  await opened.connect();
  more.push(opened);
  return opened;
}

const url = (user: string, database = "desk"): string =>
  `postgres://${user}@${server.host}:${server.port}/${database}`;

beforeAll(async () => {
  server = await startPostgres({ maxConnections: 12, config: ["superuser_reserved_connections = 3"] });
  await (await client("postgres", "postgres")).query("CREATE DATABASE desk");
  admin = await client("postgres");
  await admin.query(`
    CREATE ROLE app LOGIN; CREATE ROLE nobody LOGIN;
    CREATE SCHEMA book; CREATE TYPE book.side AS ENUM ('buy', 'it''s a sell');
    CREATE TABLE book.orders (
      venue text NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, side book.side DEFAULT 'buy',
      price numeric(12, 4) CHECK (price > 0), client text, api_key text, "odd ""name" text,
      PRIMARY KEY (venue, id));
    CREATE INDEX dear ON book.orders (price) WHERE price > 100;
    CREATE TABLE book.fills (venue text, "order" bigint, FOREIGN KEY (venue, "order") REFERENCES book.orders);
    CREATE VIEW book.open AS SELECT id FROM book.orders WHERE side = 'buy';
    CREATE FUNCTION book.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touched BEFORE INSERT ON book.orders FOR EACH ROW EXECUTE FUNCTION book.touch();
    INSERT INTO book.orders (venue, price, client, api_key, "odd ""name")
      SELECT 'ATLAS', n, 'client ' || n, 'key ' || n, NULL FROM generate_series(1, 50) n;
    CREATE TABLE wide (id int PRIMARY KEY, text text);
    INSERT INTO wide SELECT n, repeat('x', 1000) FROM generate_series(1, 3000) n;
    GRANT USAGE ON SCHEMA book TO app; GRANT SELECT ON book.orders, wide TO app`);
});
afterAll(async () => {
  await Promise.all(more.map(async (one) => await one.end().catch(() => {})));
  await server?.stop();
});

describe("tables", () => {
  const dump = async (tables: PlatformEvidence["tables"], limits: Partial<PlatformEvidence> = {}) =>
    await gathered(
      postgresTables(createSqlReader({ url: url("app") }), {
        tables,
        rows: 1000,
        bytes: 1_048_576,
        streams: [],
        ...limits,
      }),
    );

  test("as CSV, the newest rows first, columns masked by name and by the platform file", async () => {
    const taken = await dump({ "book.orders": ["client", 'odd "name'] }, { rows: 3 });
    expect(taken.files["tables/book.orders.csv"]?.split("\n")).toEqual([
      'venue,id,side,price,client,api_key,"odd ""name"',
      "ATLAS,50,buy,50.0000,‹masked›,‹masked›,",
      "ATLAS,49,buy,49.0000,‹masked›,‹masked›,",
      "ATLAS,48,buy,48.0000,‹masked›,‹masked›,",
      "",
    ]);
  });

  test("cut at their bytes: the server is told to stop, and that there is more is said", async () => {
    const taken = await dump({ wide: [] }, { rows: 3000, bytes: 100_000 });
    const text = taken.files["tables/wide.csv"] ?? "";
    expect(text.startsWith("id,text\n3000,xxx")).toBe(true);
    // What had come when it was told; a snapshot's own file ends at its cap.
    expect(text.length).toBeGreaterThan(100_000);
    expect(text.length).toBeLessThan(2_000_000);
    expect(missing(taken)).toEqual(["older rows of wide: 100000 bytes are kept of the 3000 newest"]);
  });

  test("cut at their rows, as the platform file wants it: that there are more is written down", async () => {
    await admin.query("ANALYZE wide");
    const few = await dump({ wide: [] }, { rows: 10 });
    expect(few.files["tables/wide.csv"]?.split("\n")).toHaveLength(12);
    expect([missing(few), rowsOf(few.files["tables.jsonl"])]).toEqual([
      [],
      [{ table: "wide", rows: 10, bytes: 1_048_576, more: true, rows_about: 3000 }],
    ]);
    const all = await dump({ wide: [] }, { rows: 3000, bytes: 16_777_216 });
    expect([missing(all), rowsOf(all.files["tables.jsonl"])]).toMatchObject([[], [{ more: false }]]);
  });

  test("one that is not there, may not be read, or has no such column costs nothing but itself", async () => {
    const taken = await dump(
      { nowhere: [], "book.fills": [], "book.orders": ["klient"], wide: [] },
      { rows: 5 },
    );
    expect(Object.keys(taken.files)).toEqual(["tables/book.fills.csv", "tables/wide.csv", "tables.jsonl"]);
    expect(missing(taken)).toEqual([
      "table nowhere: there is no table nowhere",
      expect.stringMatching(/^table book\.fills: .*permission denied/),
      expect.stringMatching(
        /^table book\.orders: .*masks its column klient, which it does not have; nothing/,
      ),
    ]);
  });

  test("none is chosen: skipped", async () => {
    expect((await dump({})).collected).toEqual({ skipped: "platform.yaml chooses no table" });
  });
});

test("the schema makes the same schema again, elsewhere", async () => {
  const schemaOf = async (database: string): Promise<string> => {
    const taken = await gathered(postgresSchema(createSqlReader({ url: url("postgres", database) })));
    expect(missing(taken)).toEqual([]);
    return taken.files["schema.sql"] ?? "";
  };
  const first = await schemaOf("desk");
  expect(first).toContain("CREATE TYPE book.side AS ENUM ('buy', 'it''s a sell')");
  await admin.query("CREATE DATABASE again");
  // Identity columns bring their own sequences.
  const statements = first.split("\n").filter((line) => !line.startsWith("CREATE SEQUENCE"));
  await (await client("postgres", "again")).query(statements.join("\n"));
  const withoutValues = (text: string): string => text.replaceAll(/last value \w+/g, "");
  expect(withoutValues(await schemaOf("again"))).toBe(withoutValues(first));
});

describe("the server's state", () => {
  test("who waits for whom, what a login sees, and how many connections there are", async () => {
    const [holder, waiter] = [await client("app"), await client("app")];
    await admin.query("GRANT UPDATE ON wide TO app");
    await holder.query("BEGIN; UPDATE wide SET text = 'a' WHERE id = 1");
    const done = waiter.query("UPDATE wide SET text = 'b' WHERE id = 1");
    const reader = createSqlReader({ url: url("postgres") });
    const { rows } = await holder.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await expect
      .poll(async () => findings(await gathered(postgresState(reader))))
      .toContainEqual(expect.stringMatching(new RegExp(`^PostgreSQL: \\d+ waits for ${rows[0]?.pid}$`)));
    await holder.query("ROLLBACK");
    await done;
    const taken = await gathered(postgresState(reader));
    expect([missing(taken), taken.failure]).toEqual([[], undefined]);
    expect(taken.facts).toContainEqual(expect.objectContaining({ type: "clock", source: "PostgreSQL" }));
    // Itself is not among them.
    expect(rowsOf(taken.files["activity.jsonl"]).map((row) => row["application_name"])).not.toContain(
      "lav-ir",
    );
    expect(taken.files["roles.jsonl"]).not.toContain("SCRAM");
  });

  test("what a plain role may not see is a fact, not a fault", async () => {
    const taken = await gathered(postgresState(createSqlReader({ url: url("nobody") })));
    expect(missing(taken)).toEqual([]);
    expect(findings(taken)).toContainEqual(
      expect.stringMatching(/^PostgreSQL: this role has no permission to read .*file-settings/),
    );
    expect(taken.files["not-visible.json"]).toContain("permission denied");
  });

  test("a statement that the server has cut carries the mark of a cut", async () => {
    const busy = await client("app");
    await busy.query(`SELECT 1 /* ${"x".repeat(990)} CREATE ROLE a PASSWORD 'never-to-be-shown' */`);
    const taken = await gathered(postgresState(createSqlReader({ url: url("postgres") })));
    const queries = rowsOf(taken.files["activity.jsonl"]).map((row) => String(row["query"]));
    expect(queries.filter((query) => query.includes("xxx")).map((query) => query.at(-1))).toEqual(["…"]);
  });

  test("a full server is read through what it keeps back, with the administrator's login where there is one", async () => {
    for (;;) {
      try {
        await client("app");
      } catch (error) {
        expect(error).toMatchObject({ code: "53300" });
        break;
      }
    }
    const without = await gathered(postgresState(createSqlReader({ url: url("app") })));
    expect(without.failure).toMatchObject({
      type: "denied",
      message: expect.stringContaining("53300") as string,
    });
    const reader = createSqlReader({ url: url("app"), admin: url("postgres") });
    const taken = await gathered(postgresState(reader));
    expect([missing(taken), taken.failure]).toEqual([[], undefined]);
    expect(findings(taken)[0]).toMatch(/^read with the administrator's login instead: .*53300/);
  });
});
