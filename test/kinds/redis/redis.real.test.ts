import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Json } from "../../../src/base/json.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import { createRedis } from "../../../src/drivers/redis/redis.ts";
import type { Kind, KindContext } from "../../../src/kinds/kind.ts";
import { redisDel } from "../../../src/kinds/redis/redis-del.ts";
import { redisGet } from "../../../src/kinds/redis/redis-get.ts";
import { redisInfo } from "../../../src/kinds/redis/redis-info.ts";
import { redisPing } from "../../../src/kinds/redis/redis-ping.ts";
import { redisRead } from "../../../src/kinds/redis/redis-read.ts";
import { readCommands } from "../../../src/kinds/redis/redis-reads.ts";
import { redisRestore } from "../../../src/kinds/redis/redis-restore.ts";
import { redisSet } from "../../../src/kinds/redis/redis-set.ts";
import { kindsByName } from "../../../src/app/wiring/kinds.ts";
import { startRedis, type RedisServer } from "../../../sandbox/redis.ts";
import { args, context, where } from "../context.ts";
import { soon } from "../../patience.ts";

let server: RedisServer;
let here: KindContext;

beforeAll(async () => {
  server = await startRedis();
  here = context({ redis: createRedis({ url: `${server.url}/1` }), clock: createClock() });
});

afterAll(async () => await server.stop());

beforeEach(async () => void (await raw("FLUSHALL")));

async function raw(...command: (string | Uint8Array)[]): Promise<unknown> {
  const reply = await here.ports.redis.command(command, soon());
  if (!reply.ok) throw new Error(JSON.stringify(reply.failure));
  return reply.value;
}

type Given = Readonly<Record<string, unknown>>;

async function outputs(kind: Kind, given: Given): Promise<Given> {
  const done = await kind.execute(args(kind, given), here);
  if (!done.ok) throw new Error(JSON.stringify(done.failure));
  return done.value;
}

/** Captures, runs, and returns what would undo it; the state goes through the journal's JSON on its way. */
async function changed(kind: Kind, given: Given): Promise<readonly Given[] | undefined> {
  const before = await captured(kind, given);
  await outputs(kind, given);
  return kind.undo.how === "steps" ? kind.undo.steps(args(kind, given), before) : undefined;
}

async function captured(kind: Kind, given: Given): Promise<Json> {
  const before = await kind.capture?.(args(kind, given), here);
  if (before?.ok !== true) throw new Error("nothing was captured");
  return JSON.parse(JSON.stringify(before.value)) as Json;
}

async function undo(steps: readonly Given[] | undefined): Promise<void> {
  for (const step of steps ?? []) {
    for (const [verb, given] of Object.entries(step)) {
      const kind = kindsByName.get(verb);
      if (kind === undefined) throw new Error(`no kind ${verb}`);
      await outputs(kind, given as Given);
    }
  }
}

/** What the by-hand command prints, typed as it stands into a shell. */
async function typed(kind: Kind, given: Given): Promise<string> {
  const line = kind.byHand(args(kind, given), { ...where, redis: `127.0.0.1:${server.port}/1` });
  const { stdout } = await promisify(execFile)("bash", ["-c", line]);
  return stdout.trim();
}

