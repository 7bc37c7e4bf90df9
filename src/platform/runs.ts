import type { Problems } from "../language/problems.ts";
import { object, oneOf, optional, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { keyPlace, placeOf } from "./place.ts";

/** What runs a service: where it is looked at, restarted and made anew. */
export type Runs =
  /** A service of the Compose project, by its name there. */
  | { readonly by: "compose"; readonly service: string }
  /** A unit of this machine's systemd. */
  | { readonly by: "systemd"; readonly unit: string }
  /** Nothing that lav-ir could ask: somebody else's, or elsewhere. */
  | { readonly by: "none" };

const line = text({ template: "none", instead: "Write it out." });

export const runsShape = object(
  {
    on: optional(
      oneOf("compose", "none"),
      "compose: a service of the Compose project. none: nothing that can be looked at or restarted from here.",
    ),
    systemd: optional(
      text({
        template: "none",
        pattern: { test: /^[A-Za-z0-9@:_.\\][A-Za-z0-9@:_.\\-]*$/, says: "the name of a systemd unit" },
      }),
      "A unit of this machine's systemd: `{ systemd: adaf-api }`.",
    ),
  },
  { primary: "on" },
);

/** The two keys of a service that say what runs it. */
export const runsFields = {
  runs: optional(
    runsShape,
    "What runs it: compose, { systemd: UNIT } or none. Without it compose, where this file has a compose section, else none.",
  ),
  compose: optional(line, "Its name in the Compose project; the same name by default."),
};

interface RunsRead {
  readonly runs?: NonNullable<(typeof runsShape)["type"]>;
  readonly compose?: string;
}

export function runsOf(name: string, { runs, compose = name }: RunsRead, hasCompose: boolean): Runs {
  if (runs?.systemd !== undefined) return { by: "systemd", unit: unitOf(runs.systemd) };
  const by = runs?.on ?? (hasCompose ? "compose" : "none");
  return by === "compose" ? { by, service: compose } : { by };
}

/** systemctl takes a name without an ending for a service's. */
function unitOf(name: string): string {
  return /\.(?:service|socket|timer|target|mount|path|slice|scope)$/.test(name) ? name : `${name}.service`;
}

/** Whether each service is run by one thing, and by one that the file has. */
export function checkRuns(
  services: Readonly<Record<string, RunsRead>>,
  hasCompose: boolean,
  root: Node,
  problems: Problems,
): void {
  for (const [name, service] of Object.entries(services)) {
    const { runs, compose } = service;
    const path = ["services", name];
    if (runs !== undefined && (runs.on === undefined) === (runs.systemd === undefined)) {
      problems.add(
        placeOf(root, [...path, "runs"]),
        `runs of ${name} must be one of compose, { systemd: UNIT } and none`,
      );
      continue;
    }
    const { by } = runsOf(name, service, hasCompose);
    if (by === "compose" && !hasCompose) {
      problems.add(
        placeOf(root, [...path, "runs"]),
        `${name} runs on Compose, and this file has no compose`,
        "Add compose: { project: NAME, files: [compose.yaml] }.",
      );
    } else if (by !== "compose" && compose !== undefined) {
      const why = hasCompose ? `runs says ${by}` : "this file has no compose";
      problems.add(keyPlace(root, path, "compose"), `${name} has a name in a Compose project, but ${why}`);
    }
  }
}

/** Whether any service can be looked for among containers. */
export function hasContainers({ compose }: { readonly compose?: unknown }): boolean {
  return compose !== undefined;
}

/** What a step asks of whatever runs a service: that it is there, or that it makes and removes instances. */
export type RunnerUse = "service" | "instances";

/** Why what runs a service cannot serve a step; undefined where it can. */
export function whyNotRun(name: string, runs: Runs, use: RunnerUse, path: string): string | undefined {
  switch (runs.by) {
    case "compose":
      return undefined;
    case "systemd":
      return use === "service"
        ? undefined
        : `${name} is the systemd unit ${runs.unit}, which has no instances to make or to remove`;
    case "none":
      return `nothing that ${path} names runs ${name}, so it can be neither looked at nor changed`;
  }
}

/** What an author does instead, or writes. */
export function hintFor({ by }: Runs): string {
  return by === "systemd"
    ? "service.restart restarts it."
    : "Write there what runs it: runs: compose, or runs: { systemd: UNIT }.";
}
