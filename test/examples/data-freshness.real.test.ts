/** docs/examples/data-freshness.yaml against a strict stand-in of its platform, in every branch. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPostgres, type PostgresServer } from "../../sandbox/postgres.ts";
import { startRedis, type RedisServer } from "../../sandbox/redis.ts";
import { createRedis } from "../../src/drivers/redis/redis.ts";
import { down, enter } from "../cli/screen.ts";
import { soon } from "../patience.ts";
import { StandIn } from "./stand-in.ts";

const key = "the-key-of-the-provider";
const queues = ["data_ingestion_queue", "dqp_processing_queue"];

let server: PostgresServer;
let cache: RedisServer;
let db: pg.Client;
let there: StandIn;

beforeAll(async () => {
  server = await startPostgres();
  cache = await startRedis();
  db = new pg.Client({ connectionString: server.url });
  await db.connect();
});
afterAll(async () => {
  await db?.end();
  await server?.stop();
  await cache?.stop();
});

async function start(days?: number): Promise<void> {
  const addresses = {
    "postgres://adaf@db1:5432/adaf": `${server.url}?sslmode=disable`,
    "redis://localhost:6379": cache.url,
  };
  there = await StandIn.start(addresses, undefined, days);
  there.runbook("data-freshness", { "within: 10m": "within: 30s" });
  there
    .on("provider")
    .on("HEAD /data/btc", ({ authorization }) =>
      authorization === `Bearer ${key}` ? { headers: { "x-ratelimit-remaining": "120" } } : 401,
    );
}

beforeEach(async () => {
  await db.query("DROP TABLE IF EXISTS providers, market_data");
  await db.query("CREATE TABLE providers (provider text PRIMARY KEY, critical boolean NOT NULL)");
  await db.query("CREATE TABLE market_data (provider text, timestamp timestamptz)");
  await db.query(
    "INSERT INTO providers VALUES ('alpha', true), ('beta', true), ('gamma', false), ('delta', false)",
  );
  for (const provider of ["alpha", "beta", "gamma", "delta"]) await point(provider, "5 minutes");
  await redis("DEL", ...queues);
  await start();
});
afterEach(async () => await there[Symbol.asyncDispose]());

const point = async (provider: string, age: string): Promise<unknown> =>
  await db.query("INSERT INTO market_data VALUES ($1, now() - $2::interval)", [provider, age]);

async function redis(...command: readonly string[]): Promise<void> {
  const sent = await createRedis({ url: cache.url }).command(command, soon());
  if (!sent.ok) throw new Error(JSON.stringify(sent.failure));
}

const secret = (): Record<string, string> => there.env({ PROVIDER_KEY: key });
const run = async (...more: readonly string[]) =>
  await there.rig.run(["run", "data-freshness", ...more], { env: secret() });

/** Sources without a point for hours; a provider that stands in for one delivers, or does not. */
async function stale(names: readonly string[], helps: boolean): Promise<void> {
  await db.query("DELETE FROM market_data WHERE provider = ANY($1)", [names]);
  for (const name of names) await point(name, "9 hours");
  there.on("api").on("POST /api/admin/dqp/fallback", async ({ body }) => {
    const { primary_provider: name } = JSON.parse(body) as { primary_provider: string };
    if (helps) await point(name, "1 minute");
    return 200;
  });
  for (const name of names) there.on("api").on(`DELETE /api/admin/dqp/fallback/${name}`, 200);
}

const fallback = (name: string, by: string): string =>
  `api POST /api/admin/dqp/fallback {"primary_provider":"${name}","fallback_provider":"${by}"}`;

describe("all is well", () => {
  test("it ends with 0, and changes nothing; behind it stands what was before and after", async () => {
    const ended = await run("--yes");
    expect([ended.code, ended.stdout]).toEqual([
      0,
      expect.stringMatching(/^healthy: every finding is ok; nothing to resolve in /),
    ]);
    expect(there.asked.all).toEqual(["provider HEAD /data/btc"]);
    expect(ended.stderr).toMatch(/^ok +first: A first look: 4 points in four hours$/m);
    expect(ended.stderr).toMatch(/^ok +sql_query: What came of it: 4 points in four hours, and 4 before/m);
  });

  test("a standard source may be three hours old, a critical one may not", async () => {
    await db.query("DELETE FROM market_data WHERE provider IN ('gamma', 'alpha')");
    await point("gamma", "3 hours");
    expect((await run()).code).toBe(3);
    await point("alpha", "1 minute");
    expect((await run()).code).toBe(0);
  });
});