describe("redis.get", () => {
  test("a text with its time to live, and JSON in it", async () => {
    await raw("SET", "regime", '{"regime": "CRISIS", "n": 9007199254740993}', "PX", "60000");
    expect(await outputs(redisGet, { key: "regime" })).toMatchObject({
      exists: true,
      key_type: "string",
      json: { regime: "CRISIS", n: 9007199254740993n },
      length: 43,
      truncated: false,
    });
    const { ttl } = await outputs(redisGet, { key: "regime" });
    expect(ttl).toBeGreaterThan(50_000);
    expect(await typed(redisGet, { key: "regime" })).toContain("CRISIS");
  });

  test("a key that is not there is an answer", async () => {
    expect(await outputs(redisGet, { key: "nothing" })).toEqual({
      exists: false,
      key_type: "none",
      truncated: false,
    });
  });

  test.each<[string, readonly string[], unknown, number]>([
    ["list", ["RPUSH", "k", "a", "b"], ["a", "b"], 2],
    ["set", ["SADD", "k", "a"], ["a"], 1],
    ["hash", ["HSET", "k", "f", "1", "__proto__", "2"], { f: "1", ["__proto__"]: "2" }, 2],
    [
      "zset",
      ["ZADD", "k", "1.5", "a", "inf", "b"],
      [
        { member: "a", score: 1.5 },
        { member: "b", score: Number.POSITIVE_INFINITY },
      ],
      2,
    ],
    ["stream", ["XADD", "k", "1-1", "f", "v"], [{ id: "1-1", fields: { f: "v" } }], 1],
  ])("a %s", async (type, command, value, length) => {
    await raw(...command);
    const read = await outputs(redisGet, { key: "k" });
    expect(read).toMatchObject({ exists: true, key_type: type, length, truncated: false });
    expect(Object.entries(read["value"] as object)).toEqual(Object.entries(value as object));
  });

  test("more than is read", async () => {
    await raw("RPUSH", "list", "a", "b", "c");
    expect(await outputs(redisGet, { key: "list", max_items: 2 })).toMatchObject({
      value: ["a", "b"],
      length: 3,
      truncated: true,
    });
    await raw("SADD", "set", "a", "b", "c");
    const set = await outputs(redisGet, { key: "set", max_items: 2 });
    expect(set).toMatchObject({ length: 3, truncated: true });
    expect(set).not.toHaveProperty("value");
  });

  test("bytes", async () => {
    await raw("SET", "bytes", new Uint8Array([255, 0]));
    expect(await outputs(redisGet, { key: "bytes" })).toMatchObject({
      value: new Uint8Array([255, 0]),
      length: 2,
    });
  });
});

describe("redis.read", () => {
  test("the server itself calls every command of the list one that does not write", async () => {
    const unknown: string[] = [];
    for (const command of readCommands) {
      const [info] = (await raw("COMMAND", "INFO", command.toLowerCase().replace(" ", "|"))) as unknown[];
      if (!Array.isArray(info)) unknown.push(command);
      else expect([command, (info[2] as readonly string[]).includes("write")]).toEqual([command, false]);
    }
    expect(unknown).toEqual([]);
  });

  test("reads, counts, and says nothing where there is nothing", async () => {
    await raw("HSET", "h", "a", "1", "b", "2");
    expect(await outputs(redisRead, { command: ["HMGET", "h", "a", "x"] })).toMatchObject({
      reply: ["1", null],
      count: 2,
    });
    expect(await outputs(redisRead, { command: ["hget", "h", "x"] })).not.toHaveProperty("reply");
    expect(await outputs(redisRead, { command: ["CONFIG", "GET", "maxmemory"] })).toMatchObject({
      reply: ["maxmemory", "0"],
    });
    expect(await typed(redisRead, { command: ["HGET", "h", "b"] })).toBe("2");
  });
});

