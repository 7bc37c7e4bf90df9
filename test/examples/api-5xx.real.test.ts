/** docs/examples/api-5xx.yaml against a strict stand-in of its platform, in every branch. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPostgres, type PostgresServer } from "../../sandbox/postgres.ts";
import { enter } from "../cli/screen.ts";
import { StandIn } from "./stand-in.ts";
import { Unit } from "./unit.ts";

const up = 'min(up{job="api"})';
const share =
  '(sum(rate(api_requests_total{status=~"5.."}[5m])) or vector(0)) / sum(rate(api_requests_total[5m]))';
const routes = 'topk(5, sum by (route) (rate(api_requests_total{status=~"5.."}[5m])) > 0)';

let server: PostgresServer;
let there: StandIn;
let unit: Unit;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => await server?.stop());

beforeEach(async () => {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query("DROP TABLE IF EXISTS change_logs");
  await client.query("CREATE TABLE change_logs (entity text, action text, description text, metadata jsonb)");
  await client.end();
  there = await StandIn.start(
    { "postgres://adaf@db1:5432/adaf": `${server.url}?sslmode=disable` },
    (asked) => {
      unit = new Unit("adaf-api.service", asked);
      return { systemctl: unit.systemctl };
    },
  );
  there.runbook("api-5xx");
  well();
});
afterEach(async () => await there[Symbol.asyncDispose]());

function well(): void {
  there.metrics.query(up, [{ value: 1 }]);
  there.metrics.query(share, [{ value: 0.002 }]);
  there.metrics.query(routes, [{ labels: { route: "/api/orders" }, value: 0.02 }]);
  there
    .on("api")
    .on("GET /api/healthz", { json: { checks: { db: { ok: true }, queue: { ok: true } } } })
    .on("GET /api/agents/process", {
      json: [
        { agent_code: "OPX", status: "healthy" },
        { agent_code: "NEWS", status: "healthy" },
      ],
    });
  there.log("api.log", "");
}

const run = async (...more: readonly string[]) =>
  await there.rig.run(["run", "api-5xx", ...more], { env: there.env() });
/** Without what a snapshot takes before a restart, which takes seconds. */
const agreed = async () => await run("--yes", "--skip-evidence", "a stand-in");

/** The unhealthy ones, until each is restarted, or for good. */
function sick(names: readonly string[], helps: boolean): void {
  const ill = new Set(names);
  const api = there.on("api");
  api.on("GET /api/agents/process", () => ({
    json: ["OPX", "NEWS", "RISK"].map((name) => ({
      agent_code: name,
      status: ill.has(name) ? "stuck" : "healthy",
    })),
  }));
  for (const name of names)
    api.on(`POST /api/agents/${name}/restart`, () => {
      if (helps) ill.delete(name);
      return 200;
    });
}

/** What is there, until the unit restarts, or for good. */
function down(helps: boolean): void {
  there.metrics.query(up, [{ value: 0 }]);
  if (helps) unit.restarted = () => there.metrics.query(up, [{ value: 1 }]);
}

/** Rungs that do not help are waited for no longer than they need to be looked at. */
const impatient = (): unknown =>
  there.runbook("api-5xx", { "within: 2m": "within: 60ms", "within: 6m": "within: 60ms" });

const restarts = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `api POST /api/agents/${name}/restart`);
const restart = "systemctl restart adaf-api.service";

async function written(): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query("SELECT * FROM change_logs");
  await client.end();
  return rows;
}

