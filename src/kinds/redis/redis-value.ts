import { fail, ok, type Result } from "../../base/result.ts";
import type { KindContext } from "../kind.ts";

export interface KeyValue {
  /** `none` when there is no such key. */
  readonly type: string;
  /** Milliseconds until it expires. */
  readonly ttl: number | undefined;
  /** Bytes of a string, items of everything else. */
  readonly length: number | undefined;
  readonly value: unknown;
  readonly truncated: boolean;
}

interface Limits {
  readonly items: number;
  /** Bytes of a string. */
  readonly bytes: number;
}

/** How each type is read: its length, and at most `n` of what it holds. A hash and a set are read whole or not at all. */
const readers: Readonly<
  Record<
    string,
    {
      readonly length: string;
      readonly whole?: true;
      readonly read: (key: string, n: number) => readonly string[];
    }
  >
> = {
  string: { length: "STRLEN", read: (key, n) => ["GETRANGE", key, "0", String(n - 1)] },
  list: { length: "LLEN", read: (key, n) => ["LRANGE", key, "0", String(n - 1)] },
  set: { length: "SCARD", whole: true, read: (key) => ["SMEMBERS", key] },
  hash: { length: "HLEN", whole: true, read: (key) => ["HGETALL", key] },
  zset: { length: "ZCARD", read: (key, n) => ["ZRANGE", key, "0", String(n - 1), "WITHSCORES"] },
  stream: { length: "XLEN", read: (key, n) => ["XREVRANGE", key, "+", "-", "COUNT", String(n)] },
};

const none: KeyValue = {
  type: "none",
  ttl: undefined,
  length: undefined,
  value: undefined,
  truncated: false,
};

/** Reads a key of whatever type, one command after the other: a key that changes meanwhile may show both states. */
export async function readKey(key: string, limits: Limits, context: KindContext): Promise<Result<KeyValue>> {
  const { redis } = context.ports;
  const ask = async (...command: string[]): Promise<Result<unknown>> =>
    await redis.command(command, context.signal);
  const type = await ask("TYPE", key);
  if (!type.ok) return type;
  if (typeof type.value !== "string") {
    return fail({
      type: "unreadable",
      target: `Redis at ${redis.target}`,
      message: "the reply to TYPE is not text",
    });
  }
  if (type.value === "none") return ok(none);
  const left = await ask("PTTL", key);
  if (!left.ok) return left;
  // It expired in between.
  if (left.value === -2) return ok(none);
  const ttl = typeof left.value === "number" && left.value >= 0 ? left.value : undefined;
  const reader = readers[type.value];
  if (reader === undefined) {
    return ok({ type: type.value, ttl, length: undefined, value: undefined, truncated: true });
  }
  const counted = await ask(reader.length, key);
  if (!counted.ok) return counted;
  const length = Number(counted.value);
  const limit = type.value === "string" ? limits.bytes : limits.items;
  const truncated = length > limit;
  if (truncated && reader.whole === true) {
    return ok({ type: type.value, ttl, length, value: undefined, truncated });
  }
  const reply = await ask(...reader.read(key, limit));
  if (!reply.ok) return reply;
  return ok({ type: type.value, ttl, length, value: shaped(type.value, reply.value), truncated });
}

/** A hash as a map, a sorted set as members with their scores, a stream as entries, the newest first. */
function shaped(type: string, reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  const items = reply as readonly unknown[];
  switch (type) {
    case "hash":
      return Object.fromEntries(pairs(items).map(([field, value]) => [named(field), value]));
    case "zset":
      return pairs(items).map(([member, score]) => ({ member, score: scoreOf(score) }));
    case "stream":
      return items.map((entry) => {
        const [id, fields] = Array.isArray(entry) ? (entry as readonly unknown[]) : [entry];
        const each = pairs(Array.isArray(fields) ? fields : []);
        return { id, fields: Object.fromEntries(each.map(([field, value]) => [named(field), value])) };
      });
    default:
      return items;
  }
}

function pairs(items: readonly unknown[]): (readonly [unknown, unknown])[] {
  return items.flatMap((item, index) => (index % 2 === 0 ? [[item, items[index + 1]] as const] : []));
}

/** A name in a map is text; one of bytes that are no text is written in base64. */
function named(field: unknown): string {
  return field instanceof Uint8Array ? Buffer.from(field).toString("base64") : String(field);
}

function scoreOf(score: unknown): number {
  const text = String(score);
  return /^[+-]?inf$/.test(text) ? Number(text.replace("inf", "Infinity")) : Number(text);
}
