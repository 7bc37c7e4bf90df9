import { Redis } from "ioredis";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { TakingLine } from "../../src/events/snapshot-lines.ts";
import { closedPort, http, tcp, type Loopback } from "../drivers/loopback.ts";
import { patience } from "../patience.ts";
import { Operator } from "../runbooks/operator.ts";
import { askEngine, engineJson, pauseContainer } from "../../sandbox/docker.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), "lav-ir-faults-"));
const mend: (() => unknown)[] = [];

beforeAll(async () => {
  stack = await sharedStack();
  await stack.reset();
});
afterEach(async () => {
  for (const undo of mend.splice(0).toReversed()) await undo();
  await stack.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Row = Extract<TakingLine, { readonly type: "snapshot.collector" }>;

/** Milliseconds by which a busy machine may be late with anything; what hangs is later. */
const late = patience / 6;

/** A snapshot from this shell; whatever happened to it, its bundle is whole, and nobody waited too long. */
async function snapshot(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  await using operator = new Operator(stack, env);
  const { code, lines, stderr } = await operator.lavIr("snapshot", "--json", "--out", folder, ...args);
  const rows = lines.filter(({ type }) => type === "snapshot.collector") as unknown as readonly Row[];
  const sealed = lines.find(({ type }) => type === "snapshot.sealed");
  if (sealed === undefined) throw new Error(`it was not sealed: ${stderr}`);
  const {
    path,
    missing,
    duration_ms: took,
  } = sealed as unknown as Extract<TakingLine, { readonly type: "snapshot.sealed" }>;
  const verified = await operator.lavIr("snapshot", "verify", path);
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("intact")]);
  for (const { collector, deadline_ms: deadline, duration_ms: ms } of rows)
    expect(ms, `${collector} keeps its deadline`).toBeLessThan(deadline + late);
  expect(took).toBeLessThan(Math.max(...rows.map(({ duration_ms: ms }) => ms)) + late);
  const findings = (await operator.lavIr("snapshot", "show", path)).stdout;
  return { code, rows, missing, findings };
}

/** Exit 1; these rows, each missing with its reason, and no others but complete ones. */
function expectMissing(
  { code, rows, missing }: Awaited<ReturnType<typeof snapshot>>,
  expected: Readonly<Record<string, string>>,
): void {
  const bad = rows.filter(({ outcome }) => outcome !== "ok" && outcome !== "skipped");
  const said = bad.map(({ collector, outcome, why = "" }) => [collector, `${outcome}: ${why}`]);
  const wanted = Object.entries(expected).map(([id, why]) => [
    id,
    expect.stringMatching(new RegExp(`^${why}`)) as string,
  ]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(wanted));
  expect(new Set(missing.map(({ collector }) => collector))).toEqual(new Set(Object.keys(expected)));
  expect(code).toBe(1);
}

async function engine(path: string): Promise<void> {
  await engineJson(stack.state.dockerHost, { method: "POST", path }, [304, 409]);
}

async function idOf(service: string): Promise<string> {
  return (await stack.containers()).find((one) => one.service === service)?.id ?? "";
}

/** What comes back of the real server, one byte a second. */
async function trickle(to: { readonly port: number } | { readonly path: string }): Promise<number> {
  const proxy = await tcp((client) => {
    const server = connect(to);
    server.on("error", () => client.destroy());
    client.on("close", () => server.destroy());
    client.pipe(server);
    let held = Buffer.alloc(0);
    server.on("data", (chunk: Buffer) => (held = Buffer.concat([held, chunk])));
    const timer = setInterval(() => {
      if (held.length > 0) client.write(held.subarray(0, 1));
      held = held.subarray(1);
    }, 1000);
    client.on("close", () => clearInterval(timer));
  });
  mend.push(async () => await proxy[Symbol.asyncDispose]());
  return proxy.port;
}

/** The addresses of a shell whose stores and engine are behind these ports. */
function at(ports: Readonly<Record<"postgres" | "redis" | "kafka" | "engine", number>>) {
  const { operator, redis } = stack.state.secrets;
  return {
    DATABASE_URL: `postgres://lav_ops:${operator}@127.0.0.1:${ports.postgres}/lav`,
    REDIS_URL: `redis://:${redis}@127.0.0.1:${ports.redis}`,
    KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
    DOCKER_HOST: `tcp://127.0.0.1:${ports.engine}`,
  };
}