describe("all is well", () => {
  test("it ends with 0, has asked each thing once, and changes nothing", async () => {
    const ended = await run("--yes");
    expect([ended.code, ended.stdout]).toEqual([
      0,
      expect.stringMatching(/^healthy: every finding is ok; nothing to resolve in /),
    ]);
    expect(there.asked.changes).toEqual([]);
    expect(there.asked.all.toSorted()).toEqual([
      "api GET /api/agents/process",
      "api GET /api/healthz",
      ...[up, share, routes].map((query) => `prometheus query ${query}`).toSorted(),
    ]);
    expect(await written()).toEqual([]);
  });

  test("the facts are told with it: the routes that fail, and the log", async () => {
    const now = new Date().toISOString();
    there.log("api.log", `${now} ERROR no upstream\n${now} INFO fine\n`);
    const { stderr } = await run();
    expect(stderr).toContain("ok       share: Few requests fail: 0.2 % of the requests end in 5xx");
    expect(stderr).toContain("ok       routes: Where they fail: 1 routes: /api/orders");
    expect(stderr).toContain(`1 in ten minutes, the last: ${now} ERROR no upstream`);
  });
});

describe("each finding fails alone", () => {
  const api = () => there.on("api");
  const others = ["scraped", "share", "health", "agents"];
  test.each<[string, string, () => unknown]>([
    ["scraped", "expected value == 1; value is 0", () => down(false)],
    ["share", "5 % of the requests end in 5xx", () => there.metrics.query(share, [{ value: 0.05 }])],
    [
      "health",
      "not well: queue",
      () => api().on("GET /api/healthz", { json: { checks: { db: { ok: true }, queue: { ok: false } } } }),
    ],
    ["health", "not well: none", () => api().on("GET /api/healthz", { status: 503, json: { checks: {} } })],
    ["agents", "not healthy: NEWS", () => sick(["NEWS"], false)],
  ])("%s: %s; nobody consents, and nothing is changed", async (id, says, wrong) => {
    wrong();
    const ended = await run();
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(new RegExp(`^FAILED +${id}: .*${says}$`, "m"));
    for (const other of others.filter((name) => name !== id))
      expect(ended.stderr).toMatch(new RegExp(`^ok +${other}: `, "m"));
    expect(there.asked.changes).toEqual([]);
  });

  test("what cannot be measured is unknown: nothing is climbed for it, and it ends with 4", async () => {
    there.metrics.query(share, { status: 503, text: "down for maintenance" });
    const ended = await run("--yes");
    expect([ended.code, ended.stdout]).toEqual([
      4,
      expect.stringMatching(/^unknown after \S+: no check failed, but share could not be measured/),
    ]);
    expect(there.asked.changes).toEqual([]);
  });
});

describe("a rung", () => {
  test("restarts the agents that are not healthy, and no other; they hold: resolved", async () => {
    sick(["OPX", "RISK"], true);
    const ended = await run("--yes");
    expect(there.asked.changes).toEqual(restarts("OPX", "RISK"));
    expect(ended.stderr).toMatch(/^rung +restart-agents held: the findings hold$/m);
    // Nobody is there for the cause.
    expect([ended.code, ended.stdout]).toEqual([
      3,
      expect.stringMatching(/^approval-needed after \S+: resolved by rung restart-agents; after: ask: /),
    ]);
    expect(await written()).toEqual([]);
  });

  test("that helps one thing and not the other is followed by the next, which resolves it", async () => {
    sick(["OPX"], true);
    down(true);
    const ended = await run("--yes");
    expect(there.asked.changes).toEqual([...restarts("OPX"), restart]);
    expect(ended.stderr).toMatch(/^rung +restart-api held: the findings hold$/m);
    expect(ended.stdout).toContain("resolved by rung restart-api");
  });

  test("whose findings hold at its turn is skipped", async () => {
    down(true);
    const ended = await agreed();
    expect(there.asked.changes).toEqual([restart]);
    expect(ended.stderr).toContain(
      "restarts 1 instance of systemd unit adaf-api.service\n         adaf-api.service, running\n",
    );
    expect(ended.stderr).toMatch(/^rung +restart-agents skipped: the findings that decide it hold$/m);
  });

  test("does not help, nor the next: exhausted, with 1, and no cause is asked for", async () => {
    sick(["OPX"], false);
    down(false);
    impatient();
    const ended = await agreed();
    expect([ended.code, ended.stdout]).toEqual([
      1,
      expect.stringMatching(/^exhausted after \S+: no rung was enough: scraped, agents still not ok$/m),
    ]);
    expect(there.asked.changes).toEqual([...restarts("OPX"), restart]);
    expect(ended.stderr).toMatch(/^skipped +cause: .*run\.outcome == "resolved" is false$/m);
    expect(await written()).toEqual([]);
  });

  test("that systemd refuses has changed nothing, and that is said", async () => {
    down(false);
    unit.refuses = "Failed to restart adaf-api.service: Interactive authentication required.";
    impatient();
    const ended = await agreed();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^FAILED +service_restart: .*Interactive authentication required/m);
  });

  test("an agent that refuses ends the list of them; the one after it is not restarted", async () => {
    sick(["OPX", "RISK"], true);
    there.on("api").on("POST /api/agents/OPX/restart", 409);
    impatient();
    const ended = await agreed();
    expect(ended.code).toBe(1);
    expect(there.asked.changes).toEqual(restarts("OPX"));
    expect(ended.stderr).toMatch(/^FAILED +http_post: .*1 of 2: OPX: .*409.*; 1 skipped/m);
  });
});

