/** docs/examples/daily-operations.yaml against a strict stand-in of its platform, in every branch. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chosen } from "../../sandbox/chosen.ts";
import { kafkaClient, type KafkaClient } from "../../sandbox/kafka-client.ts";
import { startKafka, type RunningKafka } from "../../sandbox/kafka.ts";
import { allowReplication, startStandby } from "../../sandbox/postgres-standby.ts";
import { startPostgres, type PostgresServer } from "../../sandbox/postgres.ts";
import { startRedis, type RedisServer } from "../../sandbox/redis.ts";
import { createRedis } from "../../src/drivers/redis/redis.ts";
import { enter, type Screen } from "../cli/screen.ts";
import { soon } from "../patience.ts";
import type { Ends } from "./programs.ts";
import { StandIn } from "./stand-in.ts";

const services = ["gateway", "market-sentinel", "risk-warden", "executioner"] as const;

let primary: PostgresServer;
let standby: Awaited<ReturnType<typeof startStandby>>;
let cache: RedisServer;
let cluster: RunningKafka;
let kafka: KafkaClient;
let db: pg.Client;
let there: StandIn;
let disk: Ends;

beforeAll(async () => {
  [primary, cache, cluster] = await Promise.all([
    startPostgres(),
    startRedis(),
    startKafka({ version: chosen().kafka }),
  ]);
  await allowReplication(primary);
  standby = await startStandby(primary);
  db = new pg.Client({ connectionString: primary.url });
  await db.connect();
  await db.query("CREATE TABLE beat (at timestamptz)");
  kafka = await kafkaClient(cluster.brokers);
  await kafka.topic("orders");
});
afterAll(async () => {
  await db?.end();
  await kafka?.stop();
  await standby?.stop();
  await primary?.stop();
  await cache?.stop();
  await cluster?.stop();
});

async function start(days?: number): Promise<void> {
  const own = (port: number): string => `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
  const addresses = {
    "postgres://adaf@db1:5432/adaf": own(primary.port),
    "postgres://adaf@db2:5432/adaf": own(standby.port),
    "redis://localhost:6379": cache.url,
    "localhost:9092": cluster.brokers,
  };
  const commands = () => ({
    df: (args: readonly string[]) => (args.join(" ") === "--output=pcent /" ? disk : undefined),
  });
  there = await StandIn.start(addresses, commands, days);
  there.runbook("daily-operations");
  for (const name of services) there.on(name).on("GET /health", 200);
  regime("RISK_ON", 0);
  there.metrics.alerts({ WorkerLag: [], QueueDepth: [] });
  risk({});
  there.on("executioner").on("GET /api/execution/stats/24h", {
    json: { fill_rate: 0.98, slippage_bps: 12, routing_success: 0.995 },
  });
  disk = { stdout: "Use%\n 41%\n" };
  report("echo made >> report");
}

function regime(name: string, seconds: number): void {
  const timestamp = new Date(Date.now() - seconds * 1000).toISOString();
  there
    .on("market-sentinel")
    .on("GET /api/regime/current", { json: { regime: name, confidence: 0.8, timestamp } });
}

function risk(more: object, share = 0.08): void {
  const summary = { var_1d: 0.01, max_drawdown: 0.02, leverage: 1.5, ...more };
  const json = { summary, positions: [{ symbol: "BTC", nav_share: share }] };
  there.on("risk-warden").on("GET /api/risk/portfolio", { json });
}

function report(script: string): void {
  mkdirSync(join(there.rig.folder, "scripts"), { recursive: true });
  const path = join(there.rig.folder, "scripts", "generate-daily-report.sh");
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
const made = (): string => {
  const path = join(there.rig.folder, "report");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
};

async function redis(...command: readonly string[]): Promise<void> {
  const sent = await createRedis({ url: cache.url }).command(command, soon());
  if (!sent.ok) throw new Error(JSON.stringify(sent.failure));
}

beforeEach(async () => {
  await db.query("INSERT INTO beat VALUES (now())");
  await redis("CONFIG", "RESETSTAT");
  await redis("SET", "known", "1");
  for (let time = 0; time < 20; time++) await redis("GET", "known");
  await start();
});
afterEach(async () => await there[Symbol.asyncDispose]());

const run = async (...more: readonly string[]) =>
  await there.rig.run(["run", "daily-operations", ...more], { env: there.env() });

/** What is not for a person: all of it is asked, whatever came before. */
const asked = [
  ...services.map((name) => `${name} GET /health`),
  "market-sentinel GET /api/regime/current",
  "prometheus GET /api/v1/rules?type=alert",
  "risk-warden GET /api/risk/portfolio",
  "executioner GET /api/execution/stats/24h",
];