const engines = ["docker.engine", "docker.containers", "docker.stats", "docker.events", "logs.containers"];
const all = (ids: readonly string[], why: string): Readonly<Record<string, string>> =>
  Object.fromEntries(ids.map((id) => [id, why]));

/** Takes PostgreSQL's connections until it has none left, and from then on each that a service's pool gives back. */
async function keepFull(): Promise<void> {
  const { secrets, ports } = stack.state;
  const connectionString = `postgres://lav:${secrets.lav}@127.0.0.1:${ports.postgres}/lav`;
  const taken: pg.Client[] = [];
  const fill = async (): Promise<void> => {
    for (;;) {
      const client = new pg.Client({ connectionString });
      client.on("error", () => {});
      try {
        await client.connect();
      } catch (error) {
        expect(error).toMatchObject({ code: "53300" });
        return;
      }
      taken.push(client);
    }
  };
  const over = new AbortController();
  await fill();
  const filling = (async () => {
    while (!over.signal.aborted) await sleep(50).then(fill);
  })();
  mend.push(async () => {
    over.abort();
    await filling;
    for (const client of taken) await client.end();
  });
}

describe("a snapshot of a stack in trouble", () => {
  test("stores that stand still, an engine and an instance that accept and never answer", async () => {
    for (const store of ["postgres", "redis", "kafka"]) {
      const id = await idOf(store);
      await pauseContainer(stack.state.dockerHost, id);
      mend.push(async () => await engine(`/containers/${id}/unpause`));
    }
    await stack.fault("executioner", { fault: "hang", until: "cleared", instance: 2 });
    const silent = await tcp((socket) => socket.resume());
    mend.push(async () => await silent[Symbol.asyncDispose]());
    const taken = await snapshot({ DOCKER_HOST: `tcp://127.0.0.1:${silent.port}` });
    expectMissing(taken, {
      "postgres.state": "timeout: PostgreSQL at \\S+ timed out after .* \\(connecting\\)",
      "postgres.schema": "timeout: PostgreSQL at",
      "redis.state": "timeout: Redis at \\S+ timed out",
      "kafka.cluster": "timeout: Kafka at \\S+ timed out after (?:1[5-9]|[2-9]\\d)s",
      "kafka.groups": "timeout: Kafka at",
      "http.executioner": "partial: \\S+/health timed out",
      ...all(engines, "timeout: Docker Engine at \\S+ timed out"),
    });
    await expect.poll(() => silent.sockets.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test("stores, an engine and a service that answer a byte a second", async () => {
    const { ports, dockerHost } = stack.state;
    const env = at({
      postgres: await trickle({ port: ports.postgres }),
      redis: await trickle({ port: ports.redis }),
      kafka: await trickle({ port: ports.kafka }),
      engine: await trickle({ path: dockerHost.replace("unix://", "") }),
    });
    await stack.fault("gateway", { fault: "drip", until: "cleared" });
    const taken = await snapshot(env);
    expectMissing(taken, {
      "postgres.state": "timeout: PostgreSQL at",
      "postgres.schema": "timeout: PostgreSQL at",
      "redis.state": "timeout: Redis at",
      "kafka.cluster": "timeout: Kafka at",
      "kafka.groups": "timeout: Kafka at",
      "http.gateway": "timeout: \\S+/health timed out",
      ...all(engines, "timeout: Docker Engine at"),
    });
  });

  test("stores, an engine and a service that are not there", async () => {
    const nobody = await closedPort();
    const env = at({ postgres: nobody, redis: nobody, kafka: nobody, engine: nobody });
    const gateway = await idOf("gateway");
    await engine(`/containers/${gateway}/stop?t=0`);
    mend.push(async () => {
      await engine(`/containers/${gateway}/start`);
      await stack.healthy();
    });
    const taken = await snapshot(env);
    expectMissing(taken, {
      "postgres.state": "error: PostgreSQL at \\S+ does not answer: connection refused",
      "postgres.schema": "error: PostgreSQL at",
      "redis.state": "error: Redis at \\S+ does not answer: connection refused",
      "kafka.cluster": "error: Kafka broker \\S+ does not answer: connection refused",
      "kafka.groups": "error: Kafka broker",
      "http.gateway": "error: \\S+/health does not answer",
      ...all(engines, "error: Docker Engine at \\S+ does not answer: connection refused"),
    });
  });

  test("stores, an engine and a service that let nobody in", async () => {
    const { ports } = stack.state;
    const guarded: Loopback = await http((_request, response) => {
      response.writeHead(403).end('{"message":"authorization denied by plugin"}');
    });
    mend.push(async () => await guarded[Symbol.asyncDispose]());
    await stack.fault("gateway", { fault: "errors", until: "cleared", status: 401 });
    const taken = await snapshot({
      DATABASE_URL: `postgres://lav_ops:wrong-password@127.0.0.1:${ports.postgres}/lav`,
      REDIS_URL: `redis://:wrong-password@127.0.0.1:${ports.redis}`,
      DOCKER_HOST: `tcp://127.0.0.1:${guarded.port}`,
    });
    expectMissing(taken, {
      "postgres.state": "denied: PostgreSQL at \\S+ refused access: password authentication failed",
      "postgres.schema": "denied: PostgreSQL at",
      "redis.state": "denied: Redis at \\S+ refused access: WRONGPASS",
      ...all(engines, "denied: Docker Engine at \\S+ refused access: authorization denied by plugin"),
    });
    expect(taken.findings).toContain("gateway: health check returned 401");
  });

  test("stores that are full; PostgreSQL is read through what it keeps back, where there is a login for that", async () => {
    await keepFull();
    const redis = new Redis(stack.env["REDIS_URL"] ?? "");
    await redis.config("SET", "maxclients", "1");
    mend.push(async () => {
      await redis.config("SET", "maxclients", "10000");
      redis.disconnect();
    });
    const without = await snapshot({ DATABASE_ADMIN_URL: "" });
    expectMissing(without, {
      "postgres.state": "denied: PostgreSQL at \\S+ refused access: .*\\(53300\\)",
      "postgres.schema": "denied: PostgreSQL at",
      "redis.state": "denied: Redis at \\S+ refused access: ERR max number of clients reached",
    });
    const withAdmin = await snapshot({}, "--only", "postgres");
    expect([withAdmin.code, withAdmin.missing]).toEqual([0, []]);
    expect(withAdmin.findings).toContain("read with the administrator's login");
    expect(withAdmin.findings).toMatch(/PostgreSQL: \d+ of 60 connections are in use/);
  });

  test("a log that is longer than is kept, and goes on: its oldest part is cut, and that is said", async () => {
    const host = stack.state.dockerHost;
    const { project } = stack.state;
    const { Config } = (await engineJson(host, { path: `/containers/${await idOf("gateway")}/json` })) as {
      Config: { Image: string };
    };
    const script = `
      const text = "a line of an endless log, as long as such lines are ".repeat(4);
      let count = 0;
      const more = (lines) => Array.from({ length: lines }, () => \`\${count++} \${text}\\n\`).join("");
      for (let at = 0; at < 28; at++) process.stdout.write(more(10000));
      process.stdout.write("past the limit\\n");
      setInterval(() => process.stdout.write(more(10)), 20);`;
    const { Id } = (await engineJson(host, {
      method: "POST",
      path: `/containers/create?name=${project}-endless-1`,
      json: {
        Image: Config.Image,
        Cmd: ["/opt/node/bin/node", "-e", script],
        Labels: { "com.docker.compose.project": project, "com.docker.compose.service": "endless" },
      },
    })) as { Id: string };
    mend.push(async () => {
      await engineJson(host, { method: "DELETE", path: `/containers/${Id}?force=1` }, [404]);
    });
    await engine(`/containers/${Id}/start`);
    // The engine takes its time with so much.
    await expect
      .poll(async () => await lastLineOf(host, Id), { interval: 500 })
      .toContain("a line of an endless log");
    const { rows, missing, code } = await snapshot({}, "--only", "logs");
    expect([code, rows[0]?.outcome]).toEqual([1, "partial"]);
    expect(missing).toEqual([
      {
        collector: "logs.containers",
        what: `data/logs/${project}-endless-1.log`,
        why: expect.stringMatching(/^over its limit: the oldest \d+ bytes were dropped$/) as string,
      },
    ]);
  });
});

/** Of the log's last lines, once those after the first burst are there. */
async function lastLineOf(host: string, id: string): Promise<string> {
  const reply = await askEngine(host, { path: `/containers/${id}/logs?stdout=1&tail=5` });
  return Number(/(\d+) a line/.exec(reply.text)?.[1] ?? 0) > 280_000 ? reply.text : "";
}
