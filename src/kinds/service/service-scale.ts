import type { Json } from "../../base/json.ts";
import type { Failure } from "../../base/failure.ts";
import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { driftText } from "../../base/drift.ts";
import type { Instance } from "../../ports/ports.ts";
import { details, instanceSentence } from "./instances.ts";
import { settled } from "./settled.ts";
import { defineKind, type Kind } from "../kind.ts";
import { integer, object, required, text } from "../../language/shape.ts";
import { counted, shown } from "../format.ts";

interface Args {
  readonly service: string;
  readonly replicas: number;
}

interface Outputs {
  readonly instances: number;
  readonly before: number;
  readonly containers: readonly unknown[];
}

export const serviceScale: Kind = defineKind<Args, Outputs>({
  name: "service.scale",
  summary: "Run this many instances of a service",
  doc: "Starts or removes instances of this one service until this many run, without touching the ones that stay or the services it depends on. The lowest numbers stay. Refused when the service has a fixed host port or name, which two instances cannot share, or fewer host ports than instances. It is done when every instance runs, and is healthy where the definition has a health check. New instances are made from their definition as it is now: the preview shows how they would differ from the running ones, and a variable that is not set is refused, as with service.recreate.",
  effect: "change",
  reaches: "nothing",
  args: object({
    service: required(text({ refers: "instances" }), "The service, as the platform file names it"),
    replicas: required(integer({ min: 0, max: 100 }), "Instances that shall run"),
  }),
  outputs: {
    instances: { type: "int", doc: "Instances that run now" },
    before: { type: "int", doc: "Instances that ran before" },
    containers: { type: "list<dyn>", doc: "As in service.inspect" },
  },
  makes: "containers",
  did: ({ instances, before }) => `instances ${before} → ${instances}`,
  unreachable: "unknown",
  retrySafe: "it asks for a number of instances, not for more of them",
  undo: {
    how: "steps",
    steps: ({ service, replicas }, before) => {
      const ran = ranBefore(before);
      return ran === undefined || ran === replicas
        ? undefined
        : [{ "service.scale": { service, replicas: ran } }];
    },
  },
  plan: ({ service, replicas }, { services }) =>
    `service.scale: run ${shown(replicas)} instances of ${services.describe(shown(service))}`,
  byHand: ({ service, replicas }, { services }) =>
    shellLine(services.byHand({ do: "scale", service: shown(service), replicas: shown(replicas) })),
  evidence: ({ service }) => [{ type: "service", service }],
  capture: async ({ service }, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    return found.ok ? ok({ running: running(found.value).length }) : found;
  },
  preview: async ({ service, replicas }, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return found;
    const where = ports.services.describe(service);
    const refused = refusal(where, replicas, found.value);
    if (refused !== undefined) return fail(refused);
    const drift = await ports.services.drift({ do: "scale", service, replicas }, signal);
    if (!drift.ok) return drift;
    const changes = driftText(drift.value, "has another value").map((line) => `in what is new: ${line}`);
    const lines = [
      `${where}: ${counted(running(found.value).length, "instance")} now, ${replicas} then`,
      // The runner keeps the lowest numbers, whatever their state, and starts those that do not run.
      ...found.value.slice(replicas).map((instance) => `removes ${instanceSentence(instance)}`),
      ...found.value
        .slice(0, replicas)
        .filter(({ state }) => state !== "running")
        .map((instance) => `starts ${instanceSentence(instance)}`),
      ...changes,
    ];
    const containers = found.value.map(({ id, state }) => ({ id, state }));
    const binding = { containers, replicas, changes };
    return ok({ lines, binding, counters: {}, confirm: service });
  },
  happened: async ({ service, replicas }, before, _since, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return "unknown";
    const now = running(found.value).length;
    if (now === replicas) return "yes";
    return now === ranBefore(before) ? "no" : "unknown";
  },
  execute: async ({ service, replicas }, { ports, signal }) => {
    const before = await ports.services.inspect(service, signal);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    const refused = refusal(ports.services.describe(service), replicas, before.value);
    if (refused !== undefined) return fail(refused);
    const scaled = await ports.services.scale(service, replicas, signal);
    if (!scaled.ok) return scaled;
    const ran = running(before.value).map(({ id }) => id);
    const after = await settled(service, "scaled", ({ id }) => !ran.includes(id), { ports, signal });
    if (!after.ok) return after;
    return ok({
      instances: running(after.value).length,
      before: running(before.value).length,
      containers: details(after.value),
    });
  },
});

function running(instances: readonly Instance[]): readonly Instance[] {
  return instances.filter(({ state }) => state === "running");
}

function refusal(target: string, replicas: number, instances: readonly Instance[]): Failure | undefined {
  const limits = instances.flatMap(({ limit }) => limit ?? []);
  const [limit] = limits.toSorted((a, b) => a.most - b.most);
  if (limit === undefined || replicas <= limit.most) return undefined;
  const message = `it has ${limit.why}, which ${replicas} instances cannot share`;
  return { type: "rejected", target, code: "CANNOT_SCALE", message, effect: "none" };
}

function ranBefore(before: Json): number | undefined {
  if (typeof before !== "object" || before === null || !("running" in before)) return undefined;
  return Number(before.running);
}
