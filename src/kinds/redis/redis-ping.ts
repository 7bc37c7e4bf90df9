import { fail, ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import { redisCli } from "./redis-cli.ts";
import { object } from "../../language/shape.ts";

interface Outputs {
  readonly latency: number;
}

export const redisPing: Kind = defineKind<object, Outputs>({
  name: "redis.ping",
  summary: "Redis answers PONG and is not loading",
  doc: "A server that asks for a password, or is still loading its data, is not ok: `redis-cli ping` exits 0 on both. The latency includes the connection.",
  effect: "read",
  args: object({}),
  outputs: { latency: { type: "duration", doc: "Time from the connection's start to PONG" } },
  expects: { that: "Redis answers, and is not loading" },
  store: "redis",
  unreachable: "failed",
  undo: { how: "nothing" },
  plan: (_args, { redis }) => `redis.ping: ping Redis at ${redis}`,
  byHand: (_args, where) => redisCli(where, ["PING"]),
  execute: async (_args, { ports, signal }) => {
    const started = ports.clock.monotonic();
    const reply = await ports.redis.command(["PING"], signal);
    if (!reply.ok) return reply;
    const latency = ports.clock.monotonic() - started;
    if (reply.value === "PONG") return ok({ latency });
    const target = `Redis at ${ports.redis.target}`;
    const sample = String(reply.value).slice(0, 100);
    return fail({ type: "unreadable", target, message: "the reply to PING is not PONG", sample });
  },
});
