import { once } from "node:events";
import { request } from "node:http";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { engineJson, pauseContainer } from "../../sandbox/docker.ts";
import { runCompose } from "../../sandbox/run-compose.ts";
import { serviceNames } from "../../sandbox/services.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { ask, onDatabase, onRedis, onTopics, pictureOf } from "./picture.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
});

/** A request that the gateway has, by its own word: it has said that it goes on with it. */
async function begun(path: string, body?: string): Promise<{ readonly ended: Promise<number | "broken"> }> {
  const url = new URL(path, stack.url("gateway"));
  const headers = { expect: "100-continue", "content-type": "application/json" };
  const call = request(url, { method: body === undefined ? "GET" : "POST", headers });
  const ended = new Promise<number | "broken">((resolve) => {
    call.once("response", ({ statusCode = 0 }) => resolve(statusCode));
    call.once("error", () => resolve("broken"));
  });
  call.flushHeaders();
  await once(call, "continue");
  call.end(body);
  return { ended };
}

const token = (): string => stack.env["EMERGENCY_TOKEN"] ?? "";

async function ids(): Promise<ReadonlyMap<string, string>> {
  return new Map((await stack.containers()).map(({ name, id }) => [name, id]));
}

/** What an operator does with the platform without touching a container, and the faults that do so. */
async function disturb(): Promise<void> {
  const post = async (service: string, path: string, json: unknown, key?: string): Promise<number> => {
    const { status } = await ask(stack, service, path, {
      method: "POST",
      json,
      token: token(),
      ...(key === undefined ? {} : { key }),
    });
    return status;
  };
  const order = { symbol: "SPX", side: "buy", quantity: 1 };
  const resting = { ...order, type: "limit", limit_price: 5000, time_in_force: "GTC", venue: "FORNAX" };
  const halt = { incident_id: "INC-1", operator: "ada", reason: "reset" };
  expect(await post("gateway", "/api/generator", { rate: 40 })).toBe(200);
  expect(await post("gateway", "/api/orders", order, "key-1")).toBe(202);
  expect(await post("gateway", "/api/orders", resting)).toBe(202);
  expect(await post("market-sentinel", "/api/regime/manual", { regime: "CRISIS", duration: "1h" })).toBe(200);
  expect(await post("executioner", "/api/routing/mode", { mode: "CONSERVATIVE" })).toBe(200);
  expect(await post("executioner", "/api/venues/disable", { venues: ["DRACO"] })).toBe(200);
  expect(await post("executioner", "/api/venues/ATLAS/halt", halt, "key-2")).toBe(200);
  const reduction = { reduction_pct: 0.5, timeframe: 30 };
  expect(await post("risk-warden", "/api/emergency/reduce", reduction, "key-3")).toBe(202);
  await onDatabase(stack, async (sql) => {
    await sql("INSERT INTO risk_limits VALUES ('mine', 'portfolio', 1)");
    await sql("CREATE TABLE mine (id int)");
    await sql("CREATE SCHEMA mine CREATE VIEW all_of_it AS SELECT * FROM public.orders");
    await sql("ALTER TABLE orders ADD COLUMN mine int");
    await sql("REVOKE SELECT ON positions FROM lav_ops");
    await sql("ALTER ROLE lav SET statement_timeout = '1s'");
    await sql("ALTER DATABASE lav SET work_mem = '1MB'");
  });
  await onRedis(stack, async (redis) => void (await redis.set("mine", "1")));
  await onTopics(stack, async (admin) => {
    await admin.createTopics({ topics: [{ topic: "mine" }] });
    await admin.createPartitions({ topicPartitions: [{ topic: "fills", count: 8 }] });
    const configEntries = [{ name: "retention.ms", value: "1000" }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: "orders", configEntries }],
    });
    await admin.setOffsets({ groupId: "mine", topic: "orders", partitions: [{ partition: 0, offset: "0" }] });
  });
  await stack.fault("risk-warden", { fault: "corrupt", until: "cleared" });
  await stack.fault("market-sentinel", { fault: "backlog", until: "restart", produce: 500, consume: 1 });
  await stack.fault("gateway", {
    fault: "leak",
    until: "recreate",
    every_ms: 5,
    transaction: true,
    most: 10,
  });
  const health = async (): Promise<number> => (await ask(stack, "risk-warden", "/health")).status;
  await expect.poll(health).toBe(503);
  const leaked = async (): Promise<unknown> =>
    ((await ask(stack, "gateway", "/api/db/pool-status")).json as { leaked?: unknown }).leaked;
  await expect.poll(leaked).toBe(10);
}

