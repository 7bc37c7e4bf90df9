import { existsSync } from "node:fs";
import { connect } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chosen } from "../../sandbox/chosen.ts";
import { askEngine, containersOf, engineJson, pauseContainer } from "../../sandbox/docker.ts";
import { daemonPid, engineProcesses } from "../../sandbox/engine.ts";
import { runCompose } from "../../sandbox/run-compose.ts";
import { serviceNames, services } from "../../sandbox/services.ts";
import { ownProject } from "../../sandbox/shared.ts";
import { stackUp, type Stack } from "../../sandbox/stack.ts";
import { killedForMemory } from "./killed.ts";

const { compose, kafka } = chosen();

// One of these kills its engine: no other test's stack runs on it.
const project = ownProject("own");
const engine = "engine-apart";

describe(`the stack on Compose ${compose} and Kafka ${kafka}`, () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await stackUp({ project, engine, compose, kafka });
  });
  afterAll(async () => {
    await stack.down();
  });

  it("has every instance of every service healthy, each on its own port", async () => {
    const urls = serviceNames.flatMap((name) =>
      Array.from({ length: services[name].instances }, (_, index) => stack.url(name, index + 1)),
    );
    expect(new Set(urls).size).toBe(urls.length);
    const statuses = await Promise.all(urls.map(async (url) => (await fetch(`${url}/health`)).status));
    expect(statuses).toEqual(urls.map(() => 200));
  });

  it("lets an operator into PostgreSQL, who may look and end sessions but owns nothing", async () => {
    const client = new pg.Client({ connectionString: stack.env["DATABASE_URL"] });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(
        `SELECT current_setting('max_connections') AS max, current_user AS who,
           pg_has_role('pg_signal_backend', 'member') AS signals, rolsuper AS super
         FROM pg_roles WHERE rolname = current_user`,
      );
      expect(rows).toEqual([{ max: "60", who: "lav_ops", signals: true, super: false }]);
    } finally {
      await client.end();
    }
  });

  async function asSuperuser(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const client = new pg.Client({ connectionString: stack.env["DATABASE_ADMIN_URL"] });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
  const setting = async (): Promise<unknown> =>
    (await asSuperuser("SHOW max_connections").catch(() => []))[0]?.["max_connections"];

  it("is up already when brought up again", async () => {
    const before = await stack.containers();
    const again = await stackUp({ project, engine, compose, kafka });
    expect(await again.containers()).toEqual(before);
  });

  it("applies a fault until it is cleared", async () => {
    const health = async (): Promise<number> =>
      (await fetch(`${stack.url("market-sentinel")}/health`)).status;
    await stack.fault("market-sentinel", { fault: "errors", until: "cleared" });
    await expect.poll(health).toBe(500);
    await stack.clear("market-sentinel");
    await stack.healthy();
    expect(await health()).toBe(200);
  });

  it("is whole again after a reset, whatever was stopped, removed, renumbered or damaged", async () => {
    const before = await stack.containers();
    const idOf = (service: string): string => before.find((one) => one.service === service)?.id ?? "";
    const { dockerHost } = stack.state;
    await pauseContainer(dockerHost, idOf("kafka"));
    await engineJson(dockerHost, { method: "POST", path: `/containers/${idOf("redis")}/stop?t=0` });
    await engineJson(dockerHost, { method: "DELETE", path: `/containers/${idOf("gateway")}?force=1` });
    await runCompose(stack.state, [
      "up",
      "-d",
      "--no-deps",
      "--no-recreate",
      "--scale",
      "executioner=1",
      "executioner",
    ]);
    await stack.fault("market-sentinel", { fault: "crash", until: "cleared" });
    await asSuperuser("ALTER ROLE lav CONNECTION LIMIT 5");
    await asSuperuser("ALTER ROLE lav_ops SET work_mem = '1MB'");
    await asSuperuser("ALTER SYSTEM SET max_connections = 200");
    await engineJson(dockerHost, { method: "POST", path: `/containers/${idOf("postgres")}/restart?t=3` });
    await expect.poll(setting).toBe("200");
    await stack.reset();
    expect(await setting()).toBe("60");
    expect(
      await asSuperuser(
        "SELECT DISTINCT rolconnlimit AS most, rolconfig AS own FROM pg_roles WHERE rolname LIKE 'lav%'",
      ),
    ).toEqual([{ most: -1, own: null }]);
    // Which of the two executioners has which of their ports is the engine's choice.
    const shape = (containers: typeof before) => ({
      containers: containers.map(({ name, state }) => ({ name, state })),
      ports: containers.flatMap(({ ports }) => Object.values(ports)).toSorted((a, b) => a - b),
    });
    expect(shape(await stack.containers())).toEqual(shape(before));
    // Compose takes what was made without it for its own.
    await runCompose(stack.state, ["up", "-d", "--no-recreate"]);
    expect(shape(await stack.containers())).toEqual(shape(before));
  });

  // Of the engine, not of Compose: once is enough.
  if (compose === 2) {
    it("scales Market Sentinel behind its one port, which refuses when none runs", async () => {
      const scale = async (count: number): Promise<string> =>
        await runCompose(
          stack.state,
          ["up", "-d", "--no-deps", "--no-recreate"].concat([
            "--scale",
            `market-sentinel=${count}`,
            "market-sentinel",
          ]),
        );
      const url = `${stack.url("market-sentinel")}/health`;
      const seen = new Set<unknown>();
      const answer = async (): Promise<number> => {
        const reply = await fetch(url, { headers: { connection: "close" } }).catch(() => undefined);
        seen.add(((await reply?.json()) as { instance?: unknown } | undefined)?.instance);
        return seen.size;
      };
      await scale(3);
      await expect.poll(answer).toBeGreaterThanOrEqual(3);
      await scale(0);
      const failure = async (): Promise<unknown> =>
        await fetch(url).then(
          ({ status }) => status,
          (error: Error) => (error.cause as { code?: unknown }).code,
        );
      await expect.poll(failure).toBe("ECONNREFUSED");
      await stack.reset();
      expect(await failure()).toBe(200);
    });

    it("lets the kernel end Market Sentinel when it takes too much memory", async () => {
      expect(await killedForMemory(stack)).toMatchObject({ OOMKilled: true, ExitCode: 137 });
      await stack.reset();
    });

    it("comes up again after its engine was killed", async () => {
      const { dockerHost } = stack.state;
      const daemon = daemonPid(engine);
      // The machine's own engine is not ours to kill.
      if (daemon === undefined) return;
      process.kill(daemon, "SIGKILL");
      await expect
        .poll(async () => await askEngine(dockerHost, { path: "/_ping" }).catch(() => "gone"))
        .toBe("gone");
      stack = await stackUp({ project, engine, compose, kafka });
      await stack.healthy();
      expect((await stack.containers()).map(({ state }) => state)).not.toContain("exited");
    });
  }

  it("leaves nothing when it is taken down", async () => {
    const { dockerHost, ports } = stack.state;
    const pids = await Promise.all(
      (await stack.containers()).map(async ({ id }) => {
        const inspected = await engineJson(dockerHost, { path: `/containers/${id}/json` });
        return (inspected as { State: { Pid: number } }).State.Pid;
      }),
    );
    expect(pids.every((pid) => existsSync(`/proc/${pid}`))).toBe(true);
    await stack.down();
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(existsSync(stack.folder)).toBe(false);
    expect(await Promise.all(Object.values(ports).map(async (port) => await listens(port)))).not.toContain(
      true,
    );
    // With other stacks on it, the engine runs on, and nothing of this one is left in it.
    const answers = await askEngine(dockerHost, { path: "/_ping" }).then(
      () => true,
      () => false,
    );
    expect(engineProcesses(engine).length > 0).toBe(answers && stack.state.ownEngine);
    if (!answers) return;
    const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.compose.project=${project}`] }));
    expect(await containersOf(dockerHost, project)).toEqual([]);
    expect(await engineJson(dockerHost, { path: `/networks?filters=${filters}` })).toEqual([]);
    expect(await engineJson(dockerHost, { path: `/volumes?filters=${filters}` })).toMatchObject({
      Volumes: [],
    });
  });
});

async function listens(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
