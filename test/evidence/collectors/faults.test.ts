import type { PlatformService } from "../../../src/platform/platform.ts";
import { expect, test } from "vitest";
import { createClock } from "../../../src/drivers/clock.ts";
import { createEngineReader } from "../../../src/drivers/docker/reader.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createKafkaSurvey } from "../../../src/drivers/kafka/kafka.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import { createSqlReader } from "../../../src/drivers/postgres/reading.ts";
import { createRedis } from "../../../src/drivers/redis/redis.ts";
import type { CollectContext, Collector, Fact } from "../../../src/evidence/capture/collector.ts";
import { dockerContainers, dockerEvents } from "../../../src/evidence/collectors/docker.ts";
import { withoutDefinitionValues, withoutEnvironment } from "../../../src/evidence/collectors/environment.ts";
import { httpService } from "../../../src/evidence/collectors/http.ts";
import { kafkaCluster, kafkaGroups } from "../../../src/evidence/collectors/kafka.ts";
import { postgresState } from "../../../src/evidence/collectors/postgres.ts";
import { redisState } from "../../../src/evidence/collectors/redis.ts";
import { tcp } from "../../drivers/loopback.ts";

/** Every collector that talks to a server, and what it talks to it with. */
function all(port: number): readonly (readonly [Collector, Partial<Ports>])[] {
  const at = `127.0.0.1:${port}`;
  const engine = createEngineReader({ host: `tcp://${at}` });
  const service: PlatformService = {
    name: "gateway",
    url: `http://${at}`,
    instances: [`http://${at}`],
    runs: { by: "none" },
    health: "/health",
    api: true,
  };
  return [
    [postgresState(createSqlReader({ url: `postgres://lav@${at}/lav` })), {}],
    [kafkaCluster(createKafkaSurvey({ brokers: at })), {}],
    [kafkaGroups(createKafkaSurvey({ brokers: at })), {}],
    [redisState(at, []), { redis: createRedis({ url: `redis://${at}` }) }],
    [httpService(service), { http: createHttp() }],
    [dockerContainers(engine), {}],
    [dockerEvents(engine), {}],
  ];
}

async function collected([collector, ports]: readonly [Collector, Partial<Ports>], ms: number) {
  const facts: Fact[] = [];
  const context = {
    ports: { clock: createClock(), ...ports },
    since: new Date(0),
    until: new Date(),
    signal: AbortSignal.timeout(ms),
    file: () => ({ write: () => {}, end: () => {}, seen: 0 }),
    tell: (fact: Fact) => facts.push(fact),
  } as unknown as CollectContext;
  const result = await collector.collect(context);
  return { id: collector.id, fails: result.ok ? "not at all" : result.failure.type };
}

test("a server that accepts and says nothing costs each collector its own time, and no connection stays", async () => {
  await using silent = await tcp((socket) => socket.resume());
  const ends = await Promise.all(all(silent.port).map((one) => collected(one, 1500)));
  expect(ends.filter(({ fails }) => fails !== "timeout")).toEqual([]);
  await expect.poll(() => silent.sockets.every(({ destroyed }) => destroyed)).toBe(true);
});

test("a server that refuses is told of at once by each", async () => {
  const gone = await tcp(() => {});
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  const ends = await Promise.all(all(port).map((one) => collected(one, 10_000)));
  expect(ends.filter(({ fails }) => fails !== "unreachable")).toEqual([]);
});

test("an endless stream of events ends with its collector", async () => {
  await using endless = await tcp((socket) => {
    socket.on("error", () => {});
    socket.on("data", (request: Buffer) => {
      const ping = request.includes("/_ping");
      socket.write(
        `HTTP/1.1 200 OK\r\nApi-Version: 1.44\r\n${ping ? "Content-Length: 2\r\nConnection: close\r\n\r\nOK" : "\r\n"}`,
      );
      if (ping) return;
      const timer = setInterval(() => socket.write('{"Type":"x"}\n'), 20);
      socket.once("close", () => clearInterval(timer));
    });
  });
  const events = all(endless.port).find(([{ id }]) => id === "docker.events");
  if (events === undefined) throw new Error("there is none");
  expect(await collected(events, 700)).toEqual({ id: "docker.events", fails: "timeout" });
  await expect.poll(() => endless.sockets.every(({ destroyed }) => destroyed)).toBe(true);
});

test("no value of a container's or a Compose file's environment is kept but those on the list", () => {
  const container = withoutEnvironment({ Id: "a", Config: { Env: ["PATH=/bin", "DSN=canary", "X"] } });
  expect(container).toEqual({ Id: "a", Config: { Env: ["PATH=/bin", "DSN=‹withheld›", "X"] } });
  const file = withoutDefinitionValues({
    services: {
      a: { environment: { PORT: 3000, DSN: "canary", EMPTY: null }, build: { args: ["DSN=canary"] } },
      b: { environment: ["DSN=canary"] },
    },
    configs: { c: { content: "canary" } },
  });
  expect(JSON.stringify(file)).not.toContain("canary");
  expect(file).toMatchObject({ services: { a: { environment: { PORT: 3000, EMPTY: null } } } });
});
