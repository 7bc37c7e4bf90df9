/** docs/examples/db-primary-down.yaml against a strict stand-in of its platform, in every branch. */
import process from "node:process";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { allowReplication, startStandby } from "../../sandbox/postgres-standby.ts";
import { startPostgres, type PostgresServer } from "../../sandbox/postgres.ts";
import { enter, type Screen } from "../cli/screen.ts";
import { DockerEngine } from "./containers.ts";
import { StandIn } from "./stand-in.ts";

const apps = ["app-blue", "app-green"] as const;
const webhook = "/services/T0001/B0001/a-secret-that-stays";

let primary: PostgresServer;
let standby: Awaited<ReturnType<typeof startStandby>>;
let engine: DockerEngine;
let there: StandIn;

beforeAll(async () => {
  primary = await startPostgres();
  await allowReplication(primary);
});
afterAll(async () => await primary?.stop());

const own = (port: number): string => `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;

/** Whether this store takes writes. */
async function writable(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ standby: boolean }>("SELECT pg_is_in_recovery() AS standby");
    return rows[0]?.standby === false;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

beforeEach(async () => {
  if (!(await writable(own(primary.port)))) await primary.restart();
  standby = await startStandby(primary);
  const client = new pg.Client({ connectionString: own(primary.port) });
  await client.connect();
  await client.query("CREATE TABLE IF NOT EXISTS beat (at timestamptz)");
  await client.query("INSERT INTO beat VALUES (now())");
  await client.end();
  const addresses = {
    "postgres://adaf@db1:5432/adaf": own(primary.port),
    "postgres://adaf@db2:5432/adaf": own(standby.port),
  };
  there = await StandIn.start(addresses, () => ({ docker: (args, env) => engine.docker(args, env) }));
  engine = await DockerEngine.start(there.asked, []);
  configured(primary.port);
  for (const service of [...apps, "postgres-primary"]) engine.make(service);
  there.leaves(async () => await engine.server[Symbol.asyncDispose]());
  there.runbook("db-primary-down");
  for (const name of apps)
    there
      .on(name)
      .on("GET /api/health/db", async () =>
        (await writable(engine.of(name).environment["DATABASE_URL"] ?? "")) ? 200 : 503,
      );
  there.on("desk").on(`POST ${webhook}`, 200);
  engine.acts = async (what, container) => {
    if (what === "start") await primary.restart();
    container.state = what === "start" ? "running" : "exited";
  };
});
afterEach(async () => {
  await there[Symbol.asyncDispose]();
  await standby.stop();
});

/** What the Compose file says of the applications. */
function configured(port: number): void {
  for (const name of apps) engine.defined.set(name, { DATABASE_URL: own(port) });
}

/** The primary is gone, its container with it. */
async function down(): Promise<void> {
  process.kill(primary.pid, "SIGQUIT");
  await expect.poll(async () => await writable(own(primary.port))).toBe(false);
  const container = engine.of("postgres-primary");
  container.state = "exited";
  container.exitCode = 137;
  container.log = ["LOG: checkpoint starting", "PANIC: could not write to file"];
}

const env = () => there.env({ DOCKER_HOST: engine.host, SLACK_WEBHOOK: `${there.on("desk").url}${webhook}` });
const evidence = ["--skip-evidence", "a stand-in"];
const run = async (...more: readonly string[]) =>
  await there.rig.run(["run", "db-primary-down", ...evidence, ...more], { env: env() });

/** A start that does not last: the primary is lost. */
function lost(): void {
  engine.acts = async () => await Promise.resolve();
  there.runbook("db-primary-down", { "within: 1m, hold: 30s }\nafter": "within: 30s, hold: 30s }\nafter" });
}

const start = "engine start postgres-primary";
const recreated = apps.map((name) => `compose recreate ${name}`);

/** From the first question to the one for the promotion. */
async function toPromotion(): Promise<Screen> {
  const screen = there.screen(["run", "db-primary-down", ...evidence], env());
  await screen.shows(/service\.start: [^]*Do it\?/);
  screen.type(`y${enter}`);
  await screen.shows(/it is\s+stopped already[^]*Do it\?/);
  screen.type(`y${enter}`);
  await screen.shows(/pg_promote\(true, 60\)[^]*Type exec to do it/);
  return screen;
}

/** Promotes, and points the applications at the standby, each of which is asked for. */
async function promoted(screen: Screen): Promise<void> {
  screen.type(`exec${enter}`);
  await screen.shows(/Set DATABASE_URL of app-blue and app-green to db2[^]*\(y\/N\)/);
  configured(standby.port);
  screen.type(`y${enter}`);
  for (const name of apps) {
    await screen.shows(new RegExp(`replaces 1 container of service ${name} [^]*Do it\\?`));
    screen.type(`y${enter}`);
  }
}

describe("all is well", () => {
  test("it ends with 0, and changes nothing", async () => {
    const ended = await run("--yes");
    expect([ended.code, there.asked.all]).toEqual([0, apps.map((name) => `${name} GET /api/health/db`)]);
    expect(ended.stdout).toMatch(/^healthy: every finding is ok; nothing to resolve in /);
    expect(ended.stderr).toMatch(/^ok +container: What became of it: running/m);
  });
});

describe("each finding fails alone", () => {
  test("app: one application reaches no database; no rung is for that without a person", async () => {
    there.on("app-green").on("GET /api/health/db", 503);
    const ended = await run();
    expect([ended.code, there.asked.changes]).toEqual([3, []]);
    expect(ended.stderr).toMatch(
      /^FAILED +app: .*1 of 2: app-green: expected status == 200; status is 503$/m,
    );
    expect(ended.stderr).toMatch(/^ok +primary: /m);
    expect(ended.stderr).toMatch(/^rung +start skipped: /m);
  });

  test("primary: it is down and the applications use another", async () => {
    for (const name of apps) there.on(name).on("GET /api/health/db", 200);
    await down();
    const ended = await run();
    expect([ended.code, there.asked.changes]).toEqual([3, []]);
    expect(ended.stderr).toMatch(/^FAILED +primary: .*does not answer: connection refused$/m);
    expect(ended.stderr).toMatch(/^ok +app: .*2 of 2 ok$/m);
    expect(ended.stderr).toMatch(/^ok +container: What became of it: exited, exit code 137$/m);
    expect(ended.stderr).toMatch(/^ok +log: Its last words: .*PANIC: could not write to file$/m);
  });
});

describe("the first rung", () => {
  test("starts it again: resolved, and its undo stops it", async () => {
    await down();
    const ended = await run("--yes");
    expect([ended.code, there.asked.changes]).toEqual([0, [start]]);
    expect(ended.stdout).toMatch(/^resolved by rung start in /);
    const undo = /undo +service_start: lav-ir run (\S+)/.exec(ended.stderr)?.[1] ?? "";
    const undone = await there.rig.run(["run", undo, "--yes", ...evidence], { env: env() });
    expect([undone.code, there.asked.changes]).toEqual([0, [start, "engine stop postgres-primary"]]);
  });

  test("killed while it starts: what runs now was started, and is not started twice", async () => {
    await down();
    let release = (): void => {};
    const begun = new Promise<void>((resolve) => {
      engine.acts = async (_what, container) => {
        resolve();
        await new Promise<void>((go) => (release = go));
        await primary.restart();
        container.state = "running";
      };
    });
    const started = there.rig.start(["run", "db-primary-down", "--yes", ...evidence], { env: env() });
    await begun;
    started.kill("SIGKILL");
    await started.ended;
    release();
    await expect.poll(() => engine.of("postgres-primary").state).toBe("running");
    const ended = await there.rig.run(["resume", "--yes"], { env: env() });
    expect([ended.code, there.asked.changes]).toEqual([0, [start]]);
    expect(ended.stdout).toMatch(/^resolved /);
  });

  test("refused: nothing is changed, and nobody is told anything", async () => {
    await down();
    const screen = there.screen(["run", "db-primary-down", ...evidence], env());
    await screen.shows("Do it?");
    screen.type(`q${enter}`);
    expect([(await screen.ended).code, there.asked.changes]).toEqual([3, []]);
  });
});

describe("the second rung, where the primary does not stay up", () => {
  beforeEach(async () => {
    await down();
    lost();
  });

  test("promotes the standby, and each application is made anew; told, ticked off: mitigated", async () => {
    const screen = await toPromotion();
    await promoted(screen);
    await screen.shows(/http\.post: [^]*Do it\?/);
    screen.type(`y${enter}`);
    for (const count of [0, 1, 2, 3]) {
      await screen.shows(`${count} of 4 ticked off`);
      screen.type(`y${enter}`);
    }
    const { code, text } = await screen.ended;
    expect(await writable(own(standby.port))).toBe(true);
    // The primary is still down, which is a finding: nobody may call this resolved.
    expect([code, there.asked.changes.slice(0, 3)]).toEqual([1, [start, ...recreated]]);
    expect(there.asked.changes.slice(3)).toEqual([
      expect.stringMatching(new RegExp(`^desk POST ${webhook} .*db2 is the primary now`)),
    ]);
    expect(text).toContain("mitigated");
    expect(screen.raw + JSON.stringify(there.rig.records())).not.toContain("a-secret-that-stays");
  });

  test("the word is not typed: nothing is promoted", async () => {
    const screen = await toPromotion();
    screen.type(`q${enter}`);
    expect((await screen.ended).code).toBe(3);
    expect([await writable(own(standby.port)), there.asked.changes]).toEqual([false, [start]]);
  });

  test("without a terminal nothing is promoted by --yes: it needs its code", async () => {
    const ended = await run("--yes");
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/to consent without a terminal, within 24h: --approve \S+/);
    expect([await writable(own(standby.port)), there.asked.changes]).toEqual([false, [start]]);
  });

  test("a standby that is none is not promoted, and nothing is stopped for it", async () => {
    const client = new pg.Client({ connectionString: own(standby.port) });
    await client.connect();
    await client.query("SELECT pg_promote(true, 60)");
    await client.end();
    const ended = await run("--yes");
    expect([ended.code, there.asked.changes]).toEqual([1, [start]]);
    expect(ended.stderr).toMatch(/^FAILED +sql_query: The standby can be promoted: .*standby no/m);
    expect(ended.stdout).toMatch(/^exhausted after /);
  });

  test("killed between the applications: neither the promotion nor the first one is done twice", async () => {
    const screen = await toPromotion();
    screen.type(`exec${enter}`);
    await screen.shows(/Set DATABASE_URL of app-blue and app-green to db2[^]*\(y\/N\)/);
    configured(standby.port);
    screen.type(`y${enter}`);
    await screen.shows(/replaces 1 container of service app-blue [^]*Do it\?/);
    screen.type(`y${enter}`);
    await screen.shows(/replaces 1 container of service app-green [^]*Do it\?/);
    screen.kill("SIGKILL");
    await screen.ended;
    const again = there.screen(["resume"], env());
    // The promotion has made its own precondition false; that it did, and nothing else, only a person can tell.
    await again.shows(/can be promoted: [^]*held before a\s+change[^]*Continue[^]*\(y\/N\)/);
    again.type(`y${enter}`);
    // What was answered before the kill is not asked again.
    await again.shows(/replaces 1 container of service app-green [^]*Do it\?/);
    expect(again.text()).not.toMatch(/Set DATABASE_URL of app-blue and app-green to db2[^\n]*\(y\/N\)/);
    again.type(`y${enter}`);
    await again.shows(/http\.post: [^]*Do it\?/);
    expect(there.asked.changes).toEqual([start, ...recreated]);
  });
});
