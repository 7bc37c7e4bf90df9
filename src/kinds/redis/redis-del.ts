import { ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../kind.ts";
import { redisCli } from "./redis-cli.ts";
import { boundTo, bringBack, keep, keptIn, keptSentence, type Kept } from "./redis-keep.ts";
import { list, object, required, text } from "../../language/shape.ts";
import { counted, shownList } from "../format.ts";

interface Outputs {
  readonly deleted: number;
}

export const redisDel: Kind = defineKind<{ keys: readonly string[] }, Outputs>({
  name: "redis.del",
  summary: "Delete keys",
  doc: "Keys by name, never by a pattern. Each is recorded first, with the moment it expires, and the undo runbook brings them back. What takes more than 16 MiB is not recorded, and the question says so. Keys that are not there are no failure.",
  effect: "destructive",
  args: object({ keys: required(list(text(), { min: 1 }), "Names of keys") }, { primary: "keys" }),
  outputs: { deleted: { type: "int", doc: "Keys that were there and are gone" } },
  store: "redis",
  did: ({ deleted }) => `deleted ${counted(deleted, "key")}`,
  unreachable: "unknown",
  retrySafe: "a key that is gone cannot be deleted twice",
  undo: {
    how: "steps",
    steps: (_args, before) => {
      const steps = bringBack(keptIn(before).filter(({ type }) => type !== "none"));
      return steps.length === 0 ? undefined : steps;
    },
  },
  plan: ({ keys }, { redis }) => `redis.del: delete ${shownList(keys).join(", ")} on Redis at ${redis}`,
  byHand: ({ keys }, where) => redisCli(where, ["UNLINK", ...shownList(keys)]),
  evidence: () => [{ type: "redis" }],
  capture: async ({ keys }, context) => await keepAll(keys, context),
  preview: async ({ keys }, context) => {
    const kept = await keepAll(keys, context);
    if (!kept.ok) return kept;
    const there = kept.value.filter(({ type }) => type !== "none");
    const now = context.ports.clock.now();
    const [only] = keys;
    return ok({
      lines: [`deletes ${counted(there.length, "key")}`, ...kept.value.map((one) => keptSentence(one, now))],
      binding: there.map(boundTo),
      counters: {},
      confirm: keys.length === 1 && only !== undefined ? only : String(there.length),
    });
  },
  happened: async ({ keys }, before, _since, context) => {
    const were = keptIn(before).filter(({ type }) => type !== "none");
    const left = await context.ports.redis.command(["EXISTS", ...keys], context.signal);
    if (!left.ok) return "unknown";
    if (left.value === 0) return were.length === 0 ? "unknown" : "yes";
    return left.value === were.length ? "no" : "unknown";
  },
  execute: async ({ keys }, { ports, signal }) => {
    const gone = await ports.redis.command(["UNLINK", ...keys], signal);
    return gone.ok ? ok({ deleted: Number(gone.value) }) : gone;
  },
});

async function keepAll(keys: readonly string[], context: KindContext): Promise<Result<readonly Kept[]>> {
  const all: Kept[] = [];
  for (const key of new Set(keys)) {
    const kept = await keep(key, context);
    if (!kept.ok) return kept;
    all.push(kept.value);
  }
  return ok(all);
}
