import { expect, test } from "vitest";
import { fail, ok } from "../../../src/base/result.ts";
import type { Redis } from "../../../src/ports/ports.ts";
import { parseInfo } from "../../../src/kinds/redis/redis-info.ts";
import { keep } from "../../../src/kinds/redis/redis-keep.ts";
import { redisPing } from "../../../src/kinds/redis/redis-ping.ts";
import { redisRead } from "../../../src/kinds/redis/redis-read.ts";
import { refusalOfCommand } from "../../../src/kinds/redis/redis-reads.ts";
import { redisRestore } from "../../../src/kinds/redis/redis-restore.ts";
import { redisSet } from "../../../src/kinds/redis/redis-set.ts";
import { context, where } from "../context.ts";

const clock = { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} };

/** Replies by the first word of a command; a command it has no reply for is one this server does not know. */
function replying(replies: Readonly<Record<string, unknown>>): {
  readonly redis: Redis;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const redis: Redis = {
    target: where.redis,
    command: async (command) => {
      const verb = String(command[0]);
      asked.push(command.map(String).join(" "));
      if (Object.hasOwn(replies, verb)) return await Promise.resolve(ok(replies[verb]));
      const message = `unknown command '${verb}'`;
      return await Promise.resolve(fail({ type: "rejected", target: "Redis", code: "ERR", message }));
    },
  };
  return { redis, asked };
}

test.each([
  [["GET", "a"]],
  [["hgetall", "a"]],
  [["Config", "Get", "maxmemory", "maxclients"]],
  [["MEMORY", "usage", "a"]],
  [["SCAN", "0", "MATCH", "a*"]],
])("%j may be read", (command) => {
  expect(refusalOfCommand(command)).toBeUndefined();
});

test.each<[readonly string[], RegExp]>([
  [[], /^there is no command/],
  [["GET a"], /^GET a is one word of the list/],
  [["KEYS", "*"], /^KEYS stops the server/],
  [["monitor"], /^MONITOR is not among/],
  [["SET", "a", "b"], /^SET is not among/],
  [["SORT", "a", "STORE", "b"], /^SORT is not among/],
  [["EVAL", "return 1", "0"], /^EVAL is not among/],
  [["GETDEL", "a"], /^GETDEL is not among/],
  [["XREAD", "BLOCK", "0", "STREAMS", "a", "0"], /^XREAD is not among/],
  [["CONFIG", "SET", "maxmemory", "1"], /^CONFIG SET is none of CONFIG GET/],
  [["CONFIG"], /^CONFIG {2}is none of/],
  [["CLIENT", "KILL", "a"], /^CLIENT KILL is none of/],
  [["CONFIG", "GET", "*"], /could show a password/],
  [["CONFIG", "GET", "maxmemory", "requirepass"], /requirepass could show a password/],
])("%j may not", (command, says) => {
  expect(refusalOfCommand(command)).toMatch(says);
});

test("a command that only shows what it is when the step runs is refused then, and nothing is sent", async () => {
  expect(redisRead.check?.({ command: ["‹params.verb›", "a"] }, where)).toBeUndefined();
  expect(redisRead.check?.({ command: ["SET", "‹params.key›"] }, where)).toBeUndefined();
  expect(redisRead.check?.({ command: ["SET", "a", "‹params.value›"] }, where)).toMatch(/^SET is not among/);
  const { redis, asked } = replying({});
  const done = await redisRead.execute({ command: ["FLUSHALL"] }, context({ redis, clock }));
  expect(done).toMatchObject({ ok: false, failure: { type: "argument", effect: "none" } });
  expect(asked).toEqual([]);
});

test("a key's end on a server older than 7.0, counted from the server's own clock", async () => {
  const dump = new Uint8Array([1, 255]);
  const { redis } = replying({
    TYPE: "string",
    MEMORY: 72,
    PTTL: 5000,
    TIME: ["1700000000", "250000"],
    DUMP: dump,
  });
  expect(await keep("k", context({ redis }))).toEqual(
    ok({ key: "k", type: "string", bytes: 72, dump: "Af8=", expires_at: 1_700_000_005_250 }),
  );
});

test.each([
  ["at the look for its end", { TYPE: "string", MEMORY: 72, PEXPIRETIME: -2 }],
  ["before its size was asked for", { TYPE: "string", MEMORY: null, PEXPIRETIME: -1 }],
  ["before it was recorded", { TYPE: "string", MEMORY: 72, PEXPIRETIME: -1, DUMP: null }],
])("a key that expires %s was not there", async (_when, replies) => {
  const { redis } = replying(replies);
  expect(await keep("k", context({ redis }))).toMatchObject({
    ok: true,
    value: { type: "none", dump: null },
  });
});

test("something else than PONG is not a PONG", async () => {
  const { redis } = replying({ PING: "HELLO" });
  expect(await redisPing.execute({}, context({ redis, clock }))).toMatchObject({
    ok: false,
    failure: { type: "unreadable", sample: "HELLO" },
  });
});

test("INFO's lines", () => {
  const text =
    "# Server\r\nredis_version:7.0.15\r\nhz:10\r\nload:0.25\r\nexecutable:/usr/bin/a:b\r\n\r\n# Keyspace\r\ndb0:keys=2,expires=0\r\n";
  expect(parseInfo(text)).toEqual({
    server: { redis_version: "7.0.15", hz: 10n, load: 0.25, executable: "/usr/bin/a:b" },
    keyspace: { db0: { keys: 2n, expires: 0n } },
  });
});

test("two answers to one question", () => {
  expect(redisSet.check?.({ key: "a", value: "b", ttl: 1000, keep_ttl: true }, where)).toMatch(/give one$/);
  expect(redisSet.check?.({ key: "a", value: "b", ttl: 1000, keep_ttl: false }, where)).toBeUndefined();
});

test("what plans say", () => {
  expect(redisSet.plan({ key: "a", value: "b", ttl: 90_000 }, where)).toBe(
    "redis.set: set key a to b for 1m30s on Redis at redis.local:6379/0",
  );
  expect(redisRead.plan({ command: ["HGET", "a", "b"] }, where)).toBe(
    "redis.read: HGET a b on Redis at redis.local:6379/0",
  );
  expect(redisRestore.plan({ key: "a", dump: "AA==" }, where)).toBe(
    "redis.restore: bring back key a on Redis at redis.local:6379/0",
  );
});
