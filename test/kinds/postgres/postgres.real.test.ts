import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createClock } from "../../../src/drivers/clock.ts";
import { createPostgres } from "../../../src/drivers/postgres/postgres.ts";
import type { Kind, KindContext, Preview } from "../../../src/kinds/kind.ts";
import { postgresActivity } from "../../../src/kinds/postgres/postgres-activity.ts";
import { failureText } from "../../../src/base/failure.ts";
import { postgresCancel } from "../../../src/kinds/postgres/postgres-cancel.ts";
import { postgresRoleLimit } from "../../../src/kinds/postgres/postgres-role-limit.ts";
import { postgresSetting } from "../../../src/kinds/postgres/postgres-setting.ts";
import { postgresTerminate } from "../../../src/kinds/postgres/postgres-terminate.ts";
import { startPostgres, type PostgresServer } from "../../../sandbox/postgres.ts";
import { allowReplication, startBackup, startStandby } from "../../../sandbox/postgres-standby.ts";
import { args, context, where } from "../context.ts";

type Values = Readonly<Record<string, unknown>>;

let server: PostgresServer;
let here: KindContext;
const open: pg.Client[] = [];

beforeAll(async () => {
  server = await startPostgres({ maxConnections: 14 });
  await allowReplication(server);
  const setup = await session("postgres", "setup");
  await setup.query("CREATE ROLE lav LOGIN; CREATE ROLE other LOGIN; CREATE ROLE lav_ops LOGIN");
  await setup.query("GRANT pg_monitor, pg_signal_backend TO lav_ops; CREATE TABLE limits (id int)");
  await setup.query("GRANT ALL ON limits TO lav, other");
  const url = (role: string): string => `postgres://${role}@127.0.0.1:${server.port}/postgres`;
  const postgres = createPostgres({ url: url("lav_ops"), admin: url("postgres") });
  here = context({ postgres, clock: createClock() });
  await cleared();
});

afterEach(async () => {
  await cleared();
  await expect.poll(async () => (await done(postgresActivity, {}))["used"]).toBe(0);
});

/** Ends every session, those in the midst of a statement too. */
async function cleared(): Promise<void> {
  const admin = await session("postgres", "clear");
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  );
  await Promise.all(open.splice(0).map(async (client) => await client.end().catch(() => {})));
}

afterAll(async () => await server.stop());

async function session(role: string, application: string, begin?: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: server.port,
    user: role,
    database: "postgres",
    application_name: application,
  });
  client.on("error", () => {});
  await client.connect();
  open.push(client);
  if (begin !== undefined) await client.query(begin);
  return client;
}