/** Ticks every line of the checklist off, and says what the night shift must know. */
async function byHand(screen: Screen): Promise<void> {
  for (const count of [0, 1, 2, 3, 4, 5]) {
    await screen.shows(`${count} of 6 ticked off`);
    screen.type(`y${enter}`);
  }
  await screen.shows("What must the night shift know?");
  screen.type(`nothing${enter}`);
}

describe("all is well", () => {
  test("at a terminal of 80x24, with the report made, every tick and a word to the night shift: 0", async () => {
    const screen = there.screen(["run", "daily-operations"]);
    await screen.shows(/generate-daily-report\.sh[^]*Do it\?/);
    expect([there.asked.all, made()]).toEqual([asked, ""]);
    screen.type(`y${enter}`);
    await byHand(screen);
    const { code, text } = await screen.ended;
    expect([code, made(), there.asked.all]).toEqual([0, "made\n", asked]);
    expect(text).toMatch(/completed: every step completed/);
    expect(text).toMatch(/✔ The last signal is young: RISK_ON, confidence 0\.8, \S+ old/);
    expect(text).toMatch(/↓ ask: The regime is CRISIS/);
    const ticks = there.rig.records().filter(({ type }) => type === "step.ticked");
    expect(ticks.map(({ data }) => data["tick"])).toEqual([
      "CoW Swap's batch auctions succeed",
      "Odos optimizes routes",
      "1inch stands in",
      "Transactions are screened",
      "Sanction lists are up to date",
      "Unusual activity was reviewed",
      // The answer for the night shift, kept as the ticks are.
      "nothing",
    ]);
  });

  test("without a terminal it ends with 3 and names what waits for a person", async () => {
    const ended = await run("--yes");
    expect([ended.code, made(), there.asked.all]).toEqual([3, "made\n", asked]);
    expect(ended.stdout).toMatch(
      /^approval-needed after \S+: 2 steps wait for a person: checklist: .*; ask: /,
    );
  });

  test("in a crisis a person is asked for the risk manager", async () => {
    regime("CRISIS", 0);
    const ended = await run("--yes");
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(/: 3 steps wait for a person: ask: The regime is CRISIS\. /);
  });
});