describe("at a terminal of 80x24", () => {
  test("each change is asked for; the cause is typed, and stands in the database", async () => {
    sick(["OPX"], true);
    const screen = there.screen(["run", "api-5xx"]);
    await screen.shows(/sends POST \/api\/agents\/OPX\/restart[^]*Do it\?/);
    screen.type(`y${enter}`);
    await screen.shows("What was the cause?");
    screen.type(`a bad deploy${enter}`);
    await screen.shows(/INSERT INTO change_logs[^]*with \$2 = \{"cause":"a bad deploy"[^]*Do it\?/);
    expect(await written()).toEqual([]);
    screen.type(`y${enter}`);
    const { code, text } = await screen.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("by rung restart-agents")]);
    expect(await written()).toEqual([
      {
        entity: "Ops",
        action: "INCIDENT_RESOLVED",
        description: "API 5xx rate normalized",
        metadata: { cause: "a bad deploy", minutes: expect.any(Number) as number },
      },
    ]);
  });

  test("refused, nothing is changed, and nothing after it is asked", async () => {
    sick(["OPX"], true);
    const screen = there.screen(["run", "api-5xx"]);
    await screen.shows("Do it?");
    screen.type(`n${enter}`);
    const { code } = await screen.ended;
    expect([code, there.asked.changes, await written()]).toEqual([3, [], []]);
  });
});

test("killed while an agent restarts: that one is unknown, the other is never restarted", async () => {
  sick(["OPX", "RISK"], true);
  const { server: api } = there.on("api");
  there.on("api").on("POST /api/agents/OPX/restart", "hang");
  const arrives = api.arrives("POST /api/agents/OPX/restart");
  const started = there.rig.start(["run", "api-5xx", "--yes"], { env: there.env() });
  await arrives;
  started.kill("SIGKILL");
  await started.ended;
  const ended = await there.rig.run(["resume", "--yes"], { env: there.env() });
  expect([ended.code, ended.stdout]).toEqual([4, expect.stringMatching(/^unknown after /)]);
  expect(there.asked.changes).toEqual(restarts("OPX"));
});

test("killed between its two agents: the resumption restarts the second, and the first not again", async () => {
  sick(["OPX", "RISK"], true);
  const { server: api } = there.on("api");
  const arrives = api.arrives("POST /api/agents/RISK/restart");
  // Whether the kill comes before the journal has the first one is the record's to say.
  const started = there.rig.start(["run", "api-5xx", "--yes"], { env: there.env() });
  await arrives;
  started.kill("SIGKILL");
  await started.ended;
  expect(there.asked.changes).toEqual(restarts("OPX", "RISK"));
  there.asked.forget();
  await there.rig.run(["resume", "--yes"], { env: there.env() });
  expect(there.asked.changes.filter((one) => restarts("OPX").includes(one))).toEqual([]);
});
