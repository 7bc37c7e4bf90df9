import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { enter } from "../cli/screen.ts";
import { runCompose } from "../../sandbox/run-compose.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { Operator, type Line, type Ran } from "./operator.ts";

let stack: Stack;
let operator: Operator;
const open: pg.Client[] = [];

beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  await operator?.[Symbol.asyncDispose]();
  operator = new Operator(stack);
  // Nothing here is about orders.
  await stack.admin("gateway", "/api/generator", { rate: 0 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (client) => await client.end().catch(() => {})));
});
afterAll(async () => await operator?.[Symbol.asyncDispose]());

// Older than any transaction of the platform's own becomes on a machine that is slow for a moment.
const young = ["--param", "warn=3s", "--param", "kill=3s"];
const run = (...more: readonly string[]): Promise<Ran> =>
  operator.lavIr(
    "run",
    operator.paced("database-pool-exhaustion"),
    "--json",
    "--param",
    "settle=2s",
    ...more,
  );

/** The same where some rungs do not help: how long they are given to do so matters to nobody. */
const runQuickly = (...more: readonly string[]): Promise<Ran> => {
  const within = { "findings: all, within: 10s": "findings: all, within: 1s" };
  const book = operator.paced("database-pool-exhaustion", within);
  return operator.lavIr("run", book, "--json", "--param", "settle=2s", ...more);
};

/** A session of the services' role; it takes one connection, as theirs do. */
async function session(application: string, begin = "SELECT 1"): Promise<pg.Client> {
  const { ports, secrets } = stack.state;
  const connectionString = `postgres://lav:${secrets.lav}@127.0.0.1:${ports.postgres}/lav`;
  const client = new pg.Client({ connectionString, application_name: application });
  client.on("error", () => {});
  await client.connect();
  open.push(client);
  await client.query(begin);
  return client;
}

/** Takes connections until the server has none left for an ordinary role. */
async function fill(begin?: string): Promise<void> {
  for (;;) {
    try {
      await session("batch", begin);
    } catch (error) {
      expect(error).toMatchObject({ code: "53300" });
      return;
    }
  }
}

async function asSuperuser<Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: stack.env["DATABASE_ADMIN_URL"] });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function taken(): Promise<number> {
  const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'lav'";
  const [row] = await asSuperuser<{ n: number }>(sql);
  return row?.n ?? 0;
}

/** Every setting with its source, and the file that ALTER SYSTEM writes, byte for byte. */
async function serverSettings(): Promise<unknown> {
  const own =
    "SELECT name, setting, source, pending_restart FROM pg_settings WHERE source <> 'session' ORDER BY name";
  const file = "SELECT encode(pg_read_binary_file('postgresql.auto.conf'), 'hex') AS bytes";
  return [await asSuperuser(own), await asSuperuser(file)];
}

const finding = (lines: readonly Line[], step: string): Line | undefined =>
  lines.find((line) => line.type === "finding" && line["step"] === step);

/** Seconds since the youngest of the batch's transactions began. */
async function youngest(): Promise<number> {
  const [row] = await asSuperuser<{ age: number }>(
    "SELECT extract(epoch FROM now() - max(xact_start))::float8 AS age FROM pg_stat_activity WHERE application_name = 'batch'",
  );
  return row?.age ?? 0;
}

const digestIn = (lines: readonly Line[]): string =>
  String(lines.findLast((line) => line.type === "preview")?.["approve"]);

const rungs = (lines: readonly Line[]): readonly unknown[] =>
  lines.filter(({ type }) => type === "rung.finished").map((line) => [line["rung"], line["outcome"]]);

/** When a service's program began, by its own word. */
async function started(service: string): Promise<string> {
  const reply = await fetch(`${stack.url(service)}/health`);
  return ((await reply.json()) as { started: string }).started;
}

