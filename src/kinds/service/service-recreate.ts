import type { Json } from "../../base/json.ts";
import type { Failure } from "../../base/failure.ts";
import { fail, ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { driftText } from "../../base/drift.ts";
import type { Instance, Volume } from "../../ports/ports.ts";
import { allRun, details, instanceSentence } from "./instances.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object, required, text } from "../../language/shape.ts";
import { counted, shown } from "../format.ts";

interface Outputs {
  readonly instances: number;
  readonly id: string;
  readonly volumes: readonly string[];
  readonly containers: readonly unknown[];
}

export const serviceRecreate: Kind = defineKind<{ service: string }, Outputs>({
  name: "service.recreate",
  summary: "Replace a service's containers with new ones, keep every volume",
  doc: [
    "Recreates the containers of this one service, without the services it depends on. It is done when every container has a new id and runs, and every volume that was on the machine still is, but for unnamed ones of others' containers; nothing is ever pruned.",
    "As many containers as there are now, stopped ones included, are there afterwards: a service that was scaled stays scaled. One whose container was removed is brought back as its definition says.",
    "The new containers are made from their definition as it is now, with the variables that the platform file names for it (`env_file` and `environment`). Where that gives another image, another environment or other mounts than the running container has, the preview says so, by name and without values, and consent is to that. A variable that is not set and that the service needs is refused, where the program that makes them would warn and put a blank in its place. Afterwards the new containers are compared with what was to be made.",
    "The command to type by hand brings up as many as the definition says; add `--scale SERVICE=N` for one that was scaled.",
  ].join("\n\n"),
  effect: "change",
  reaches: "nothing",
  args: object(
    { service: required(text({ refers: "instances" }), "The service, as the platform file names it") },
    { primary: "service" },
  ),
  outputs: {
    instances: { type: "int", doc: "Instances there are now" },
    id: { type: "string", doc: "Of the first new instance" },
    volumes: { type: "list<string>", doc: "Volumes that the new instances mount" },
    containers: { type: "list<dyn>", doc: "As in service.inspect" },
  },
  makes: "containers",
  did: ({ instances }) => `${counted(instances, "instance")} recreated`,
  unreachable: "unknown",
  retrySafe: "a second recreation ends in one set of containers again, on the same volumes",
  undo: { how: "irreversible", why: "the old container and what it wrote outside its volumes are gone" },
  plan: ({ service }, { services }) =>
    `service.recreate: recreate the containers of ${services.describe(shown(service))}, keep every volume`,
  byHand: ({ service }, { services }) =>
    shellLine(services.byHand({ do: "recreate", service: shown(service) })),
  evidence: ({ service }) => [{ type: "service", service }],
  capture: async ({ service }, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return found;
    const volumes = await ports.services.volumes(service, signal);
    if (!volumes.ok) return volumes;
    return ok({ ids: found.value.map(({ id }) => id), volumes: mayNotGo(found.value, volumes.value) });
  },
  preview: async ({ service }, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return found;
    const drift = await ports.services.drift({ do: "recreate", service }, signal);
    if (!drift.ok) return drift;
    const changes = driftText(drift.value, "changes its value");
    const where = ports.services.describe(service);
    const binding = { containers: found.value.map(({ id, volumes }) => ({ id, volumes })), changes };
    const head =
      found.value.length === 0
        ? `${where} has no container: one is created`
        : `replaces ${counted(found.value.length, "container")} of ${where}, keeps every volume`;
    return ok({
      lines: [head, ...found.value.map(instanceSentence), ...changes],
      binding,
      counters: {},
      confirm: service,
    });
  },
  happened: async ({ service }, before, _since, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return "unknown";
    const old = idsOf(before);
    const kept = found.value.filter(({ id }) => old.includes(id)).length;
    if (found.value.length === 0) return old.length === 0 ? "no" : "unknown";
    if (kept === 0) return allRun(found.value) ? "yes" : "unknown";
    return kept === found.value.length && kept === old.length ? "no" : "unknown";
  },
  execute: async ({ service }, { ports, signal }) => {
    const target = ports.services.describe(service);
    const before = await ports.services.inspect(service, signal);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    const volumesBefore = await ports.services.volumes(service, signal);
    if (!volumesBefore.ok) return fail({ ...volumesBefore.failure, effect: "none" });
    const recreated = await ports.services.recreate(service, signal);
    // Looked at even after a failure: a lost volume is the worse news.
    const volumesAfter = await ports.services.volumes(service, signal);
    if (!volumesAfter.ok) return fail({ ...volumesAfter.failure, effect: "unknown" });
    const left = new Set(volumesAfter.value.map(({ name }) => name));
    const lost = mayNotGo(before.value, volumesBefore.value).filter((name) => !left.has(name));
    if (lost.length > 0) {
      const message = `VOLUME LOST: ${lost.join(", ")} is gone from the machine`;
      return fail({ type: "rejected", target, code: "VOLUME_LOST", message, effect: "unknown" });
    }
    if (!recreated.ok) return recreated;
    const after = await ports.services.inspect(service, signal);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const wrong = wrongWith(target, before.value, after.value);
    if (wrong !== undefined) return fail(wrong);
    return ok({
      instances: after.value.length,
      id: after.value[0]?.id ?? "",
      volumes: mounted(after.value),
      containers: details(after.value),
    });
  },
});

/** As after a restart, the recreation is over and known: what it left is for the findings to judge. */
function wrongWith(
  target: string,
  before: readonly Instance[],
  after: readonly Instance[],
): Failure | undefined {
  const [down] = after.filter(({ state }) => state !== "running");
  if (down !== undefined || after.length === 0) {
    const message = `recreated, but ${down === undefined ? "no container is there" : `${instanceSentence(down)} again`}`;
    return { type: "rejected", target, code: "NOT_RUNNING", message, effect: "none" };
  }
  const left = mounted(before).filter((name) => !mounted(after).includes(name));
  if (left.length === 0) return undefined;
  const message = `the new container no longer mounts the volume ${left.join(", ")}, which is still on the machine`;
  return { type: "rejected", target, code: "VOLUME_NOT_MOUNTED", message, effect: "unknown" };
}

/**
 * The volumes that a recreation may not take away: the platform's, named, and whatever the service itself mounts.
 * Others' come and go on the same machine at any time, and so does an unnamed one, with the container it is of.
 */
function mayNotGo(instances: readonly Instance[], there: readonly Volume[]): string[] {
  const own = mounted(instances);
  return there
    .filter(({ name, isOwn }) => own.includes(name) || (isOwn && !/^[0-9a-f]{64}$/.test(name)))
    .map(({ name }) => name)
    .toSorted();
}

function mounted(instances: readonly Instance[]): string[] {
  return [...new Set(instances.flatMap(({ volumes }) => volumes))].toSorted();
}

function idsOf(before: Json): readonly unknown[] {
  if (typeof before !== "object" || before === null || !("ids" in before)) return [];
  return Array.isArray(before.ids) ? (before.ids as readonly unknown[]) : [];
}
