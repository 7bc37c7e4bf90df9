/** What the platform's servers ask for is read before anything happens, at its place in the platform file. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { Authority } from "../drivers/authority.ts";
import { Rig } from "./rig.ts";

const own = new Authority();
const client = own.issue({ name: "ops" });
const other = own.issue({ name: "other" });
const expired = own.issue({ name: "ops", expired: true });
afterAll(() => own[Symbol.dispose]());

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  rig.server.on("POST /act", { json: {} });
  // The stores are what it might ask: nothing of them has to answer.
  const never = (kind: string): string => `  - { when: service.url == "", ${kind} }\n`;
  const stores = `${never("kafka.ping: {}")}${never("sql.query: SELECT 1")}`;
  rig.runbook("book", `service: market\nsteps:\n${stores}  - http.post: \${service.url}/act\n`);
  const files = { "ca.pem": own.caFile, "ops.pem": client.certFile, "ops.key": client.keyFile };
  for (const [name, file] of Object.entries({
    ...files,
    "other.key": other.keyFile,
    "old.pem": expired.certFile,
  }))
    copyFileSync(file, join(rig.folder, "runbooks", name));
  copyFileSync(expired.keyFile, join(rig.folder, "runbooks", "old.key"));
  writeFileSync(join(rig.folder, "runbooks", "none.pem"), "nothing\n");
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const word = "violet-harbour-17";
const sasl = (mechanism = "SCRAM-SHA-512"): string =>
  `sasl: { mechanism: ${mechanism}, user: ops, password: KAFKA_PASSWORD }`;

async function run(kafka: string, env: Record<string, string> = {}, ...more: string[]) {
  rig.platform(`kafka: { brokers: ["127.0.0.1:1"], ${kafka} }`);
  return await rig.run(["run", "book", "--yes", ...more], { env });
}

test.each([
  ["tls: { ca: nowhere.pem }", "nowhere.pem"],
  ["tls: { ca: none.pem }", "none.pem; it must be PEM"],
  ["tls: { cert: ops.pem }", "kafka.tls has only one of cert and key; it needs both"],
  ["tls: { cert: ops.pem, key: other.key }", "other.key does not match the certificate in"],
  ["tls: { cert: ops.pem, key: none.pem }", "none.pem; it must be PEM without a passphrase"],
  ["tls: { cert: none.pem, key: ops.key }", "none.pem; it must be PEM"],
  ["tls: { cert: old.pem, key: old.key }", "old.pem expired at 2020-01-02T00:00:00.000Z"],
  [
    sasl(),
    "KAFKA_PASSWORD is not set; export KAFKA_PASSWORD, or KAFKA_PASSWORD_FILE with the path of its file",
  ],
  [sasl("PLAIN"), "kafka.sasl PLAIN sends the password unencrypted"],
  [sasl("GSSAPI"), "must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"],
])("kafka: { %s } is refused with its place", async (kafka, says) => {
  const { code, stdout, stderr } = await run(kafka);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/platform\.yaml:4:\d+: /);
  expect(stderr).toContain(says);
  expect(stderr).not.toContain("PRIVATE KEY");
  expect(rig.server.requests).toEqual([]);
});

test("what is right is taken, and a dry run asks for none of it", async () => {
  const whole = `tls: { ca: ca.pem, cert: ops.pem, key: ops.key }, ${sasl("PLAIN")}`;
  expect((await run(whole, { KAFKA_PASSWORD: word })).code).toBe(0);
  writeFileSync(join(rig.folder, "word"), `${word}\n`);
  expect((await run(whole, { KAFKA_PASSWORD_FILE: "word" })).code).toBe(0);
  expect((await run(`tls: false, ${sasl("PLAIN")}`, {}, "--dry-run")).code).toBe(0);
});

test("what a server asks for that no step goes to need not be there, nor for a dry run what all trust", async () => {
  rig.file(
    "runbooks/platform.yaml",
    `platform: rig
services:
  market: { url: "${rig.server.url}" }
  book: { url: "http://127.0.0.1:1", login: { user: ops, password: BOOK_PASSWORD }, tls: { ca: nowhere.pem } }
kafka: { brokers: ["127.0.0.1:1"], tls: { ca: nowhere.pem }, ${sasl()} }
redis:
  main: { url: "redis://127.0.0.1:1", password: REDIS_PASSWORD }
  other: { url: "redis://127.0.0.1:1" }
prometheus: { url: "https://127.0.0.1:1", login: { user: ops, password: METRICS_PASSWORD } }
`,
  );
  rig.runbook("alone", "service: market\nsteps:\n  - http.post: ${service.url}/act\n");
  rig.server.on("POST /act", { status: 400, text: `who sent ${word} to me` });
  const { code, stderr } = await rig.run(["run", "alone", "--yes"], { env: { REDIS_PASSWORD: word } });
  expect([code, stderr]).toEqual([1, expect.stringContaining("who sent ‹secret:known:") as string]);
  rig.runbook("main", "diagnose:\n  - redis.ping:\n");
  const asks = await rig.run(["run", "main"]);
  expect([asks.code, asks.stderr]).toEqual([
    2,
    expect.stringContaining("REDIS_PASSWORD is not set") as string,
  ]);
  rig.runbook("other", "diagnose:\n  - { redis.ping: {}, at: other }\n");
  expect((await rig.run(["run", "other"])).code).toBe(1);
  rig.platform("tls: { ca: nowhere.pem }");
  expect((await rig.run(["show", "alone"])).code).toBe(0);
  expect((await rig.run(["run", "alone", "--dry-run"])).code).toBe(0);
  expect((await rig.run(["lint", "runbooks/alone.yaml", "runbooks/platform.yaml"])).code).toBe(0);
  expect((await rig.run(["run", "alone", "--yes"])).stderr).toContain("nowhere.pem");
});

test("a password is hidden, whatever shows it", async () => {
  rig.server.on("POST /act", { status: 400, text: `who sent ${word} to me` });
  const { stderr } = await run(sasl(), { KAFKA_PASSWORD: word });
  expect(stderr).toContain("who sent ‹secret:known:");
  expect(stderr).not.toContain(word);
});

test.each([
  ["sslrootcert=/nowhere/root.pem", "/nowhere/root.pem"],
  ["sslcert=/nowhere/ops.pem&sslkey=/nowhere/ops.key", "/nowhere/ops.pem"],
  ["sslcert=/nowhere/ops.pem", "a client certificate is set, but its key is not; set both"],
])(
  "files that PostgreSQL's address names (%s) are looked at before anything happens",
  async (options, says) => {
    const url = `postgresql://lav@127.0.0.1:1/lav?sslmode=verify-full&${options}`;
    const named = await run("tls: false", { DATABASE_URL: url });
    expect([named.code, named.stdout]).toEqual([2, ""]);
    expect(named.stderr).toContain("DATABASE_URL: ");
    expect(named.stderr).toContain(says);
    rig.platform(`postgres: { url: "${url}" }`);
    const { code, stderr } = await rig.run(["run", "book", "--yes"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/platform\.yaml:4:18: /);
    expect(stderr).toContain(says);
    expect(rig.server.requests).toEqual([]);
  },
);

test("Prometheus's login goes with its queries, and is shown nowhere", async () => {
  rig.platform(
    `prometheus: { url: "${rig.server.url}/prom", login: { user: ops, password: METRICS_PASSWORD } }`,
  );
  rig.runbook("asks", "diagnose: [{ prometheus.query: up, expect: value == 1 }]\n");
  const basic = Buffer.from(`ops:${word}`).toString("base64");
  const error = { status: "error", errorType: "execution", error: `who sent ${basic} to me` };
  rig.server.on("GET /prom/api/v1/query", { status: 422, json: error });
  const { code, stderr } = await rig.run(["run", "asks"], { env: { METRICS_PASSWORD: word } });
  expect(code).toBe(4);
  expect(rig.server.requests.at(-1)?.authorization).toBe(`Basic ${basic}`);
  expect(stderr).toContain("rejected the request (execution): who sent ‹secret:known:");
  const without = await rig.run(["run", "asks"]);
  expect(without.code).toBe(2);
  expect(without.stderr).toMatch(/platform\.yaml:4:\d+: METRICS_PASSWORD is not set/);
});

describe("a service's login", () => {
  const platform = (service: string): void =>
    void rig.file(
      "runbooks/platform.yaml",
      `platform: rig\nservices:\n  market: { url: "${rig.server.url}", ${service} }\n` +
        `  executioner: { url: "http://127.0.0.1:1" }\ncompose: { project: test, files: [compose.yaml] }\n`,
    );

  test("goes with its requests, and is shown nowhere", async () => {
    platform("login: { user: ops, password: MARKET_PASSWORD }");
    const basic = Buffer.from(`ops:${word}`).toString("base64");
    rig.server.on("POST /act", { status: 400, text: `who sent ${basic} to me` });
    const { stderr } = await rig.run(["run", "book", "--yes"], { env: { MARKET_PASSWORD: word } });
    expect(rig.server.requests.at(-1)?.authorization).toBe(`Basic ${basic}`);
    expect(stderr).toContain("who sent ‹secret:known:");
  });

  test("is not there: refused at its place", async () => {
    platform("login: { user: ops, password: MARKET_PASSWORD }");
    const { code, stderr } = await rig.run(["run", "book", "--yes"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/platform\.yaml:3:\d+: MARKET_PASSWORD is not set/);
    expect(rig.server.requests).toEqual([]);
  });
});
