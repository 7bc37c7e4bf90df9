/** The same secret through doors with real servers behind them: a row, a record, a value, a container's log. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { chosen } from "../../sandbox/chosen.ts";
import { composeProgram } from "../../sandbox/compose-file.ts";
import { ensureEngine } from "../../sandbox/engine.ts";
import { ensureImage } from "../../sandbox/image.ts";
import { kafkaClient } from "../../sandbox/kafka-client.ts";
import { startKafka, type RunningKafka } from "../../sandbox/kafka.ts";
import { startPostgres, type PostgresServer } from "../../sandbox/postgres.ts";
import { startRedis, type RedisServer } from "../../sandbox/redis.ts";
import { ownProject } from "../../sandbox/shared.ts";
import { removeProject } from "../../sandbox/remove.ts";
import { runProgram } from "../../tools/wait.ts";
import { createPostgres } from "../../src/drivers/postgres/postgres.ts";
import { createRedis } from "../../src/drivers/redis/redis.ts";
import { value } from "../drivers/results.ts";
import { soon } from "../patience.ts";
import { all, leaks, left, printed, secret } from "./places.ts";
import { Rig } from "./rig.ts";

const project = ownProject("places");
let rig: Rig;
let host: string;
let postgres: PostgresServer;
let redis: RedisServer;
let kafka: RunningKafka;

beforeAll(async () => {
  [postgres, redis, kafka] = await Promise.all([
    startPostgres(),
    startRedis({ config: ["slowlog-log-slower-than 0"] }),
    startKafka({ version: chosen().kafka }),
  ]);
  ({ host } = await ensureEngine());
  rig = await Rig.create();
  const image = await ensureImage(host);
  // JSON is YAML, and a dollar would be Compose's own.
  const command = ["node", "-e", "console.log(process.env.WORDS); setInterval(() => {}, 1000)"];
  const web = { image, command, environment: { WORDS: all }, network_mode: "none", stop_grace_period: "1s" };
  rig.file("compose.yaml", JSON.stringify({ services: { web } }));
  rig.file(
    "runbooks/platform.yaml",
    `platform: rig
services: { web: { url: "${rig.server.url}", runs: compose } }
compose: { project: ${project}, files: [../compose.yaml], program: ${JSON.stringify(await composeProgram(chosen().compose))} }
docker: { host: "${host}" }
postgres: { url: "postgres://postgres@127.0.0.1:${postgres.port}/postgres" }
redis: { url: "redis://127.0.0.1:${redis.port}" }
kafka: { brokers: ["${kafka.brokers}"] }
evidence: { tables: { words: [words, doc] } }
`,
  );
  rig.runbook("look", book);
  await fill();
});
afterAll(async () => {
  await removeProject(host, project);
  await Promise.all([rig[Symbol.asyncDispose](), postgres.stop(), redis.stop(), kafka.stop()]);
});

const book = `
secrets: [RIG_TOKEN]
params: { words: { type: string } }
diagnose:
  - { id: row, title: A row, sql.query: "SELECT words, doc FROM words", expect: value == "", finding: "it is \${value} and \${row.doc}" }
  - id: asked
    title: A parameter
    sql.query: { sql: "SELECT $1::text || 1/0", params: ["\${params.words}"] }
    expect: value == ""
  - { id: record, title: A record, kafka.read: words, expect: 'messages[0].text == ""', finding: "it is \${messages}" }
  - { id: value, title: A value, redis.get: words, expect: value == "", finding: "it is \${value}" }
  - { id: log, title: A log, service.logs: web, expect: text == "", finding: "it is \${text}" }
  - { id: hash, title: A hash, redis.get: hash, expect: 'value == {}', finding: "it is \${value}" }
`;

async function fill(): Promise<void> {
  const sql = createPostgres({ url: postgres.url, env: {} });
  for (const [text, params] of [
    ["CREATE TABLE words (words text, doc jsonb)", []],
    ["INSERT INTO words VALUES ($1, $2)", [all, { words: all, [secret]: 1 }]],
  ] as const)
    value(
      await sql.query({
        sql: text,
        params,
        mode: "write",
        transaction: true,
        statementTimeout: 10_000,
        lockTimeout: 10_000,
        maxRows: 1,
        signal: soon(),
      }),
    );
  const cache = createRedis({ url: redis.url });
  value(await cache.command(["SET", "words", all], soon()));
  value(await cache.command(["HSET", "hash", secret, all], soon()));
  const client = await kafkaClient(kafka.brokers);
  await client.topic("words");
  await client.send("words", 0, [all]);
  await client.stop();
  const [program = "", ...first] = await composeProgram(chosen().compose);
  const file = `${rig.folder}/compose.yaml`;
  await runProgram(program, [...first, "-p", project, "-f", file, "up", "-d"], {
    env: { DOCKER_HOST: host },
    within: 120_000,
  });
}

const env = { RIG_TOKEN: secret, EMERGENCY_TOKEN: secret };
/** What the test itself wrote is no leak. */
const files = (): readonly (readonly [string, string])[] =>
  [...left(rig.folder)].filter(([name]) => name !== "compose.yaml" && name !== "runbooks/look.yaml");

test.each([
  ["for a person", []],
  ["for a program", ["--json"]],
  ["with all outputs", ["-v"]],
])("a run, %s", async (_for, flags) => {
  const args = ["run", "look", "--param", `words=${all}`, "--junit", "out.xml", ...flags];
  const ended = await rig.run(args, { env });
  expect([ended.code, ended.stderr]).toEqual([1, expect.any(String)]);
  // All of it came through: what is hidden is marked.
  for (const id of ["row", "record", "value", "log", "hash"])
    expect(ended.stdout + ended.stderr).toMatch(new RegExp(`\\b${id}\\b.*‹secret:`, "s"));
  expect(files().map(([name]) => name)).toContain("out.xml");
  expect(leaks([...printed(ended), ...files()])).toEqual([]);
});

test("a snapshot of all of them", async () => {
  const ended = await rig.run(["snapshot", "--out", "out"], { env });
  const kept = files();
  const bundles = kept.filter(([name]) => name.endsWith(".tar.gz"));
  expect(bundles.map(([, text]) => text).join()).toMatch(/words.*secret:known/s);
  expect(leaks([...printed(ended), ...kept])).toEqual([]);
});
