import { ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import { redisCli } from "./redis-cli.ts";
import { bringBack, keep, keptIn, keptSentence } from "./redis-keep.ts";
import { integer, object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Args {
  readonly key: string;
  readonly dump: string;
  readonly expires_at?: number;
}

const base64 = { test: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, says: "base64" };

export const redisRestore: Kind = defineKind<Args, { readonly restored: boolean }>({
  name: "redis.restore",
  summary: "Bring a key back from what was recorded of it",
  doc: "What undo runbooks of redis.set and redis.del are made of. The server takes back its own form of a key (DUMP), of whatever type; a server of an older version may refuse it. A key that would have expired by now is not brought back.",
  effect: "change",
  args: object({
    key: required(text(), "The key"),
    dump: required(text({ pattern: base64 }), "What DUMP gave, in base64"),
    expires_at: optional(
      integer({ min: 1 }),
      "When it expires, in milliseconds since 1970; without it never",
    ),
  }),
  outputs: { restored: { type: "bool", doc: "The key is there; false when its time was over" } },
  store: "redis",
  did: ({ restored }) => (restored ? "the key is back" : "its time was over: the key is not back"),
  unreachable: "unknown",
  retrySafe: "a second RESTORE leaves the same value",
  undo: { how: "steps", steps: (_args, before) => bringBack(keptIn(before)) },
  plan: ({ key }, { redis }) => `redis.restore: bring back key ${shown(key)} on Redis at ${redis}`,
  byHand: ({ key, dump, expires_at }, where) => {
    // -x reads the last argument from standard input, so the options that RESTORE wants after it cannot be given.
    const del = redisCli(where, ["DEL", shown(key)]);
    const restore = redisCli(where, ["-x", "RESTORE", shown(key), "0"]);
    const expire =
      expires_at === undefined ? "" : ` && ${redisCli(where, ["PEXPIREAT", shown(key), shown(expires_at)])}`;
    return `${del} && echo ${shown(dump)} | base64 -d | ${restore}${expire}`;
  },
  evidence: () => [{ type: "redis" }],
  capture: async ({ key }, context) => await keep(key, context),
  preview: async ({ key }, context) => {
    const kept = await keep(key, context);
    if (!kept.ok) return kept;
    const lines = [keptSentence(kept.value, context.ports.clock.now()), "becomes what was recorded of it"];
    return ok({ lines, binding: { key, type: kept.value.type }, counters: {}, confirm: key });
  },
  execute: async ({ key, dump, expires_at }, { ports, signal }) => {
    const bytes = new Uint8Array(Buffer.from(dump, "base64"));
    const command = ["RESTORE", key, String(expires_at ?? 0), bytes, "REPLACE", "ABSTTL"];
    const done = await ports.redis.command(command, signal);
    if (!done.ok) return done;
    const there = await ports.redis.command(["EXISTS", key], signal);
    return ok({ restored: !there.ok || there.value === 1 });
  },
});
