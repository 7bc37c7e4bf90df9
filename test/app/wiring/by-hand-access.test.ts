import { expect, test } from "vitest";
import { accessWhere, curlOptions } from "../../../src/app/wiring/by-hand-access.ts";
import { curl } from "../../../src/kinds/http/http-curl.ts";
import type { DisplayArgs } from "../../../src/kinds/kind.ts";
import { psql } from "../../../src/kinds/postgres/sql-text.ts";
import { curlOf } from "../../../src/kinds/prometheus/asking.ts";
import { redisCli } from "../../../src/kinds/redis/redis-cli.ts";
import { whereAt } from "../../../src/kinds/store.ts";
import type {
  Platform,
  PlatformPostgres,
  PlatformRedis,
  PlatformService,
} from "../../../src/platform/platform.ts";
import { tradingHalt } from "../../../src/trading/kinds/trading-halt.ts";
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
  [
    `${guard}psql 'postgres://shop@db1:5432/shop?sslmode=verify-full'`,
    { url: "postgres://?host=db1&port=5432&user=shop&dbname=shop&sslmode=verify-full" },
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

const known = {
  curlOptions: curlOptions({
    services: {
      web: {
        name: "web",
        url: "https://web:8443",
        instances: ["https://web-1:8443"],
        runs: { by: "none" },
        health: "/health",
        api: true,
        login: { user: "ops", password: { name: "WEB_PASSWORD" } },
        tls: { files: { cert: "/c.pem", key: "/k.pem" } },
      },
    },
    tls: { file: "/etc/own ca.pem" },
  }),
};

test.each([
  [
    `curl -sS -i --cacert '/etc/own ca.pem' --cert /c.pem --key /k.pem -u ops:"$WEB_PASSWORD" https://web-1:8443/x`,
    { url: "https://web-1:8443/x" },
  ],
  [
    `curl -sS -i --cacert '/etc/own ca.pem' --cert /c.pem --key /k.pem -H "Authorization: Bearer $TOKEN" https://web:8443/x`,
    { url: "https://web:8443/x", token: "$TOKEN" },
  ],
  [`curl -sS -i --cacert '/etc/own ca.pem' https://elsewhere/x`, { url: "https://elsewhere/x" }],
  ["curl -sS -i http://elsewhere/x", { url: "http://elsewhere/x" }],
])("curl by hand: %s", (line, request) => {
  expect(curl("GET", request, known)).toBe(line);
});

test("Prometheus is asked by hand with the login of its entry, also where another is at its address", () => {
  const entry = (user: string, name: string) => ({
    url: "https://prom:9090",
    login: { user, password: { name } },
  });
  const access = accessWhere({
    postgres: { main: { url: "postgres://db1" } },
    redis: { main: { url: "redis://c1" } },
    prometheus: { main: entry("reader", "ONE"), tenant: entry("other", "TWO") },
    tls: { file: "/etc/own ca.pem" },
  });
  const line = (login: string) =>
    `curl -sS -G --cacert '/etc/own ca.pem' -u ${login} --data-urlencode query=up https://prom:9090/api/v1/query`;
  const main = { prometheus: "https://prom:9090", ...access };
  expect(curlOf(main, "query", { query: "up" })).toBe(line('reader:"$ONE"'));
  const tenant = whereAt({ ...where, ...main }, "prometheus", "tenant");
  expect(curlOf({ ...main, access: tenant.access ?? {} }, "query", { query: "up" })).toBe(
    line('other:"$TWO"'),
  );
});

test("what Kafka's programs take of a file is named, without the password", () => {
  const { access } = accessWhere({
    postgres: { main: { url: "postgres://db1" } },
    redis: { main: { url: "redis://c1" } },
    kafka: {
      main: {
        brokers: ["k1:9093"],
        tls: { files: { ca: "/ca.pem" } },
        sasl: { mechanism: "SCRAM-SHA-512", user: "ops", password: { name: "KAFKA_PASSWORD" } },
      },
    },
  });
  expect(access?.kafka?.note).toBe(
    "add --command-config FILE (kafka-console-consumer.sh: --consumer.config, kcat: -F); FILE sets security.protocol=SASL_SSL, sasl.mechanism=SCRAM-SHA-512, sasl.jaas.config for user ops with the password in $KAFKA_PASSWORD, ssl.truststore.type=PEM, ssl.truststore.location=/ca.pem",
  );
});

test.each<[string, PlatformService["proxy"], readonly string[], DisplayArgs]>([
  [
    `curl -sS -i --proxytunnel --proxy http://p:3128 --noproxy '' -U ops:"$PROXY_PASSWORD" http://web:8080/x`,
    { url: "http://p:3128", login: { user: "ops", password: { name: "PROXY_PASSWORD" } } },
    ["HTTPS_PROXY"],
    { url: "http://web:8080/x" },
  ],
  [
    "curl -sS -i --proxytunnel --proxy https://p:3129 --noproxy '' --proxy-cacert /p.pem http://web:8080/x",
    { url: "https://p:3129", tls: { files: { ca: "/p.pem" } } },
    [],
    { url: "http://web:8080/x" },
  ],
  ["curl -sS -i --noproxy '*' http://web:8080/x", "none", [], { url: "http://web:8080/x" }],
  ["curl -sS -i --noproxy '*' http://web:8080/x", undefined, ["https_proxy"], { url: "http://web:8080/x" }],
  ["curl -sS -i --noproxy '*' http://elsewhere/x", "none", ["https_proxy"], { url: "http://elsewhere/x" }],
])("curl by hand takes the way of the step: %s", (line, proxy, proxyVariables, request) => {
  const web: PlatformService = {
    name: "web",
    url: "http://web:8080",
    instances: ["http://web:8080"],
    runs: { by: "none" },
    health: "/health",
    api: true,
    ...(proxy === undefined ? {} : { proxy }),
  };
  expect(curl("GET", request, { curlOptions: curlOptions({ services: { web }, proxyVariables }) })).toBe(
    line,
  );
});

test("a halt by hand goes where the step does", () => {
  const via = (url: string): readonly string[] =>
    new URL(url).origin === "http://e:1" ? ["--proxy", "http://p:3128"] : [];
  const lines = tradingHalt.byHand(
    { scope: "all", reason: "x", token: "$T" },
    { ...where, trading: "executioner (http://e:1, http://e:2)", curlOptions: via },
  );
  expect(lines.split("\n").map((line) => /--proxy \S+/.exec(line)?.[0])).toEqual([
    "--proxy http://p:3128",
    undefined,
    undefined,
  ]);
  expect(lines.match(/curl/g)).toHaveLength(2);
});