describe("redis.set", () => {
  test("replaces what was there, and its undo brings it back with its end", async () => {
    await raw("RPUSH", "k", "a", new Uint8Array([255, 0, 254]));
    await raw("PEXPIREAT", "k", String(Date.now() + 3_600_000));
    const end = await raw("PEXPIRETIME", "k");
    const steps = await changed(redisSet, { key: "k", value: "new ü" });
    expect([await raw("GET", "k"), await raw("PTTL", "k")]).toEqual(["new ü", -1]);
    await undo(steps);
    expect(await raw("LRANGE", "k", "0", "-1")).toEqual(["a", new Uint8Array([255, 0, 254])]);
    expect(await raw("PEXPIRETIME", "k")).toBe(end);
  });

  test("where nothing was, its undo deletes", async () => {
    const steps = await changed(redisSet, { key: "k", value: "1", ttl: 60_000 });
    expect(steps).toEqual([{ "redis.del": { keys: ["k"] } }]);
    expect(await raw("PTTL", "k")).toBeGreaterThan(50_000);
    await undo(steps);
    expect(await raw("EXISTS", "k")).toBe(0);
  });

  test("keeps the time to live when asked", async () => {
    await raw("SET", "k", "1", "PX", "60000");
    expect(await outputs(redisSet, { key: "k", value: "2", keep_ttl: true })).toEqual({ replaced: true });
    expect(await raw("PTTL", "k")).toBeGreaterThan(50_000);
  });

  test("tells after a crash whether it took place", async () => {
    const given = args(redisSet, { key: "k", value: "new" });
    await raw("SET", "k", "old");
    const before = await captured(redisSet, given);
    const look = async (): Promise<unknown> => await redisSet.happened?.(given, before, new Date(), here);
    expect(await look()).toBe("no");
    await raw("SET", "k", "new");
    expect(await look()).toBe("yes");
    await raw("SET", "k", "third");
    expect(await look()).toBe("unknown");
  });

  test("says what is there now", async () => {
    await raw("SET", "k", "old");
    const preview = await redisSet.preview?.(args(redisSet, { key: "k", value: "new" }), here);
    expect(preview).toMatchObject({
      ok: true,
      value: {
        lines: [
          expect.stringMatching(/^k: a string of \d+ bytes, never expires$/),
          "becomes a text of 3 bytes",
        ],
        binding: { key: "k", type: "string" },
        confirm: "k",
      },
    });
  });

  test("by hand", async () => {
    expect(await typed(redisSet, { key: "a key", value: "it's $HOME", ttl: 60_000 })).toBe("OK");
    expect(await raw("GET", "a key")).toBe("it's $HOME");
  });
});

describe("redis.del", () => {
  test("consent to it binds to the values, not to the moment they expire", async () => {
    const bound = async (): Promise<unknown> => {
      const preview = await redisDel.preview?.(args(redisDel, { keys: ["a"] }), here);
      return preview?.ok === true ? preview.value.binding : preview;
    };
    await raw("SET", "a", "one", "EX", "1000");
    const one = await bound();
    await raw("EXPIRE", "a", "2000");
    expect(await bound()).toEqual(one);
    await raw("SET", "a", "two");
    expect(await bound()).not.toEqual(one);
  });

  test("deletes what is there, and its undo brings all of it back", async () => {
    await raw("SET", "a", "1");
    await raw("HSET", "b", "f", "v");
    const before = await captured(redisDel, { keys: ["a", "b", "c"] });
    expect(await outputs(redisDel, { keys: ["a", "b", "c"] })).toEqual({ deleted: 2 });
    const steps = redisDel.undo.how === "steps" ? redisDel.undo.steps({}, before) : undefined;
    expect(steps).toHaveLength(2);
    await undo(steps);
    expect([await raw("GET", "a"), await raw("HGET", "b", "f"), await raw("EXISTS", "c")]).toEqual([
      "1",
      "v",
      0,
    ]);
  });

  test("a key whose time was over in between is not brought back", async () => {
    await raw("SET", "a", "1", "PX", "60000");
    const steps = await changed(redisDel, { keys: ["a"] });
    const [step] = steps ?? [];
    const given = { ...(step?.["redis.restore"] as Given), expires_at: Date.now() - 1000 };
    expect(await outputs(redisRestore, given)).toEqual({ restored: false });
    expect(await raw("EXISTS", "a")).toBe(0);
  });

  test("says what is there now, and is confirmed by its name or their number", async () => {
    await raw("SET", "a", "1");
    const one = await redisDel.preview?.(args(redisDel, { keys: ["a"] }), here);
    expect(one).toMatchObject({ ok: true, value: { confirm: "a", binding: [{ key: "a", type: "string" }] } });
    const two = await redisDel.preview?.(args(redisDel, { keys: ["a", "b"] }), here);
    expect(two).toMatchObject({ ok: true, value: { confirm: "1" } });
    expect(two?.ok === true && [two.value.lines[0], two.value.lines[2]]).toEqual([
      "deletes 1 key",
      "b: not there",
    ]);
  });

  test("what is too large is not recorded, and that is said", async () => {
    await raw("SETRANGE", "large", String(17 * 1024 * 1024), "x");
    const preview = await redisDel.preview?.(args(redisDel, { keys: ["large"] }), here);
    expect(preview?.ok === true && preview.value.lines[1]).toMatch(
      /too large to be recorded, so it cannot be brought back$/,
    );
    expect(await changed(redisDel, { keys: ["large"] })).toBeUndefined();
  });

  test("tells after a crash whether it took place", async () => {
    const given = args(redisDel, { keys: ["a", "b"] });
    await raw("MSET", "a", "1", "b", "2");
    const before = await captured(redisDel, given);
    const look = async (): Promise<unknown> => await redisDel.happened?.(given, before, new Date(), here);
    expect(await look()).toBe("no");
    await raw("DEL", "a");
    expect(await look()).toBe("unknown");
    await raw("DEL", "b");
    expect(await look()).toBe("yes");
  });

  test("by hand", async () => {
    await raw("MSET", "a", "1", "b c", "2");
    expect(await typed(redisDel, { keys: ["a", "b c"] })).toBe("2");
  });
});