describe("what is not ok is named, all else is looked at, and it ends with 1", () => {
  const busy = async (): Promise<void> => {
    await kafka.send(
      "orders",
      0,
      Array.from({ length: 1500 }, () => "order"),
    );
    await kafka.commit("slow", "orders", { 0: 0 });
    there.leaves(async () => await kafka.commit("slow", "orders", { 0: 1500 }));
  };
  const full = async (): Promise<void> => {
    const clients = Array.from({ length: 14 }, () => new pg.Client({ connectionString: primary.url }));
    for (const client of clients) await client.connect();
    there.leaves(async () => void (await Promise.all(clients.map(async (client) => await client.end()))));
  };
  const missed = async (): Promise<void> => {
    for (let time = 0; time < 10; time++) await redis("GET", "unknown");
  };
  test.each<[string, RegExp, () => unknown]>([
    [
      "Every service answers",
      /1 of 4: gateway: .*status is 503/,
      () => there.on("gateway").on("GET /health", 503),
    ],
    ["The last signal is young", /RISK_ON, confidence 0\.8, 3m\S* old/, () => regime("RISK_ON", 180)],
    ["No alert fires", /WorkerLag/, () => there.metrics.alerts({ WorkerLag: ["w1"] })],
    ["Risk", /2 of 4 failed: Drawdown, Leverage;/, () => risk({ max_drawdown: 0.08, leverage: 3 })],
    ["Risk", /1 of 4 failed: No position above a tenth/, () => risk({}, 0.3)],
    [
      "Execution over 24 hours",
      /1 of 3 failed: Fill rate; json\.fill_rate is 0\.9/,
      () =>
        there.on("executioner").on("GET /api/execution/stats/24h", {
          json: { fill_rate: 0.9, slippage_bps: 12, routing_success: 0.995 },
        }),
    ],
    ["A fifth of PostgreSQL's connections is free", /free_share is 0\.\d+/, full],
    ["Consumers keep up", /total is 1500/, busy],
    ["The cache hits", /info\.stats\.keyspace_misses is 10/, missed],
    ["Room on the disk", /93%/, () => (disk = { stdout: "Use%\n 93%\n" })],
  ])("%s: %s", async (title, says, wrong) => {
    await wrong();
    const ended = await run("--yes");
    expect([ended.code, there.asked.all, made()]).toEqual([1, asked, "made\n"]);
    expect(ended.stdout).toMatch(/^failed after \S+: 1 step failed: /);
    expect(ended.stdout).toContain(`1 step failed: ${title}: `);
    const line = ended.stderr.split("\n").find((one) => one.includes(`${title}: `)) ?? "";
    expect(line).toMatch(/^FAILED .*tolerated$/);
    expect(line).toMatch(says);
    expect(ended.stderr.match(/^FAILED /gm)).toHaveLength(1);
    expect(ended.stderr.match(/^not attempted /gm)).toHaveLength(2);
  });

  test("the certificate of two days", async () => {
    await there[Symbol.asyncDispose]();
    await start(2);
    const ended = await run("--yes");
    expect(ended.stdout).toMatch(
      /^failed after \S+: 1 step failed: The certificate is good for two weeks: .*1d23h/,
    );
  });
});

test("what cannot be measured is unknown, and it ends with 4: a cache that nobody asked yet", async () => {
  await redis("CONFIG", "RESETSTAT");
  const ended = await run("--yes");
  expect(ended.code).toBe(4);
  expect(ended.stderr).toMatch(/^UNKNOWN +redis_info: The cache hits: .*division by zero|divisor/m);
});

describe("the report", () => {
  test("that fails has done nobody knows what: it ends there, with 4, and nobody ticks", async () => {
    report("echo no disk >&2; exit 3");
    const ended = await run("--yes");
    expect([ended.code, ended.stdout]).toEqual([
      4,
      expect.stringMatching(/^unknown after \S+: exec: .*exited with 3: no disk/),
    ]);
    expect(ended.stderr).not.toMatch(/checklist: /);
  });

  test("that is not consented to is not made; the checklist is asked for all the same", async () => {
    const ended = await run();
    expect([ended.code, made()]).toEqual([3, ""]);
    expect(ended.stdout).toMatch(/: 3 steps wait for a person: exec: .*pass --yes; checklist: /);
  });
});

test("killed among the ticks, it is resumed with those that were made, and no second report", async () => {
  const screen = there.screen(["run", "daily-operations"]);
  await screen.shows("Do it?");
  screen.type(`y${enter}`);
  await screen.shows("0 of 6 ticked off");
  screen.type(`y${enter}`);
  await screen.shows("1 of 6 ticked off");
  screen.kill("SIGKILL");
  await screen.ended;
  const again = there.screen(["resume"]);
  await again.shows("1 of 6 ticked off");
  for (const count of [1, 2, 3, 4, 5]) {
    await again.shows(`${count} of 6 ticked off`);
    again.type(`y${enter}`);
  }
  await again.shows("What must the night shift know?");
  again.type(`nothing${enter}`);
  expect([(await again.ended).code, made()]).toEqual([0, "made\n"]);
});
