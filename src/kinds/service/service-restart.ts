import type { Json } from "../../base/json.ts";
import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { allRun, details, lastStart, instanceSentence, starts } from "./instances.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object, required, text } from "../../language/shape.ts";
import { counted, shown } from "../format.ts";

interface Outputs {
  readonly instances: number;
  readonly started_at?: Date;
  readonly containers: readonly unknown[];
}

export const serviceRestart: Kind = defineKind<{ service: string }, Outputs>({
  name: "service.restart",
  summary: "Restart every instance of a service",
  doc: [
    "Stops and starts the containers there are, with their volumes, in place. It is done when every one of them has a new start time and runs; the runner's report alone is not enough.",
    "A service whose container was removed has nothing to restart: that is a failure, and `service.recreate` is what brings it back.",
  ].join("\n\n"),
  effect: "change",
  reaches: "nothing",
  args: object(
    { service: required(text({ refers: "service" }), "The service, as the platform file names it") },
    { primary: "service" },
  ),
  outputs: {
    instances: { type: "int", doc: "Instances restarted" },
    started_at: { type: "timestamp", doc: "The latest new start", optional: true },
    containers: { type: "list<dyn>", doc: "As in service.inspect" },
  },
  did: ({ instances }) => `${counted(instances, "instance")} restarted`,
  unreachable: "unknown",
  retrySafe: "a second restart ends with the same containers, freshly started",
  undo: { how: "irreversible", why: "a process loses what it holds in memory" },
  plan: ({ service }, { services }) =>
    `service.restart: restart all instances of ${services.describe(shown(service))}`,
  byHand: ({ service }, { services }) =>
    shellLine(services.byHand({ do: "restart", service: shown(service) })),
  evidence: ({ service }) => [{ type: "service", service }],
  capture: async ({ service }, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return found;
    const restarts = Object.fromEntries(found.value.map((one) => [one.id, one.restarts]));
    return ok({ starts: starts(found.value), restarts });
  },
  preview: async ({ service }, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return found;
    const where = ports.services.describe(service);
    // Nobody is asked for what cannot be done.
    if (found.value.length === 0) {
      const message = `${where} has no container to restart; service.recreate makes one`;
      return fail({ type: "missing", target: where, message, effect: "none" });
    }
    const lines = [
      `restarts ${counted(found.value.length, "instance")} of ${where}`,
      ...found.value.map(instanceSentence),
    ];
    const binding = found.value.map(({ id, volumes }) => ({ id, volumes }));
    return ok({ lines, binding, counters: {}, confirm: service });
  },
  happened: async ({ service }, before, _since, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return "unknown";
    const now = starts(found.value);
    const then = recorded(before, "starts");
    const ids = Object.keys(then);
    // A container that is gone was not merely restarted.
    if (ids.length === 0 || ids.some((id) => now[id] === undefined)) return "unknown";
    // A new start that the runner counts is its own: nobody can say whether ours came before it.
    const counts = recorded(before, "restarts");
    const byItself = found.value.some(({ id, restarts }) => restarts > Number(counts[id] ?? 0));
    const anew = ids.filter((id) => now[id] !== then[id]).length;
    if (anew === 0) return "no";
    return anew === ids.length && !byItself ? "yes" : "unknown";
  },
  execute: async ({ service }, { ports, signal }) => {
    const restarted = await ports.services.restart(service, signal);
    if (!restarted.ok) return restarted;
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return fail({ ...found.failure, effect: "unknown" });
    if (!allRun(found.value)) {
      // The restart is over and its outcome known: nothing is in doubt that would stop a ladder.
      const [down] = found.value.filter(({ state }) => state !== "running");
      const message = `restarted, but ${down === undefined ? "no container is there" : `${instanceSentence(down)} again`}`;
      const target = ports.services.describe(service);
      return fail({ type: "rejected", target, code: "NOT_RUNNING", message, effect: "none" });
    }
    const startedAt = lastStart(found.value);
    return ok({
      instances: found.value.length,
      ...(startedAt === undefined ? {} : { started_at: startedAt }),
      containers: details(found.value),
    });
  },
});

function recorded(before: Json, what: "starts" | "restarts"): Readonly<Record<string, unknown>> {
  if (typeof before !== "object" || before === null || Array.isArray(before)) return {};
  const found = (before as Readonly<Record<string, unknown>>)[what];
  return typeof found === "object" && found !== null && !Array.isArray(found)
    ? (found as Readonly<Record<string, unknown>>)
    : {};
}
