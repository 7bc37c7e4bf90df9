import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually, startPlatform, type Platform } from "./harness.ts";
import { openRegimeTopic, type RegimeTopic } from "./harness-topic.ts";
import type { Answer, Running } from "./harness-program.ts";

let platform: Platform;
let sentinel: Running;
let topic: RegimeTopic;

beforeAll(async () => {
  platform = await startPlatform();
  sentinel = await platform.start("market-sentinel");
  topic = await openRegimeTopic(platform.kafka);
});
afterAll(async () => {
  await topic.close();
  await platform.stop();
});
afterEach(() => platform.clear());

const health = async (): Promise<number> =>
  await sentinel.call("/health").then(
    ({ status }) => status,
    () => 0,
  );

describe("endpoints", () => {
  it("reports each dependency's health", async () => {
    const { status, at } = await sentinel.call("/health");
    expect(status).toBe(200);
    expect(Object.keys(at("checks") as object)).toEqual(["postgres", "kafka", "redis", "checkpoint"]);
    expect(at("checks.postgres.ok")).toBe(true);
  });

  it("publishes to the topic and to Redis, and consumes what it published", async () => {
    const begin = await topic.end();
    const end = await eventually(topic.end, (now) => now >= begin + 2);
    await eventually(topic.committed, (offset) => offset >= end);
    const current = (await sentinel.call("/api/regime/current")).json;
    expect(current).toMatchObject({ regime: "NORMAL_EXPANSION", source: "auto", expires: null });
    const redis = new Redis(platform.redisUrl);
    expect(JSON.parse((await redis.get("regime:current")) ?? "")).toMatchObject({
      regime: "NORMAL_EXPANSION",
    });
    redis.disconnect();
    const { text } = await sentinel.call("/metrics");
    expect(text).toMatch(/^# TYPE regime_published_total counter\nregime_published_total \d+$/m);
    expect(text).toMatch(/^http_requests_total\{route="\/health",status="200"\} \d+$/m);
  });

  it("computes the regime from the prices in the database", async () => {
    await platform.sql("INSERT INTO prices (symbol, price) SELECT DISTINCT symbol, 1 FROM prices");
    await eventually(
      async () => (await sentinel.call("/api/regime/current")).at("regime"),
      (regime) => regime === "CRISIS",
    );
    await platform.sql("DELETE FROM prices WHERE price = 1");
    await eventually(
      async () => (await sentinel.call("/api/regime/current")).at("regime"),
      (regime) => regime === "NORMAL_EXPANSION",
    );
  });

  it("holds a manual regime until it expires, and says so", async () => {
    const hold = async (duration: string): Promise<Answer> =>
      await sentinel.call("/api/regime/manual", {
        token: platform.token,
        json: { regime: "RISK_OFF", duration },
      });
    const lasts = ({ at }: Answer): number =>
      Date.parse(at("expires") as string) - Date.parse(at("since") as string);
    expect((await hold("1h")).status).toBe(200);
    const during = await sentinel.call("/api/regime/current");
    expect(during.json).toMatchObject({ regime: "RISK_OFF", source: "manual" });
    expect(lasts(during)).toBe(3_600_000);
    expect(lasts(await hold("1500ms"))).toBe(1500);
    await eventually(
      async () => (await sentinel.call("/api/regime/current")).at("source"),
      (source) => source === "auto",
    );
  });

  it("ends a manual regime when asked", async () => {
    const json = { regime: "CRISIS", duration: "1h" };
    await sentinel.call("/api/regime/manual", { token: platform.token, json });
    const ended = await sentinel.call("/api/regime/manual", { method: "DELETE", token: platform.token });
    expect(ended.json).toMatchObject({ source: "auto", expires: null });
  });

  it("does a request with an Idempotency-Key once, and refuses the key for another", async () => {
    const call = { token: platform.token, key: "k1", json: { regime: "CRISIS", duration: "1h" } };
    const first = await sentinel.call("/api/regime/manual", call);
    await sentinel.call("/api/regime/manual", { method: "DELETE", token: platform.token });
    const again = await sentinel.call("/api/regime/manual", call);
    expect(again.json).toEqual(first.json);
    expect(again.headers.get("idempotent-replay")).toBe("true");
    expect((await sentinel.call("/api/regime/current")).at("source")).toBe("auto");
    const other = await sentinel.call("/api/regime/manual", {
      ...call,
      json: { regime: "CRISIS", duration: "2h" },
    });
    expect([other.status, other.at("error.code")]).toEqual([409, "key_reused"]);
  });

  it.each([
    [{ regime: "BULL", duration: "1h" }, 400],
    [{ regime: "CRISIS", duration: "soon" }, 400],
    [{ regime: "CRISIS", duration: "25h" }, 400],
    [{ regime: "CRISIS" }, 400],
    [{ regime: "CRISIS", duration: "1h", force: true }, 400],
    [[], 400],
  ])("refuses %j", async (json, status) => {
    const answer = await sentinel.call("/api/regime/manual", { token: platform.token, json });
    expect([answer.status, answer.at("error.code")]).toEqual([status, "bad_request"]);
  });

  it("refuses a form, an unknown path and a wrong method", async () => {
    const body = "regime=CRISIS";
    const form = await sentinel.call("/api/regime/manual", { token: platform.token, body });
    expect(form.status).toBe(415);
    expect((await sentinel.call("/api/regime/manual", { body })).status).toBe(401);
    expect((await sentinel.call("/api/regime")).status).toBe(404);
    const wrong = await sentinel.call("/api/regime/manual");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST, DELETE"]);
  });
});

describe("life", () => {
  it("ends by itself at SIGTERM before an engine would kill it, leaves its group, and is healthy again", async () => {
    const begin = performance.now();
    expect(await sentinel.kill("SIGTERM")).toBe(0);
    // An engine gives it ten seconds; it gives itself less than one.
    expect(performance.now() - begin).toBeLessThan(10_000);
    sentinel = await platform.start("market-sentinel", { again: sentinel });
    await eventually(topic.members, (count) => count === 1);
  });

  it("shares one topic between instances: one publishes, all consume", async () => {
    const second = await platform.start("market-sentinel", { instance: "market-sentinel-2" });
    await eventually(topic.members, (count) => count === 2);
    expect((await second.call("/metrics")).text).toContain("regime_leader 0");
    await second.kill("SIGTERM");
    await eventually(topic.members, (count) => count === 1);
  });
});

describe("faults", () => {
  it("crash: ends with 1, and only the next process is without it when it lasts until a restart", async () => {
    platform.fault("market-sentinel", { fault: "crash", until: "restart" });
    expect(await sentinel.ended).toBe(1);
    sentinel = await platform.start("market-sentinel", { again: sentinel });
  });

  it("crash-loop: ends at every start until it is cleared", async () => {
    platform.fault("market-sentinel", { fault: "crash-loop" });
    expect(await sentinel.ended).toBe(1);
    const again = await platform.start("market-sentinel", { again: sentinel, healthy: false });
    expect(await again.ended).toBe(1);
    platform.clear();
    sentinel = await platform.start("market-sentinel", { again: sentinel });
  });

  it("until recreate: a restart does not end it, a new container does", async () => {
    platform.fault("market-sentinel", { fault: "errors", until: "recreate" });
    expect(await health()).toBe(500);
    await sentinel.kill("SIGTERM");
    sentinel = await platform.start("market-sentinel", { again: sentinel, healthy: false });
    expect(await health()).toBe(500);
    await sentinel.kill("SIGTERM");
    sentinel = await platform.start("market-sentinel");
    expect(await health()).toBe(200);
  });

  it("hang: accepts and never answers, while the regime goes on", async () => {
    platform.fault("market-sentinel", { fault: "hang" });
    await expect(sentinel.call("/health", { within: 500 })).rejects.toThrow("timeout");
    const begin = await topic.end();
    await eventually(topic.end, (now) => now > begin);
  });

  it("hang with block: the whole program stands still, SIGTERM included", async () => {
    platform.fault("market-sentinel", { fault: "hang", block: true });
    // Silent, and no regime comes either: of a slow machine only the first would be so.
    const stands = async (): Promise<boolean> => {
      const before = await topic.end();
      const silent = await sentinel.call("/health", { within: 1500 }).then(
        () => false,
        () => true,
      );
      return silent && (await topic.end()) === before;
    };
    await eventually(stands, Boolean);
    process.kill(sentinel.pid, "SIGTERM");
    const begin = await topic.end();
    await expect(sentinel.call("/health", { within: 1500 })).rejects.toThrow("timeout");
    expect(await topic.end()).toBe(begin);
    platform.clear();
    expect(await sentinel.ended).toBe(0);
    sentinel = await platform.start("market-sentinel", { again: sentinel });
  });

  it("drip: a byte at a time, in the body or from the status line on", async () => {
    platform.fault("market-sentinel", { fault: "drip" });
    await expect(sentinel.call("/health", { within: 1500 })).rejects.toThrow("timeout");
    platform.fault("market-sentinel", { fault: "drip", head: true, every_ms: 1, path: "/api/db" });
    expect((await sentinel.call("/api/db/pool-status")).at("max")).toBe(5);
    expect(await health()).toBe(200);
  });

  it("errors: 500, only where the path says", async () => {
    platform.fault("market-sentinel", { fault: "errors", path: "/api/regime", status: 502 });
    expect((await sentinel.call("/api/regime/current")).status).toBe(502);
    expect(await health()).toBe(200);
  });

  it("reset and garbage: no reply that HTTP knows", async () => {
    platform.fault("market-sentinel", { fault: "reset" });
    await expect(sentinel.call("/health")).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    platform.fault("market-sentinel", { fault: "garbage" });
    await expect(sentinel.call("/health")).rejects.toMatchObject({ cause: { name: "HTTPParserError" } });
  });

  it("reset with effect: the answer is lost, the change is not", async () => {
    platform.fault("market-sentinel", { fault: "reset", effect: true, path: "/api/regime/manual" });
    const json = { regime: "CONTRACTION", duration: "1h" };
    await expect(sentinel.call("/api/regime/manual", { token: platform.token, json })).rejects.toThrow();
    expect((await sentinel.call("/api/regime/current")).at("regime")).toBe("CONTRACTION");
    platform.clear();
    await sentinel.call("/api/regime/manual", { method: "DELETE", token: platform.token });
  });

  it("stale: healthy, and no regime any more", async () => {
    platform.fault("market-sentinel", { fault: "stale" });
    await sentinel.call("/health");
    const begin = await eventually(topic.end, () => true);
    expect(await health()).toBe(200);
    const published = async (): Promise<string> =>
      (await sentinel.call("/metrics")).text.match(/^regime_age_seconds (.+)$/m)?.[1] ?? "";
    await eventually(published, (age) => Number(age) > 2);
    expect(await topic.end()).toBeLessThanOrEqual(begin + 1);
    platform.clear();
    await eventually(topic.end, (now) => now > begin + 1);
  });

  it("corrupt: a damaged file makes it unhealthy until the container is a new one", async () => {
    platform.fault("market-sentinel", { fault: "corrupt" });
    await eventually(health, (status) => status === 503);
    platform.clear();
    await sentinel.kill("SIGTERM");
    sentinel = await platform.start("market-sentinel", { again: sentinel, healthy: false });
    const { status, at } = await sentinel.call("/health");
    expect([status, at("checks.checkpoint.ok")]).toEqual([503, false]);
    await sentinel.kill("SIGTERM");
    sentinel = await platform.start("market-sentinel");
  });

  it("oom: grows until it is killed", async () => {
    platform.fault("market-sentinel", { fault: "oom", until: "restart", max_mb: 96 });
    expect(await sentinel.ended).toBe("SIGKILL");
    sentinel = await platform.start("market-sentinel", { again: sentinel });
  });

  it("leak: takes connections until PostgreSQL refuses, and gives them back when it ends", async () => {
    platform.fault("market-sentinel", { fault: "leak", every_ms: 5, transaction: true });
    const full = await eventually(
      async () => await sentinel.call("/api/db/pool-status"),
      ({ at }) => at("last_error") !== null,
    );
    expect(full.at("last_error")).toMatch(/too many clients|remaining connection slots/);
    expect(full.at("leaked")).toBeGreaterThan(30);
    await eventually(health, (status) => status === 503);
    platform.clear();
    await eventually(health, (status) => status === 200);
    const held = async () =>
      await platform.sql("SELECT count(*)::int AS n FROM pg_stat_activity WHERE state LIKE 'idle in%'");
    await eventually(held, ([row]) => row?.["n"] === 0);
    // One that is being taken as the fault ends is given back as well.
    for (let round = 0; round < 8; round++) {
      platform.fault("market-sentinel", { fault: "leak", every_ms: 1, transaction: true });
      await eventually(held, ([row]) => Number(row?.["n"]) > 0);
      platform.clear();
      await eventually(held, ([row]) => row?.["n"] === 0);
    }
  });

  it("backlog made to a number: the group is exactly so far behind, and stays so", async () => {
    expect((await sentinel.call("/admin/settled")).at("settled")).toBe(true);
    const make = async (lag: number) => await sentinel.call("/admin/backlog", { json: { lag } });
    expect((await make(9)).at("error.code")).toBe("no_fault");
    platform.fault("market-sentinel", { fault: "backlog", produce: 0, consume: 5 });
    expect((await make(9)).at("error.code")).toBe("consuming");
    platform.fault("market-sentinel", { fault: "backlog", produce: 0, consume: 0 });
    const made = await make(1234);
    expect(made.json).toMatchObject({ lag: 1234, partitions: [{}, {}, {}] });
    // A regime is made every second, and none of them is a message more.
    const [end, read] = [await topic.end(), await topic.committed()];
    const regime = async (): Promise<unknown> => (await sentinel.call("/api/regime/current")).at("published");
    const before = await regime();
    await eventually(regime, (now) => now !== before);
    expect([await topic.end(), await topic.committed(), end - read]).toEqual([end, read, 1234]);
    expect((await make(1234)).at("lag")).toBe(1234);
    expect((await make(1235)).at("lag")).toBe(1235);
    const fewer = await make(1000);
    expect([fewer.at("error.code"), fewer.at("error.message")]).toEqual([
      "further_behind",
      "the group is 1235 behind already",
    ]);
    expect((await sentinel.call("/admin/settled")).at("settled")).toBe(true);
    platform.clear();
    expect((await sentinel.call("/admin/settled")).at("settled")).toBe(true);
    expect(await topic.committed()).toBeGreaterThanOrEqual(end + 1);
  });

  it.each([[{ lag: 0 }], [{ lag: 1.5 }], [{ lag: 50_001 }], [{}], [{ lag: 10, group: "other" }]])(
    "backlog: refuses %j",
    async (json) => {
      platform.fault("market-sentinel", { fault: "backlog", produce: 0 });
      expect((await sentinel.call("/admin/backlog", { json })).status).toBe(400);
    },
  );

  it("age: under the fault stale the newest message of the topic is so old, and the regime with it", async () => {
    platform.fault("market-sentinel", { fault: "stale" });
    await sentinel.call("/admin/settled");
    const published = async (): Promise<number> =>
      Date.now() - Date.parse(String((await sentinel.call("/api/regime/current")).at("published")));
    const before = await published();
    expect((await sentinel.call("/admin/age", { json: { seconds: 300 } })).json).toEqual({ aged: 300 });
    expect((await published()) - before).toBeGreaterThanOrEqual(300_000);
    const admin = platform.kafka.admin();
    await admin.connect();
    const since = async (ms: number): Promise<number> => {
      const offsets = await admin.fetchTopicOffsetsByTimestamp("market-regime", Date.now() - ms);
      const ends = await admin.fetchTopicOffsets("market-regime");
      return ends.reduce((sum, { partition, high }) => {
        const from = offsets.find((one) => one.partition === partition)?.offset ?? high;
        return sum + Number(high) - (from === "-1" ? Number(high) : Number(from));
      }, 0);
    };
    expect([await since(299_000), await since(3_600_000)]).toEqual([0, 3]);
    await admin.disconnect();
    platform.clear();
    await sentinel.call("/admin/settled");
  });

  it("backlog: lag grows, more members take more, and it goes when the fault does", async () => {
    const freely = async (): Promise<boolean> =>
      /^regime_consumed_total [1-9]/m.test((await sentinel.call("/metrics")).text);
    await eventually(freely, Boolean);
    platform.fault("market-sentinel", { fault: "backlog", produce: 1000 });
    const lag = async (): Promise<number> => (await topic.end()) - (await topic.committed());
    await eventually(lag, (messages) => messages > 300);
    const read = await topic.committed();
    await eventually(lag, (messages) => messages > 1500);
    // None is allowed unless the fault says how many.
    expect(await topic.committed()).toBe(read);
    platform.fault("market-sentinel", { fault: "backlog", produce: 0, consume: 100 });
    await eventually(lag, (messages) => messages < 1400);
    expect(await lag()).toBeGreaterThan(500);
    const more = await Promise.all(
      [2, 3].map(async (n) => await platform.start("market-sentinel", { instance: `market-sentinel-${n}` })),
    );
    await eventually(topic.members, (count) => count === 3);
    const consumed = async (): Promise<boolean[]> =>
      await Promise.all(
        more.map(async (each) => /^regime_consumed_total [1-9]/m.test((await each.call("/metrics")).text)),
      );
    await eventually(consumed, (each) => each.every(Boolean));
    platform.clear();
    await eventually(lag, (messages) => messages < 10);
    await Promise.all(more.map(async (each) => await each.kill("SIGTERM")));
  });
});
