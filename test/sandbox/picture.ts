import { Redis } from "ioredis";
import pg from "pg";
import { askEngine } from "../../sandbox/docker.ts";
import { Kafka, logLevel, type Admin } from "../../sandbox/kafkajs.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { eventually } from "./platform/harness.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];

/**
 * Everything about a platform by which it could be told from a new one, and nothing that goes on by itself.
 * Orders and fills from before `since` are of an earlier platform.
 */
export async function pictureOf(stack: Stack, since: Date) {
  return {
    database: await onDatabase(stack, async (sql) => await databaseOf(sql, since)),
    redis: await onRedis(stack, async (redis) =>
      (await redis.keys("*")).filter((key) => !key.startsWith("regime:")).toSorted(),
    ),
    topics: await onTopics(stack, topicsOf),
    services: await servicesOf(stack),
    logs: await logsOf(stack),
  };
}

async function databaseOf(sql: (text: string, params?: unknown[]) => Promise<Rows>, since: Date) {
  const counts = await sql(
    `SELECT (SELECT json_agg(v ORDER BY v) FROM venues v) AS venues,
       (SELECT json_agg(l ORDER BY l.name) FROM risk_limits l) AS limits,
       (SELECT json_agg((p.id, p.symbol, p.venue) ORDER BY p.id) FROM positions p WHERE id ~ '^POS-[0-9]+$') AS positions,
       (SELECT count(*) FROM orders WHERE id LIKE 'seed-%') AS seeded,
       (SELECT count(*) FROM orders WHERE id NOT LIKE 'seed-%' AND placed_at < $1) AS earlier,
       (SELECT count(*) FROM fills f WHERE id NOT LIKE 'seed-%' AND at < $1) AS earlier_fills,
       (SELECT count(*) FROM violations) AS violations,
       (SELECT count(*) FROM reductions) AS reductions,
       (SELECT count(*) FROM reduction_orders) AS reduction_orders`,
    [since],
  );
  const objects = await sql(
    `SELECT n.nspname, c.relname, c.relkind, c.relacl::text, pg_get_userbyid(c.relowner) AS owner,
       (SELECT array_agg(attname || ' ' || atttypid::regtype ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
     FROM pg_class c RIGHT JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1, 2`,
  );
  const roles = await sql(
    `SELECT rolname, rolconnlimit, rolconfig, rolvaliduntil::text, rolcanlogin FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`,
  );
  const databases = await sql(
    `SELECT datname, datacl::text, datconnlimit, pg_get_userbyid(datdba) AS owner,
       (SELECT array_agg(setconfig) FROM pg_db_role_setting WHERE setdatabase = d.oid) AS config
     FROM pg_database d ORDER BY 1`,
  );
  const settings = await sql(
    "SELECT name, setting FROM pg_settings WHERE source IN ('configuration file', 'database', 'user') ORDER BY 1",
  );
  const stuck = await sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'");
  return { counts, objects, roles, databases, settings, stuck };
}

async function topicsOf(admin: Admin) {
  const names = (await admin.listTopics()).filter((name) => !name.startsWith("__")).toSorted();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: 2, name })),
  });
  const own = resources.map(({ resourceName, configEntries }) => [
    resourceName,
    configEntries
      .filter(({ isDefault }) => !isDefault)
      .map(({ configName, configValue }) => `${configName}=${configValue}`)
      .toSorted(),
  ]);
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const partitions = topics.map(({ name, partitions: all }) => `${name} ${all.length}`).toSorted();
  const { groups } = await admin.listGroups();
  const ids = groups.map(({ groupId }) => groupId).toSorted();
  const described = await admin.describeGroups(ids);
  const members = described.groups.map(({ groupId, members: all }) => `${groupId} ${all.length}`).toSorted();
  const firsts = (await Promise.all(names.map(async (name) => await admin.fetchTopicOffsets(name)))).flat();
  return { own, partitions, members, beginning: [...new Set(firsts.map(({ low }) => low))] };
}

