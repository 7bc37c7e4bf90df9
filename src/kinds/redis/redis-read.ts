import { fail, ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import { redisCli } from "./redis-cli.ts";
import { readCommands, refusalOfCommand } from "./redis-reads.ts";
import { list, object, required, text } from "../../language/shape.ts";
import { shownList } from "../format.ts";

interface Outputs {
  readonly reply?: unknown;
  readonly count?: number;
  readonly elapsed: number;
}

export const redisRead: Kind = defineKind<{ command: readonly string[] }, Outputs>({
  name: "redis.read",
  summary: "Run a Redis command that only reads",
  doc: `Only these are sent: ${readCommands.join(", ")}. KEYS and MONITOR are not among them: they hold up the server. CONFIG GET takes names without a wildcard, and none that could hold a password.`,
  effect: "read",
  args: object(
    { command: required(list(text(), { min: 1 }), "The command's words: [HGET, regime, current]") },
    { primary: "command" },
  ),
  outputs: {
    reply: { type: "dyn", doc: "What it replied; missing when that is nil", optional: true },
    count: { type: "int", doc: "Items of a reply that is a list", optional: true },
    elapsed: { type: "duration", doc: "From the connection's start to the reply" },
  },
  store: "redis",
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: ({ command }) => {
    const words = shownList(command);
    // A word that is not known yet is looked at when it is.
    return words.slice(0, 2).some((word) => word.includes("‹")) ? undefined : refusalOfCommand(words);
  },
  plan: ({ command }, { redis }) => `redis.read: ${shownList(command).join(" ")} on Redis at ${redis}`,
  byHand: ({ command }, where) => redisCli(where, shownList(command)),
  execute: async ({ command }, { ports, signal }) => {
    const message = refusalOfCommand(command);
    if (message !== undefined) return fail({ type: "argument", target: "command", message, effect: "none" });
    const started = ports.clock.monotonic();
    const reply = await ports.redis.command(command, signal);
    if (!reply.ok) return reply;
    const { value } = reply;
    return ok({
      ...(value === null || value === undefined ? {} : { reply: value }),
      ...(Array.isArray(value) ? { count: value.length } : {}),
      elapsed: ports.clock.monotonic() - started,
    });
  },
});
