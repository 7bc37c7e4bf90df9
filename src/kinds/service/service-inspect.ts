import { ok } from "../../base/result.ts";
import type { Instance } from "../../ports/ports.ts";
import { shellLine } from "../../base/quote.ts";
import { allRun, details, lastStart } from "./instances.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Outputs {
  readonly running: boolean;
  readonly instances: number;
  readonly state: string;
  readonly health: string;
  readonly exit_code?: number;
  readonly oom_killed: boolean;
  readonly restarts: number;
  readonly started_at?: Date;
  readonly uptime?: number;
  readonly id: string;
  readonly image: string;
  readonly containers: readonly unknown[];
}

export const serviceInspect: Kind = defineKind<{ service: string }, Outputs>({
  name: "service.inspect",
  summary: "What runs a service, and in what state it is",
  doc: [
    "Looks at every instance of a service, stopped ones included, through the platform file's runner.",
    'A service without any instance is no failure: `running` is false, `instances` 0, `state` "absent".',
    "With several instances in different states, `state` and `health` name each once, the worst first.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    { service: required(text({ refers: "service" }), "The service, as the platform file names it") },
    { primary: "service" },
  ),
  outputs: {
    running: { type: "bool", doc: "There is an instance, and all of them run" },
    instances: { type: "int", doc: "How many there are, stopped ones included" },
    state: {
      type: "string",
      doc: "Of several instances each once, the worst first; absent without any",
      values: ["running", "exited", "created", "restarting", "paused", "dead", "removing", "absent"],
    },
    health: {
      type: "string",
      doc: "Of several instances each once, the worst first; none without a health check",
      values: ["healthy", "unhealthy", "starting", "none"],
    },
    exit_code: { type: "int", doc: "Of the first instance that ended", optional: true },
    oom_killed: { type: "bool", doc: "The kernel killed an instance for its memory" },
    restarts: { type: "int", doc: "Restarts by the runner itself, over all instances" },
    started_at: { type: "timestamp", doc: "The latest start of any instance", optional: true },
    uptime: { type: "duration", doc: "Time since started_at, when all run", optional: true },
    id: { type: "string", doc: "Of the first instance; empty when there is none" },
    image: { type: "string", doc: "Of the first instance; empty when there is none" },
    containers: {
      type: "list<dyn>",
      doc: "One an instance: id, name, number, state, health, exit_code, oom_killed, restarts, started_at, finished_at, image, volumes, host_ports",
    },
  },
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  plan: ({ service }, { services }) => `service.inspect: look at ${services.describe(shown(service))}`,
  byHand: ({ service }, { services }) =>
    shellLine(services.byHand({ do: "inspect", service: shown(service) })),
  execute: async ({ service }, { ports, signal }) => {
    const found = await ports.services.inspect(service, signal);
    return found.ok ? ok(summary(found.value, ports.clock.now())) : found;
  },
});

const worstState = ["dead", "exited", "restarting", "removing", "created", "paused", "running"] as const;
const worstHealth = ["unhealthy", "starting", "none", "healthy"] as const;

function summary(instances: readonly Instance[], now: Date): Outputs {
  const states = worstState.filter((state) => instances.some((one) => one.state === state));
  const healths = worstHealth.filter((health) => instances.some((one) => one.health === health));
  const exitCode = instances.find((one) => one.exitCode !== undefined)?.exitCode;
  const startedAt = lastStart(instances);
  const running = allRun(instances);
  return {
    running,
    instances: instances.length,
    state: states.length === 0 ? "absent" : states.join(", "),
    health: healths.length === 0 ? "none" : healths.join(", "),
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    oom_killed: instances.some((one) => one.oomKilled),
    restarts: instances.reduce((sum, one) => sum + one.restarts, 0),
    ...(startedAt === undefined ? {} : { started_at: startedAt }),
    ...(startedAt === undefined || !running
      ? {}
      : { uptime: Math.max(0, now.getTime() - startedAt.getTime()) }),
    id: instances[0]?.id ?? "",
    image: instances[0]?.image ?? "",
    containers: details(instances),
  };
}