test("a restore by hand is the same", async () => {
  await raw("RPUSH", "k", "a", new Uint8Array([255, 10, 0]));
  await raw("PEXPIREAT", "k", String(Date.now() + 3_600_000));
  const [step] = (await changed(redisDel, { keys: ["k"] })) ?? [];
  await typed(redisRestore, step?.["redis.restore"] as Given);
  expect(await raw("LRANGE", "k", "0", "-1")).toEqual(["a", new Uint8Array([255, 10, 0])]);
  expect(await raw("PTTL", "k")).toBeGreaterThan(3_500_000);
});

test("a restore of something else is refused", async () => {
  const refused = await redisRestore.execute(args(redisRestore, { key: "k", dump: "bm90aGluZw==" }), here);
  expect(refused).toMatchObject({ ok: false, failure: { type: "rejected", code: "ERR" } });
});

test("redis.info is a map of figures", async () => {
  await raw("SET", "a", "1");
  const { info, sections } = await outputs(redisInfo, {});
  expect(info).toMatchObject({
    server: { tcp_port: BigInt(server.port), redis_version: expect.stringMatching(/^\d+\.\d+/) },
    replication: { role: "master" },
    keyspace: { db1: { keys: 1n, expires: 0n } },
  });
  expect(sections).toContain("memory");
  expect(await outputs(redisInfo, { section: "memory" })).toMatchObject({ sections: ["memory"] });
  expect(await redisInfo.execute({ section: "nonsense" }, here)).toMatchObject({
    ok: false,
    failure: { type: "missing" },
  });
});

test("redis.ping answers with the time it took; a server that is gone is unreachable", async () => {
  const { latency } = await outputs(redisPing, {});
  expect(latency).toBeGreaterThan(0);
  const other = await startRedis({ password: "right-word" });
  const ping = async (): Promise<unknown> =>
    await redisPing.execute(
      {},
      {
        ...here,
        ports: {
          ...here.ports,
          clock: createClock(),
          redis: createRedis({ url: `redis://127.0.0.1:${other.port}` }),
        },
      },
    );
  expect(await ping()).toMatchObject({ ok: false, failure: { type: "denied" } });
  await other.stop();
  expect(await ping()).toMatchObject({ ok: false, failure: { type: "unreachable" } });
});