describe("each finding fails alone", () => {
  const others = ["sources", "doubles", "queues", "provider", "certificate"];
  const headers = (left: string) => ({ headers: { "x-ratelimit-remaining": left } });
  const full = async (queue: string): Promise<void> =>
    await redis("RPUSH", queue, ...Array.from({ length: 1001 }, String));
  test.each<[string, string, () => unknown]>([
    ["sources", "stale: gamma, of 4", async () => await stale(["gamma"], false)],
    [
      "doubles",
      ".*beta.*1.*",
      async () => {
        await db.query("INSERT INTO market_data SELECT * FROM market_data WHERE provider = 'beta'");
      },
    ],
    [
      "queues",
      "1 of 2: dqp_processing_queue: .*reply is 1001",
      async () => await full("dqp_processing_queue"),
    ],
    ["provider", ".*x-ratelimit-remaining.*", () => there.on("provider").on("HEAD /data/btc", headers("0"))],
    ["provider", ".*status is 401.*", () => there.on("provider").on("HEAD /data/btc", 401)],
  ])("%s: %s; nobody is there, and nothing is changed", async (id, says, wrong) => {
    await wrong();
    const ended = await run();
    expect([ended.code, there.asked.changes]).toEqual([id === "sources" ? 3 : 1, []]);
    expect(ended.stderr).toMatch(new RegExp(`^FAILED +${id}: .*${says}$`, "m"));
    for (const other of others.filter((name) => name !== id))
      expect(ended.stderr).toMatch(new RegExp(`^ok +${other}: `, "m"));
  });

  test("sources: there are none at all; there is nothing to choose from, and that is said", async () => {
    await db.query("DELETE FROM providers");
    const { code, text } = await there.screen(["run", "data-freshness"], { PROVIDER_KEY: key }).ended;
    expect([code, there.asked.changes]).toEqual([1, []]);
    expect(text).toMatch(/✖ Every source is fresh: stale: none, of 0/);
    expect(text.replaceAll(/\s+/g, " ")).toContain("there is nothing to choose from: choices is empty");
    expect(text).toContain("sources still not ok");
  });

  test("certificate: good for two days, and the rest is well", async () => {
    await there[Symbol.asyncDispose]();
    await start(2);
    const ended = await run();
    expect(ended.stderr).toMatch(/^FAILED +certificate: .*left is 1d23h/m);
    expect(ended.stderr).toMatch(/^ok +provider: /m);
  });

  test("the key never shows, not even where it is refused", async () => {
    there.on("provider").on("HEAD /data/btc", 401);
    const { stdout, stderr } = await run("-v");
    expect(stdout + stderr + JSON.stringify(there.rig.records())).not.toContain(key);
  });
});

/** Answers which provider stands in, and consents; the screen as it was when consent was asked for. */
async function answered(more: string, consent: string): Promise<readonly [number, string, string]> {
  const screen = there.screen(["run", "data-freshness"], { PROVIDER_KEY: key });
  await screen.shows(/Which provider stands in for .*\?[^]*❯/);
  screen.type(`${more}${enter}`);
  await screen.shows("Do it?");
  const asked = screen.text();
  screen.type(`${consent}${enter}`);
  const { code, text } = await screen.ended;
  return [code, text, asked];
}

describe("at a terminal of 80x24", () => {
  test("those that are fresh are the choices; each stale one is taken from the chosen one; resolved", async () => {
    await stale(["alpha", "gamma"], true);
    const screen = there.screen(["run", "data-freshness"], { PROVIDER_KEY: key });
    await screen.shows(/Which provider stands in for alpha, gamma\?\n❯ beta\n {2}delta\n/);
    screen.type(`${down}${enter}`);
    await screen.shows("Do it?");
    screen.type(`y${enter}`);
    const { code, text } = await screen.ended;
    expect([code, there.asked.changes]).toEqual([
      0,
      [fallback("alpha", "delta"), fallback("gamma", "delta")],
    ]);
    expect(text).toContain("resolved by rung fallback");
    expect(text).toMatch(/✔ What came of it: 4 points in four hours, and 2 before/);
  });

  test("it does not help: exhausted with 1, and the undo takes back both, the last first", async () => {
    there.runbook("data-freshness", { "within: 10m": "within: 60ms" });
    await stale(["alpha", "gamma"], false);
    const [code, text] = await answered("", "y");
    expect([code, text]).toEqual([1, expect.stringMatching(/exhausted after \S+: [^]*sources still not ok/)]);
    expect(there.asked.changes).toEqual([fallback("alpha", "beta"), fallback("gamma", "beta")]);
    there.asked.forget();
    const undo = /undo +http_post: lav-ir run (\S+)/.exec(text.replaceAll("\n", ""))?.[1] ?? "";
    const undone = await there.rig.run(["run", undo.replace(/\.yaml.*/, ".yaml"), "--yes"], {
      env: secret(),
    });
    expect([undone.code, there.asked.changes]).toEqual([
      0,
      ["api DELETE /api/admin/dqp/fallback/gamma", "api DELETE /api/admin/dqp/fallback/alpha"],
    ]);
  });

  test("refused, nothing is changed, and what came of it is not asked", async () => {
    await stale(["alpha"], true);
    const [code, text] = await answered("", "q");
    expect([code, there.asked.changes]).toEqual([3, []]);
    expect(text).not.toContain("What came of it:");
  });
});

test("one that is left fresh is the one choice", async () => {
  await stale(["alpha", "gamma", "delta"], true);
  const [code] = await answered("", "y");
  expect([code, there.asked.changes]).toEqual([
    0,
    ["alpha", "delta", "gamma"].map((name) => fallback(name, "beta")),
  ]);
});

test("killed while a source is changed, and answered again: it is unknown, and the next one is not begun", async () => {
  await stale(["alpha", "gamma"], true);
  there.on("api").on("POST /api/admin/dqp/fallback", "hang");
  const arrives = there.on("api").server.arrives("POST /api/admin/dqp/fallback");
  const screen = there.screen(["run", "data-freshness"], { PROVIDER_KEY: key });
  await screen.shows("Which provider");
  screen.type(enter);
  await screen.shows("Do it?");
  screen.type(`y${enter}`);
  await arrives;
  screen.kill("SIGKILL");
  await screen.ended;
  const again = there.screen(["resume", "--yes"], { PROVIDER_KEY: key });
  await again.shows("Which provider");
  again.type(enter);
  const { code, text } = await again.ended;
  expect([code, there.asked.changes]).toEqual([4, [fallback("alpha", "beta")]]);
  expect(text).toMatch(/^unknown after /m);
});
