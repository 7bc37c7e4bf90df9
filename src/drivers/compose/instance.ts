import type { Instance, Volume } from "../../ports/ports.ts";
import { listOf, recordOf, textIn } from "./described.ts";

/** Podman's words for what Docker says otherwise. */
const otherWords: Readonly<Record<string, Instance["state"]>> = {
  configured: "created",
  initialized: "created",
  stopping: "running",
  stopped: "exited",
};
const states = ["running", "exited", "created", "restarting", "paused", "dead", "removing"] as const;
const healths = ["healthy", "unhealthy", "starting"] as const;

/** The engine's description of a container, as an instance; undefined when it is not one. */
export function toInstance(inspected: unknown): Instance | undefined {
  const top = recordOf(inspected);
  const id = top["Id"];
  if (typeof id !== "string") return undefined;
  const state = recordOf(top["State"]);
  const config = recordOf(top["Config"]);
  const labels = recordOf(config["Labels"]);
  const status = stateOf(state);
  const name = textIn(top["Name"]).replace(/^\//, "");
  const ports = portsOf(recordOf(recordOf(top["HostConfig"])["PortBindings"]));
  return {
    id,
    name,
    number: count(labels["com.docker.compose.container-number"], 1),
    state: status,
    health: healths.find((known) => known === recordOf(state["Health"])["Status"]) ?? "none",
    // A running container has the exit code 0, which would read as an end that went well.
    exitCode: ["running", "paused", "created"].includes(status) ? undefined : count(state["ExitCode"], 0),
    oomKilled: state["OOMKilled"] === true,
    restarts: count(top["RestartCount"], 0),
    startedAt: time(state["StartedAt"]),
    finishedAt: time(state["FinishedAt"]),
    image: textIn(config["Image"]),
    volumes: listOf(top["Mounts"])
      .map(recordOf)
      .filter((mount) => mount["Type"] === "volume")
      .map((mount) => textIn(mount["Name"]))
      .toSorted(),
    hostPorts: ports.flatMap(({ first, last }) => {
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    }),
    limit: limitOf(name, labels, ports),
  };
}

function stateOf(state: Readonly<Record<string, unknown>>): Instance["state"] {
  const status = textIn(state["Status"]);
  const known = states.find((word) => word === status) ?? otherWords[status];
  return known ?? (state["Running"] === true ? "running" : "exited");
}

interface Ports {
  readonly first: number;
  readonly last: number;
}

/** Host ports as the definition has them: one, or a range of which each instance takes one. */
function portsOf(bindings: Readonly<Record<string, unknown>>): Ports[] {
  const written = Object.values(bindings)
    .flatMap((each) => listOf(each))
    .map((binding) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(textIn(recordOf(binding)["HostPort"])));
  const found = written.flatMap((match) => {
    const first = Number(match?.[1] ?? 0);
    const last = Number(match?.[2] ?? first);
    return first > 0 && last >= first && last < 65_536 ? [{ first, last }] : [];
  });
  // The same port on IPv4 and on IPv6 is one.
  return found.filter((one, at) => found.findIndex(({ first }) => first === one.first) === at);
}

function limitOf(
  name: string,
  labels: Readonly<Record<string, unknown>>,
  ports: readonly Ports[],
): Instance["limit"] {
  const project = textIn(labels["com.docker.compose.project"]);
  const service = textIn(labels["com.docker.compose.service"]);
  const number = textIn(labels["com.docker.compose.container-number"]);
  // Compose 2 joins with dashes, 1.29 with underscores; while it recreates, an id goes before the name.
  const own = ["-", "_"].map((mark) => [project, service, number].join(mark));
  if (number !== "" && !own.some((usual) => name.replace(/^[0-9a-f]{12}_/, "") === usual)) {
    return { most: 1, why: `the fixed name ${name} (container_name)` };
  }
  const [narrowest] = ports.toSorted((a, b) => a.last - a.first - (b.last - b.first));
  if (narrowest === undefined) return undefined;
  const { first, last } = narrowest;
  if (last > first) return { most: last - first + 1, why: `only the host ports ${first}-${last}` };
  const single = ports.filter((one) => one.first === one.last).map((one) => one.first);
  return { most: 1, why: `the fixed host port ${single.join(", ")}` };
}

/** Whether the container writes to a terminal of its own: its log is then bare text. */
export function hasTerminal(inspected: unknown): boolean {
  return recordOf(recordOf(inspected)["Config"])["Tty"] === true;
}

/** A one-off (`compose run`) bears its service's labels and is no instance of it. */
export function isOneOff(listed: unknown): boolean {
  return textIn(recordOf(recordOf(listed)["Labels"])["com.docker.compose.oneoff"]).toLowerCase() === "true";
}

export function idOf(listed: unknown): string {
  return textIn(recordOf(listed)["Id"]);
}

/** Of the engine's list, with those that Compose made for a project as its own. */
export function volumesOf(listed: unknown, project: string): Volume[] {
  return listOf(recordOf(listed)["Volumes"])
    .map((volume) => recordOf(volume))
    .map(({ Name, Labels }) => ({
      name: textIn(Name),
      isOwn: textIn(recordOf(Labels)["com.docker.compose.project"]) === project,
    }));
}

/** Docker's "never" is the year 1. */
function time(value: unknown): Date | undefined {
  const date = new Date(textIn(value));
  return date.getTime() > 0 ? date : undefined;
}

/** A whole number, also where it is written as a text; `otherwise` for anything else. */
function count(value: unknown, otherwise: number): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) ? number : otherwise;
}