/** What asks an engine for this of one container. */
function asking(what: string): (host: string, id: string) => Promise<unknown> {
  return async (host, id) => await engineJson(host, { method: "POST", path: `/containers/${id}${what}` });
}

describe("a reset", () => {
  it("without touched containers makes none again, and leaves what a platform of new ones has", async () => {
    const { dockerHost } = stack.state;
    for (const { id, service } of await stack.containers()) {
      if (serviceNames.some((name) => name === service))
        await engineJson(dockerHost, { method: "POST", path: `/containers/${id}/kill` });
    }
    const since = new Date();
    expect(new Set(await stack.reset())).toEqual(new Set(serviceNames));
    const whole = await pictureOf(stack, since);
    const before = await ids();

    await disturb();
    const disturbed = await pictureOf(stack, since);
    for (const part of ["topics", "database", "redis", "services"] as const) {
      expect(disturbed[part], part).not.toEqual(whole[part]);
    }
    const again = new Date();
    expect(await stack.reset()).toEqual([]);
    expect(await ids()).toEqual(before);
    expect(await pictureOf(stack, again)).toEqual(whole);
  });

  it("carries nothing out that was asked for before it", async () => {
    // Longer than a reset takes on any machine: an answer that came in time would be none of the reset's doing.
    await stack.fault("gateway", { fault: "slow", until: "cleared", ms: 300_000, before: true });
    const late = await begun("/api/orders", JSON.stringify({ symbol: "SPX", side: "buy", quantity: 7.5 }));
    const other = await begun("/api/generator");
    expect(await stack.reset()).toEqual([]);
    expect([await late.ended, await other.ended]).toEqual(["broken", "broken"]);
  });

  it.each([
    ["stopped", asking("/stop?t=1")],
    ["killed", asking("/kill")],
    ["paused", pauseContainer],
    ["restarted", asking("/restart?t=1")],
  ])("makes only the service again of which a container was %s", async (_, touch) => {
    const before = await ids();
    const touched = (await stack.containers()).find(({ service }) => service === "venues");
    await touch(stack.state.dockerHost, touched?.id ?? "");
    expect(await stack.reset()).toEqual(["venues"]);
    const after = await ids();
    const changed = [...after].filter(([name, id]) => before.get(name) !== id).map(([name]) => name);
    expect(changed).toEqual([touched?.name]);
  });

  it("makes only the service again whose container has other limits, networks or numbers", async () => {
    const { dockerHost, project } = stack.state;
    const idOf = async (service: string): Promise<string> =>
      (await stack.containers()).find((one) => one.service === service)?.id ?? "";
    const json = { Memory: 268_435_456, MemorySwap: 268_435_456 };
    await engineJson(dockerHost, {
      method: "POST",
      path: `/containers/${await idOf("gateway")}/update`,
      json,
    });
    expect(await stack.reset()).toEqual(["gateway"]);
    const cut = { Container: await idOf("risk-warden"), Force: true };
    await engineJson(dockerHost, {
      method: "POST",
      path: `/networks/${project}_default/disconnect`,
      json: cut,
    });
    expect(await stack.reset()).toEqual(["risk-warden"]);
    const scale = ["--no-recreate", "--scale", "market-sentinel=2", "market-sentinel"];
    await runCompose(stack.state, ["up", "-d", "--no-deps", ...scale]);
    expect(await stack.reset()).toEqual(["market-sentinel"]);
  });

  it("makes a service again that a fault has blocked for good, and one that has ended of it", async () => {
    await stack.fault("gateway", { fault: "crash", until: "cleared" });
    const state = async (): Promise<unknown> =>
      (await stack.containers()).find(({ service }) => service === "gateway")?.state;
    await expect.poll(state).toBe("exited");
    expect(await stack.reset()).toEqual(["gateway"]);
  });
});
