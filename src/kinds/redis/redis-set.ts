import { fail, ok } from "../../base/result.ts";
import { formatDuration } from "../../base/duration.ts";
import { defineKind, type Kind } from "../kind.ts";
import { redisCli } from "./redis-cli.ts";
import { bringBack, keep, keptIn, keptSentence } from "./redis-keep.ts";
import { boolean, defaulted, duration, object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Args {
  readonly key: string;
  readonly value: string;
  readonly ttl?: number;
  readonly keep_ttl: boolean;
}

interface Outputs {
  readonly replaced: boolean;
}

export const redisSet: Kind = defineKind<Args, Outputs>({
  name: "redis.set",
  summary: "Set a key to a text",
  doc: "Whatever the key held before, of whatever type, is replaced; it is recorded first, with the moment it expires, and the undo runbook brings it back. What takes more than 16 MiB is not recorded, and the question says so.",
  effect: "change",
  args: object({
    key: required(text(), "The key"),
    value: required(text(), "Its new value"),
    ttl: optional(duration({ min: 1 }), "It expires after this; without it never"),
    keep_ttl: defaulted(boolean(), false, "It expires when it would have"),
  }),
  outputs: { replaced: { type: "bool", doc: "The key was there before" } },
  store: "redis",
  did: ({ replaced }) => (replaced ? "replaced the value that was there" : "the key was not there before"),
  unreachable: "unknown",
  retrySafe: "a second SET leaves the same value",
  undo: { how: "steps", steps: (_args, before) => bringBack(keptIn(before)) },
  check: ({ ttl, keep_ttl }) =>
    ttl !== undefined && keep_ttl === true ? "ttl and keep_ttl exclude each other; give one" : undefined,
  plan: ({ key, value, ttl }, { redis }) =>
    `redis.set: set key ${shown(key)} to ${shown(value)}${expiry(ttl)} on Redis at ${redis}`,
  byHand: ({ key, value, ttl, keep_ttl }, where) =>
    redisCli(where, command(shown(key), shown(value), ttl, keep_ttl === true)),
  evidence: () => [{ type: "redis" }],
  capture: async ({ key }, context) => await keep(key, context),
  preview: async ({ key, value }, context) => {
    const kept = await keep(key, context);
    if (!kept.ok) return kept;
    const lines = [
      keptSentence(kept.value, context.ports.clock.now()),
      `becomes a text of ${Buffer.byteLength(value)} bytes`,
    ];
    return ok({ lines, binding: { key, type: kept.value.type }, counters: {}, confirm: key });
  },
  happened: async ({ key, value }, before, _since, context) => {
    const now = await keep(key, context);
    if (!now.ok) return "unknown";
    const [was] = keptIn(before);
    const unchanged = was !== undefined && was.dump === now.value.dump && was.type === now.value.type;
    if (now.value.type === "string") {
      const read = await context.ports.redis.command(["GET", key], context.signal);
      if (read.ok && read.value === value) return "yes";
    }
    return unchanged && was.dump !== null ? "no" : was?.type === "none" && unchanged ? "no" : "unknown";
  },
  execute: async ({ key, value, ttl, keep_ttl }, { ports, signal }) => {
    const there = await ports.redis.command(["EXISTS", key], signal);
    if (!there.ok) return fail({ ...there.failure, effect: "none" });
    const set = await ports.redis.command(command(key, value, ttl, keep_ttl), signal);
    return set.ok ? ok({ replaced: there.value === 1 }) : set;
  },
});

function command(key: string, value: string, ttl: unknown, keepTtl: boolean): readonly string[] {
  return [
    "SET",
    key,
    value,
    ...(ttl === undefined ? [] : ["PX", shown(ttl)]),
    ...(keepTtl ? ["KEEPTTL"] : []),
  ];
}

function expiry(ttl: unknown): string {
  if (ttl === undefined) return "";
  return ` for ${typeof ttl === "number" ? formatDuration(ttl) : shown(ttl)}`;
}
