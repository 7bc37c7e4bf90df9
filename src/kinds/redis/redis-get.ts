import { ok } from "../../base/result.ts";
import { jsonOf } from "../../language/json-text.ts";
import { defineKind, type Kind } from "../kind.ts";
import { redisCli } from "./redis-cli.ts";
import { readKey } from "./redis-value.ts";
import { defaulted, integer, object, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Args {
  readonly key: string;
  readonly max_items: number;
}

interface Outputs {
  readonly exists: boolean;
  readonly key_type: string;
  readonly value?: unknown;
  readonly json?: unknown;
  readonly length?: number;
  readonly ttl?: number;
  readonly truncated: boolean;
}

/** Bytes of a string that are read. */
const maxBytes = 1024 * 1024;

export const redisGet: Kind = defineKind<Args, Outputs>({
  name: "redis.get",
  summary: "Read a key of any type",
  doc: "A string is text, or bytes where it is not UTF-8, of at most 1 MiB; a list and a set are lists, a hash is a map, a sorted set a list of member and score, a stream a list of id and fields, the newest first. A hash or a set with more than `max_items` is not read at all: its `length` is there and its value is missing. A key that is not there is an answer: `exists` is false.",
  effect: "read",
  args: object(
    {
      key: required(text(), "The key"),
      max_items: defaulted(
        integer({ min: 1, max: 100_000 }),
        1000,
        "Items read of a key that is not a string",
      ),
    },
    { primary: "key" },
  ),
  outputs: {
    exists: { type: "bool", doc: "The key is there" },
    key_type: { type: "string", doc: "string, list, set, hash, zset, stream, or none" },
    value: { type: "dyn", doc: "What it holds", optional: true },
    json: { type: "dyn", doc: "A string that is a JSON object or list, parsed", optional: true },
    length: { type: "int", doc: "Bytes of a string, items of everything else", optional: true },
    ttl: { type: "duration", doc: "Until it expires; missing when it does not", optional: true },
    truncated: { type: "bool", doc: "It holds more than was read" },
  },
  store: "redis",
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: ({ key }, { redis }) => `redis.get: read key ${shown(key)} from Redis at ${redis}`,
  byHand: ({ key }, where) =>
    [redisCli(where, ["TYPE", shown(key)]), redisCli(where, ["GET", shown(key)])].join(" && "),
  execute: async ({ key, max_items }, context) => {
    const read = await readKey(key, { items: max_items, bytes: maxBytes }, context);
    if (!read.ok) return read;
    const { type, ttl, length, value, truncated } = read.value;
    const json = typeof value === "string" && !truncated ? await jsonOf(value, false) : undefined;
    return ok({
      exists: type !== "none",
      key_type: type,
      ...(value === undefined ? {} : { value }),
      ...(json === undefined ? {} : { json: json.value }),
      ...(length === undefined ? {} : { length }),
      ...(ttl === undefined ? {} : { ttl }),
      truncated,
    });
  },
});