async function servicesOf(stack: Stack) {
  const shown = async (service: string, path: string, fields: readonly string[], instance = 1) => {
    const { json } = await ask(stack, service, path, { instance });
    const value = json as Readonly<Record<string, unknown>>;
    return [service, instance, path, ...fields.map((field) => value[field])];
  };
  const { json } = await ask(stack, "venues", "/venues");
  const venues = (json as { venues: { venue: string; halted: boolean; market: string }[] }).venues;
  const gtc = await ask(stack, "venues", "/venues/FORNAX/orders");
  return [
    ...(await Promise.all([
      shown("gateway", "/api/generator", ["rate"]),
      shown("gateway", "/api/db/pool-status", ["max", "leaked", "last_error"]),
      shown("market-sentinel", "/api/regime/current", ["source", "regime"]),
      shown("executioner", "/api/emergency/status", ["halted", "stage"], 1),
      shown("executioner", "/api/emergency/status", ["halted", "stage"], 2),
      shown("executioner", "/api/venues", ["error"]),
    ])),
    venues.map(({ venue, halted, market }) => `${venue} ${halted} ${market}`),
    (gtc.json as { count: number }).count,
    ...(await Promise.all(
      ["gateway", "market-sentinel", "risk-warden", "venues"].map(
        async (service) => (await ask(stack, service, "/health")).status,
      ),
    )),
  ];
}

/** What each service has said that is not its own beginning: a container made again has none of before. */
async function logsOf(stack: Stack): Promise<readonly string[]> {
  const services = (await stack.containers()).filter(({ service }) => service !== "edge");
  const said = await Promise.all(
    services
      .filter(({ service }) => !["postgres", "redis", "kafka"].includes(service))
      .map(async ({ id, name }) => {
        const path = `/containers/${id}/logs?stdout=1&stderr=1`;
        const { text } = await askEngine(stack.state.dockerHost, { path });
        return `${name} ${(text.match(/manual regime|trading halted|checkpoint on disk/g) ?? []).length}`;
      }),
  );
  return said.toSorted();
}

export interface Asked {
  readonly method?: "GET" | "POST";
  readonly json?: unknown;
  readonly token?: string;
  readonly key?: string;
  readonly instance?: number;
}

export async function ask(
  stack: Stack,
  service: string,
  path: string,
  asked: Asked = {},
): Promise<{ status: number; json: unknown }> {
  const headers: Record<string, string> = { connection: "close" };
  if (asked.json !== undefined) headers["content-type"] = "application/json";
  if (asked.token !== undefined) headers["authorization"] = `Bearer ${asked.token}`;
  if (asked.key !== undefined) headers["idempotency-key"] = asked.key;
  const reply = await fetch(`${stack.url(service, asked.instance)}${path}`, {
    method: asked.method ?? "GET",
    headers,
    ...(asked.json === undefined ? {} : { body: JSON.stringify(asked.json) }),
  });
  return { status: reply.status, json: await reply.json() };
}

export async function onDatabase<T>(
  stack: Stack,
  task: (sql: (text: string, params?: unknown[]) => Promise<Rows>) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: stack.env["DATABASE_ADMIN_URL"] });
  client.on("error", () => {});
  await client.connect();
  try {
    return await task(
      async (text, params = []) => (await client.query<Record<string, unknown>>(text, params)).rows,
    );
  } finally {
    await client.end();
  }
}

export async function onRedis<T>(stack: Stack, task: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(stack.env["REDIS_URL"] ?? "");
  try {
    return await task(redis);
  } finally {
    redis.disconnect();
  }
}

export async function onTopics<T>(stack: Stack, task: (admin: Admin) => Promise<T>): Promise<T> {
  const brokers = [stack.env["KAFKA_BROKERS"] ?? ""];
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    // A group that is rebalancing has no members for a moment.
    await eventually(
      async () => await admin.describeGroups(["executioner-group", "market-sentinel-group"]),
      ({ groups }) => groups.every(({ state }) => state === "Stable"),
    );
    return await task(admin);
  } finally {
    await admin.disconnect();
  }
}
