import { expect, test } from "vitest";
import { accessWhere } from "../../../src/app/wiring/by-hand-access.ts";
import { psql } from "../../../src/kinds/postgres/sql-text.ts";
import { redisCli } from "../../../src/kinds/redis/redis-cli.ts";
import { whereAt } from "../../../src/kinds/store.ts";
import type { Platform, PlatformPostgres, PlatformRedis } from "../../../src/platform/platform.ts";
import { where } from "../../kinds/context.ts";

type Trusted = Pick<Platform, "tls">;

function byPsql(store: PlatformPostgres, trusted: Trusted = {}): string {
  const access = accessWhere({
    postgres: { main: store },
    redis: { main: { url: "redis://c1" } },
    ...trusted,
  });
  const line = psql({ ...where, ...access }, "SELECT 1", [], { readOnly: true, transaction: false });
  return line.replace("printf '%s' 'SELECT 1' | ", "").replace(" -X -v ON_ERROR_STOP=1", "");
}

function byRedis(store: PlatformRedis, trusted: Trusted = {}): string {
  const access = accessWhere({
    redis: { main: store },
    postgres: { main: { url: "postgres://db1" } },
    ...trusted,
  });
  return redisCli({ ...where, ...access }, ["PING"]);
}

const guard = "PGOPTIONS='-c default_transaction_read_only=on' ";

test.each<[string, PlatformPostgres, Trusted]>([
  [`${guard}psql -h db.local -p 5432 -d lav`, { url: "postgres://db.local/lav" }, {}],
  [
    `${guard}psql 'postgres://shop@db1:5432/shop?sslmode=verify-full'`,
    { url: "postgres://shop@db1:5432/shop?sslmode=verify-full" },
    {},
  ],
  [
    `${guard}psql 'postgres://shop@db1/shop?sslmode=require'`,
    { url: "postgres://shop:s3cr3t@db1/shop?pass%77ord=s3cr3t&sslmode=require" },
    {},
  ],
  [`${guard}psql "$DATABASE_URL"`, { url: "postgres://shop:s3cr3t@db1/shop", from: "DATABASE_URL" }, {}],
  [
    `PGSSLMODE=verify-full PGSSLROOTCERT='/etc/own ca.pem' ${guard}psql postgres://shop@db1/shop`,
    { url: "postgres://shop@db1/shop" },
    { tls: { file: "/etc/own ca.pem" } },
  ],
])("psql by hand: %s", (line, store, trusted) => {
  expect(byPsql(store, trusted)).toBe(line);
});

test.each<[string, PlatformRedis, Trusted]>([
  ["redis-cli -h redis.local -p 6379 PING", { url: "redis://redis.local" }, {}],
  [
    'REDISCLI_AUTH="$CACHE_PASSWORD" redis-cli -h redis.local -p 6379 --tls --cacert /etc/ca.pem --user ops PING',
    { url: "rediss://ops@redis.local", password: { name: "CACHE_PASSWORD" } },
    { tls: { file: "/etc/ca.pem" } },
  ],
  [
    "redis-cli -h redis.local -p 6379 --tls --cacert /own.pem --cert /c.pem --key /k.pem PING",
    { url: "rediss://redis.local", tls: { files: { ca: "/own.pem", cert: "/c.pem", key: "/k.pem" } } },
    { tls: { file: "/etc/ca.pem" } },
  ],
  [
    'redis-cli -u "$REDIS_URL" --cacert /etc/ca.pem PING',
    { url: "rediss://ops:s3cr3t@redis.local", from: "REDIS_URL" },
    { tls: { file: "/etc/ca.pem" } },
  ],
  [
    'REDISCLI_AUTH="${REDISCLI_AUTH:?set it to the password}" redis-cli -h redis.local -p 6379 PING',
    { url: "redis://:s3cr3t@redis.local" },
    {},
  ],
])("redis-cli by hand: %s", (line, store, trusted) => {
  expect(byRedis(store, trusted)).toBe(line);
});

test("a store that a step names is logged in to as that one is, and one without a login as none", () => {
  const access = accessWhere({
    postgres: { main: { url: "postgres://db1" } },
    redis: { main: { url: "redis://ops@c1", password: { name: "ONE" } }, replica: { url: "redis://c2" } },
  });
  const at = whereAt({ ...where, ...access }, "redis", "replica");
  expect(redisCli(at, ["PING"])).toBe("redis-cli -h replica.local -p 6379 PING");
});