describe("database-pool-exhaustion on the real stack", () => {
  it("finds nothing wrong on a healthy platform, though its pools' members are idle for long", async () => {
    const { outcome } = await operator.lavIr("run", "database-pool-exhaustion", "--json", "--yes");
    expect(outcome).toMatchObject({ outcome: "healthy", exit_code: 0 });
  });

  it("cancels a statement that runs too long, and its session is still there", async () => {
    const client = await session("batch");
    const ended = client.query("SELECT pg_sleep(300)").then(
      () => "done",
      (error: unknown) => String(error),
    );
    await expect.poll(async () => (await run(...young)).outcome?.["outcome"]).toBe("approval-needed");
    const { outcome, lines } = await run("--yes", ...young);
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "cancel" });
    expect(finding(lines, "transactions")).toMatchObject({ outcome: "failed" });
    expect(await ended).toContain("canceling statement due to user request");
    expect((await client.query("SELECT 1")).rowCount).toBe(1);
  });

  it("with every connection taken: looks through a reserved one, and ends what holds a transaction", async () => {
    const spare = await session("pool member");
    await fill("BEGIN; SELECT 1");
    await expect.poll(youngest).toBeGreaterThan(3.5);
    const first = await run("--yes", ...young);
    expect(finding(first.lines, "pool")).toMatchObject({
      outcome: "failed",
      sentence: expect.stringMatching(/^5\d of 57 connections are in use, .*most by batch/) as string,
    });
    expect(first.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(rungs(first.lines)).toEqual([
      ["cancel", "failed"],
      ["terminate", "not-attempted"],
    ]);
    const preview = first.lines.findLast(({ type }) => type === "preview");
    expect(preview?.["lines"]).toContainEqual(expect.stringMatching(/^ends \d+ of 5\d sessions$/));
    const { outcome, lines } = await run("--yes", ...young, "--approve", digestIn(first.lines));
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "terminate" });
    expect(rungs(lines).at(-1)).toEqual(["terminate", "held"]);
    expect((await spare.query("SELECT 1")).rowCount).toBe(1);
  });

  it("restarts the one service whose pool leaks idle connections, and ends no session", async () => {
    await stack.fault("market-sentinel", { fault: "leak", until: "restart", every_ms: 10 });
    await expect.poll(taken).toBeGreaterThan(50);
    const [warden, gateway] = [await started("risk-warden"), await started("gateway")];
    const { outcome, lines } = await run("--yes");
    expect(rungs(lines)).toEqual([
      ["cancel", "skipped"],
      ["terminate", "skipped"],
      ["restart-pools", "held"],
    ]);
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "restart-pools" });
    expect(await taken()).toBeLessThan(46);
    expect([await started("risk-warden"), await started("gateway")]).toEqual([warden, gateway]);
  });

  it("restarts Risk Warden only with trading halted, or by an override that is on record", async () => {
    await stack.fault("risk-warden", { fault: "leak", until: "restart", every_ms: 10 });
    await expect.poll(taken).toBeGreaterThan(50);
    const warden = await started("risk-warden");
    const refused = await runQuickly("--yes", "--rung", "restart-risk");
    expect(refused.outcome).not.toMatchObject({ exit_code: 0 });
    expect(refused.lines.find(({ type }) => type === "interlock")).toMatchObject({
      interlock: "trading-halted",
    });
    expect(await started("risk-warden")).toBe(warden);
    const reason = 'trading-halted="the desk has stopped every strategy"';
    const { outcome } = await run("--yes", "--rung", "restart-risk", "--override", reason);
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "restart-risk" });
    expect(await started("risk-warden")).not.toBe(warden);
  });

  it("restarts the database only with trading halted, and takes nothing back that was not done", async () => {
    await fill();
    const before = await serverSettings();
    const began = await asSuperuser("SELECT pg_postmaster_start_time() AS at");
    const refused = await run("--yes", "--rung", "raise-limit");
    expect(refused.outcome).not.toMatchObject({ exit_code: 0 });
    expect(refused.lines.find(({ type }) => type === "interlock")).toMatchObject({
      step: "restart_database",
      interlock: "trading-halted",
      decision: "refused",
    });
    expect(await asSuperuser("SELECT pg_postmaster_start_time() AS at")).toEqual(began);
    const undo = refused.lines.find(({ type }) => type === "undo")?.["path"];
    expect((await operator.lavIr("run", String(undo), "--json", "--yes")).outcome).toMatchObject({
      exit_code: 0,
    });
    expect(await serverSettings()).toEqual(before);
  });

  it("at a terminal, with trading halted: each rung that does not help leads to the next, and the last is said, with exit 1", async () => {
    const halted = await operator.lavIr("halt-all", "--reason", "the database", "--yes");
    expect([halted.code, halted.stdout]).toEqual([0, expect.stringContaining("PROVEN")]);
    // So many that a finding says so, and so few that a service which was restarted comes back.
    await stack.fault("market-sentinel", { fault: "leak", until: "cleared", every_ms: 10, most: 43 });
    await expect.poll(taken).toBeGreaterThan(50);
    const others = [await started("risk-warden"), await started("gateway")];
    const began = await asSuperuser("SELECT pg_postmaster_start_time() AS at");
    const roles = "SELECT * FROM pg_roles ORDER BY rolname";
    const before = await asSuperuser(roles);
    // Nothing is well again while the leak lasts: how long that is waited for matters to nobody here. A service
    // that was restarted has its time to come back.
    const book = operator.paced("database-pool-exhaustion", {
      "findings: all, within: 10s": "findings: all, within: 1s",
      "findings: all, within: 30s": "findings: all, within: 1s",
      "findings: all, within: 45s": "findings: all, within: 1s",
    });
    const terminal = operator.screen(
      "run",
      book,
      "--param",
      "max_connections=60",
      "--param",
      "role_limit=58",
    );
    const sentinel = "service\\.restart: .* market-sentinel of";
    for (const question of [sentinel, "postgres\\.role_limit", "postgres\\.setting"]) {
      await terminal.shows(new RegExp(`\\n\\s*${question}[^]*\\? Do it\\?`));
      terminal.type(`y${enter}`);
    }
    await terminal.shows("Type postgres to do it");
    terminal.type(`postgres${enter}`);
    const { code, text } = await terminal.ended;
    expect(code).toBe(1);
    expect(text).toMatch(/exhausted after \S+: .*pool/);
    expect([await started("risk-warden"), await started("gateway")]).toEqual(others);
    expect(await asSuperuser("SELECT pg_postmaster_start_time() AS at")).not.toEqual(began);
    expect(operator.undos()).toHaveLength(2);
    for (const undo of operator.undos()) {
      const undone = await operator.lavIr("run", undo, "--json", "--yes");
      expect(undone.outcome).toMatchObject({ exit_code: 0 });
    }
    expect(await asSuperuser(roles)).toEqual(before);
  });

  it("limits the role, then raises the limit by a restart that is approved on its own; both are undone", async () => {
    await fill();
    const limitOf = "SELECT rolconnlimit AS n FROM pg_roles WHERE rolname = 'lav'";
    const roles = "SELECT * FROM pg_roles ORDER BY rolname";
    const [before, rolesBefore] = [await serverSettings(), await asSuperuser(roles)];
    const override = ["--override", 'trading-halted="the desk has stopped every strategy"'];
    const first = await runQuickly("--yes", "--rung", "limit-role", ...override);
    expect(rungs(first.lines)[0]).toEqual(["limit-role", "persist"]);
    expect(first.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(await asSuperuser(limitOf)).toEqual([{ n: 40 }]);
    const pending = "SELECT setting, pending_restart FROM pg_settings WHERE name = 'max_connections'";
    expect(await asSuperuser(pending)).toEqual([{ setting: "60", pending_restart: true }]);
    const undos = first.lines.filter(({ type }) => type === "undo").map(({ path }) => String(path));
    expect(undos).toHaveLength(2);
    const approve = ["--approve", digestIn(first.lines)];
    const second = await runQuickly("--yes", "--rung", "raise-limit", ...override, ...approve);
    expect(second.outcome).toMatchObject({ outcome: "resolved", rung: "raise-limit" });
    expect(await asSuperuser(pending)).toEqual([{ setting: "200", pending_restart: false }]);
    for (const path of undos.toReversed()) {
      expect((await operator.lavIr("run", path, "--json", "--yes")).outcome).toMatchObject({ exit_code: 0 });
    }
    expect(await asSuperuser(limitOf)).toEqual([{ n: -1 }]);
    expect(await asSuperuser(pending)).toEqual([{ setting: "200", pending_restart: true }]);
    await runCompose(stack.state, ["restart", "postgres"]);
    await expect
      .poll(async () => await asSuperuser(pending).catch(() => []))
      .toEqual([{ setting: "60", pending_restart: false }]);
    expect(await serverSettings()).toEqual(before);
    expect(await asSuperuser(roles)).toEqual(rolesBefore);
  });
});