/** A session in the midst of a statement that would last for minutes, and how that ends. */
async function busy(role: string, application: string): Promise<{ readonly ended: Promise<string> }> {
  const client = await session(role, application);
  const pid = await pidOf(client);
  const ended = client.query("SELECT pg_sleep(300)").then(
    () => "done",
    (error: unknown) => String(error),
  );
  // Sent is not begun. Its title says so; a session that looked would be one more to count.
  await expect.poll(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")).toMatch(/ SELECT/);
  return { ended };
}

async function done(kind: Kind, given: Values, consented?: unknown): Promise<Values> {
  const more = consented === undefined ? here : ({ ...here, consented } as KindContext);
  const result = await kind.execute(args(kind, given), more);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

async function shown(kind: Kind, given: Values): Promise<Preview> {
  const result = await kind.preview?.(args(kind, given), here);
  if (result?.ok !== true) throw new Error(JSON.stringify(result));
  return result.value;
}

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

const lav = { roles: ["lav"], older: 0 };

test("activity counts clients alone, against what ordinary roles may have", async () => {
  await session("lav", "gateway@1");
  await session("lav", "gateway@1", "BEGIN; SELECT 1");
  const waiting = await session("other", "report");
  const holder = await session("lav", "gateway@2", "BEGIN; LOCK limits");
  const blocked = waiting.query("SELECT * FROM limits").catch(() => {});
  await expect.poll(async () => (await done(postgresActivity, { older: 0 }))["blocked"]).toBe(1);
  const seen = await done(postgresActivity, { older: 0 });
  expect(seen).toMatchObject({
    login: "lav_ops",
    max_connections: 14,
    reserved: 3,
    usable: 11,
    used: 4,
    free: 7,
    active: 1,
    idle: 1,
    idle_in_transaction: 2,
    hidden: 0,
    long_count: 3,
  });
  expect(seen["free_share"]).toBeCloseTo(7 / 11);
  const long = seen["long"] as readonly Values[];
  expect(long.find(({ user }) => user === "other")).toMatchObject({ blockers: [await pidOf(holder)] });
  expect(long.find(({ application }) => application === "gateway@2")).toMatchObject({ blocks: 1 });
  expect(await done(postgresActivity, { older: 3_600_000 })).toMatchObject({ long: [], long_count: 0 });
  const groups = seen["groups"] as readonly Values[];
  expect(groups.some(({ backend_type }) => backend_type === "checkpointer")).toBe(true);
  await holder.query("ROLLBACK");
  await blocked;
});

test("with every slot taken it looks with the administrator's login, and can end sessions with it", async () => {
  for (let taken = 0; taken < 10; taken++) await session("lav", "leak");
  const idle = await session("lav", "leak", "BEGIN; SELECT 1");
  expect(await done(postgresActivity, {})).toMatchObject({ login: "postgres", free: 0, used: 11 });
  expect(await done(postgresTerminate, lav)).toMatchObject({ ended: 1, remaining: 0 });
  await expect(idle.query("SELECT 1")).rejects.toThrow();
  expect(await done(postgresActivity, {})).toMatchObject({ login: "lav_ops", free: 1, idle: 10 });
});

test("cancel stops the statement and keeps the session; other roles, backups and spared ones go on", async () => {
  const mine = await busy("lav", "gateway@1");
  const report = await busy("lav", "report-9");
  const dump = await busy("lav", "pg_dump");
  const other = await busy("other", "gateway@1");
  const given = { ...lav, spare: ["report*"] };
  const preview = await shown(postgresCancel, given);
  expect(preview.lines[0]).toBe("cancels the statement of 1 of 4 sessions");
  expect(preview.lines[1]).toMatch(
    /^pid \d+: lav, gateway@1, active, in a transaction for .+: SELECT pg_sleep/,
  );
  expect(preview.lines.slice(2).join("\n")).toMatch(/it is a backup: .*pg_dump/);
  expect(await done(postgresCancel, given)).toMatchObject({ ended: 1, remaining: 0 });
  expect(await mine.ended).toContain("canceling statement due to user request");
  expect(await done(postgresActivity, {})).toMatchObject({ active: 3, idle: 1 });
  expect(await Promise.race([report.ended, dump.ended, other.ended, Promise.resolve("go on")])).toBe("go on");
});

test("where every old transaction is idle there is nothing to cancel, and no server is said to have rejected it", async () => {
  await session("lav", "gateway@1", "BEGIN; SELECT 1");
  await session("lav", "gateway@2", "BEGIN; SELECT 1");
  await session("other", "report", "BEGIN; SELECT 1");
  const look = async (kind: Kind, given: Values): Promise<string> => {
    const result = await kind.preview?.(args(kind, given), here);
    return result?.ok === false ? failureText(result.failure) : "there is something to do";
  };
  expect(await look(postgresCancel, lav)).toBe(
    "nothing to cancel: all 2 transactions of lav older than 0ms are idle; 1 of other owners left alone",
  );
  expect(await look(postgresTerminate, { roles: ["lav"], older: 3_600_000 })).toBe(
    "nothing to terminate: no transaction of lav is older than 1h",
  );
});

test("only the transaction that was consented to is ended, and not a later one of the same session", async () => {
  const client = await session("lav", "gateway@1", "BEGIN; SELECT 1");
  const newcomer = await session("lav", "gateway@2");
  const { binding } = await shown(postgresTerminate, lav);
  await newcomer.query("BEGIN; SELECT 1");
  await client.query("COMMIT; BEGIN; SELECT 1");
  expect(await done(postgresTerminate, lav, binding)).toEqual({ ended: 0, remaining: 0, sessions: [] });
  expect((await client.query("SELECT 1")).rowCount).toBe(1);
  expect((await newcomer.query("SELECT 1")).rowCount).toBe(1);
  const again = await shown(postgresTerminate, lav);
  expect(again).toMatchObject({ confirm: "2", counters: { sessions: 2 } });
  expect(await done(postgresTerminate, lav, again.binding)).toMatchObject({ ended: 2 });
});

test("a streaming standby, a base backup and idle pool members outlive the end of everything else", async () => {
  const standby = await startStandby(server);
  const backup = await startBackup(server);
  try {
    const pool = await session("lav", "gateway@1", "SELECT 1");
    await session("lav", "gateway@1", "BEGIN; SELECT 1");
    const admin = await session("postgres", "check");
    const senders = async (): Promise<unknown> =>
      (await admin.query("SELECT pid, state FROM pg_stat_replication ORDER BY pid")).rows;
    const before = await senders();
    expect(before).toHaveLength(2);
    expect(before).toContainEqual(expect.objectContaining({ state: "streaming" }));
    const all = { roles: ["lav", "postgres", "other"], older: 0 };
    const { lines } = await shown(postgresTerminate, all);
    expect(lines[0]).toBe("ends 1 of 3 sessions");
    await done(postgresCancel, all);
    expect(await done(postgresTerminate, all)).toMatchObject({ ended: 1 });
    expect(await senders()).toEqual(before);
    expect((await pool.query("SELECT 1")).rowCount).toBe(1);
    // What the page says instead ends both, and the pool's spare connection.
    const page = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE now() - query_start > interval '0'
      AND pid <> pg_backend_pid()`;
    await admin.query(page);
    await expect(pool.query("SELECT 1")).rejects.toThrow();
    await expect.poll(senders).not.toEqual(before);
  } finally {
    await backup.stopped();
    await standby.stop();
  }
});

test("a standby that lags lives on, catches up, and is named where a setting would stop it", async () => {
  const standby = await startStandby(server);
  const replica = new pg.Client({
    host: "127.0.0.1",
    port: standby.port,
    user: "postgres",
    database: "postgres",
  });
  try {
    await replica.connect();
    await replica.query("SELECT pg_wal_replay_pause()");
    const admin = await session("postgres", "check", "CREATE TABLE lagging (n int)");
    await session("lav", "gateway@1", "BEGIN; SELECT 1");
    const behind = async (): Promise<unknown> =>
      (await admin.query("SELECT pid, replay_lsn < sent_lsn AS lags FROM pg_stat_replication")).rows;
    await expect.poll(behind).toMatchObject([{ lags: true }]);
    const before = await behind();
    const looked = await postgresActivity.execute(args(postgresActivity, { older: 1 }), here);
    // Neither the standby's sender nor its lag is a client's.
    expect(looked).toMatchObject({ ok: true, value: { long_count: 1 } });
    expect(await done(postgresTerminate, { roles: ["lav", "postgres"], older: 0 })).toMatchObject({
      ended: 1,
    });
    expect(await behind()).toEqual(before);
    const given = args(postgresSetting, { name: "max_connections", value: "30" });
    expect((await shown(postgresSetting, given)).lines.at(-1)).toMatch(
      /^1 standby server streams from here, the furthest \d+ bytes of WAL behind: one with less than here stops applying/,
    );
    await replica.query("SELECT pg_wal_replay_resume()");
    await expect.poll(behind).toMatchObject([{ lags: false }]);
  } finally {
    await replica.end().catch(() => {});
    await standby.stop();
  }
});

test("a superuser's session is refused to a login that may not end it, before anything is ended", async () => {
  await session("lav", "gateway@1", "BEGIN; SELECT 1");
  await session("postgres", "maintenance", "BEGIN; SELECT 1");
  const all = { roles: ["lav", "postgres"], older: 0 };
  const refused = await postgresTerminate.execute(args(postgresTerminate, all), here);
  expect(refused).toMatchObject({ ok: false, failure: { type: "denied", effect: "none" } });
  expect(await done(postgresActivity, {})).toMatchObject({ used: 2 });
});

test("by hand the same ones are ended", async () => {
  await session("lav", "gateway@1", "BEGIN; SELECT 1");
  await session("lav", "pg_dump", "BEGIN; SELECT 1");
  await session("lav", "report_9", "BEGIN; SELECT 1");
  await session("lav", "reportx9", "BEGIN; SELECT 1");
  const given = args(postgresTerminate, {
    ...lav,
    applications: ["gateway@*", "report*", "pg_dump"],
    spare: ["report_*"],
  });
  const line = postgresTerminate.byHand(given, { ...where, postgres: `127.0.0.1:${server.port}/postgres` });
  const env = { PATH: process.env["PATH"] ?? "", PGUSER: "postgres" };
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { env });
  expect(stdout).toContain("gateway@1");
  expect(stdout).toContain("reportx9");
  expect(stdout).toContain("(2 rows)");
});

test("after a crash it is seen whether a session was ended", async () => {
  await session("lav", "gateway@1", "BEGIN; SELECT 1");
  const given = args(postgresTerminate, lav);
  const before = await postgresTerminate.capture?.(given, here);
  if (before?.ok !== true) throw new Error("nothing was recorded");
  expect(await postgresTerminate.happened?.(given, before.value, new Date(), here)).toBe("no");
  await done(postgresTerminate, lav);
  expect(await postgresTerminate.happened?.(given, before.value, new Date(), here)).toBe("yes");
});

test("a setting is set for good, waits for its restart, and its undo takes it away", async () => {
  const set = args(postgresSetting, { name: "max_connections", value: "30" });
  const before = await postgresSetting.capture?.(set, here);
  expect(before).toEqual({ ok: true, value: { own: null } });
  expect((await shown(postgresSetting, set)).lines).toEqual([
    "max_connections: ALTER SYSTEM has nothing → 30",
    "the server runs with 14, until it is restarted: that is not done here",
  ]);
  const after = { running: "14", pending_restart: true, own: "30" };
  expect(await done(postgresSetting, set)).toEqual(after);
  expect(await postgresSetting.happened?.(set, { own: null }, new Date(), here)).toBe("yes");
  const undo = postgresSetting.undo.how === "steps" ? postgresSetting.undo.steps(set, { own: null }) : [];
  expect(undo).toEqual([{ "postgres.setting": { name: "max_connections", reset: true } }]);
  const back = { name: "max_connections", reset: true };
  expect(await done(postgresSetting, back)).toEqual({ running: "14", pending_restart: false, before: "30" });
  const now = { name: "idle_in_transaction_session_timeout", value: "10min" };
  expect(await done(postgresSetting, now)).toMatchObject({ running: "10min", pending_restart: false });
  await done(postgresSetting, { name: now.name, reset: true });
  const wrong = args(postgresSetting, { name: "max_connections", value: "many'; DROP TABLE limits; --" });
  expect(await postgresSetting.execute(wrong, here)).toMatchObject({
    ok: false,
    failure: { type: "rejected", code: "22023", effect: "none" },
  });
});

test("a role's limit holds for new connections, and its undo is the old one", async () => {
  await session("lav", "gateway@1");
  const given = args(postgresRoleLimit, { role: "lav", limit: 1 });
  expect((await shown(postgresRoleLimit, given)).lines).toEqual([
    "role lav: any number of connections → at most 1 connections",
    "it has 1 connection now",
  ]);
  expect(await done(postgresRoleLimit, given)).toEqual({ limit: 1, before: -1, connections: 1 });
  await expect(session("lav", "gateway@2")).rejects.toThrow(/too many connections for role/);
  const undo =
    postgresRoleLimit.undo.how === "steps" ? postgresRoleLimit.undo.steps(given, { limit: -1 }) : [];
  expect(undo).toEqual([{ "postgres.role_limit": { role: "lav", limit: -1 } }]);
  await done(postgresRoleLimit, { role: "lav", limit: -1 });
  await session("lav", "gateway@2");
  const superuser = args(postgresRoleLimit, { role: "postgres", limit: 5 });
  expect(await postgresRoleLimit.execute(superuser, here)).toMatchObject({
    ok: false,
    failure: { code: "SUPERUSER" },
  });
});
