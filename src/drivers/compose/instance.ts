import type { Instance } from "../ports.ts";

const states = ["running", "exited", "created", "restarting", "paused", "dead", "removing"] as const;
const healths = ["healthy", "unhealthy", "starting"] as const;

/** The engine's description of a container, as an instance; undefined when it is not one. */
export function toInstance(inspected: unknown): Instance | undefined {
  const top = record(inspected);
  const id = top["Id"];
  if (typeof id !== "string") return undefined;
  const state = record(top["State"]);
  const config = record(top["Config"]);
  const labels = record(config["Labels"]);
  const running = state["Status"] === "running" || state["Status"] === "paused";
  return {
    id,
    name: text(top["Name"]).replace(/^\//, ""),
    number: Number(labels["com.docker.compose.container-number"] ?? 1),
    state: states.find((known) => known === state["Status"]) ?? "dead",
    health: healths.find((known) => known === record(state["Health"])["Status"]) ?? "none",
    // A running container has the exit code 0, which would read as an end that went well.
    exitCode: running || state["Status"] === "created" ? undefined : Number(state["ExitCode"] ?? 0),
    oomKilled: state["OOMKilled"] === true,
    restarts: Number(top["RestartCount"] ?? 0),
    startedAt: time(state["StartedAt"]),
    finishedAt: time(state["FinishedAt"]),
    image: text(config["Image"]),
    volumes: list(top["Mounts"])
      .map(record)
      .filter((mount) => mount["Type"] === "volume")
      .map((mount) => text(mount["Name"]))
      .toSorted(),
    hostPorts: Object.values(record(record(top["HostConfig"])["PortBindings"]))
      .flatMap((bindings) => list(bindings))
      .map((binding) => Number(record(binding)["HostPort"] ?? 0))
      .filter((port) => port > 0),
  };
}

/** Whether the container writes to a terminal of its own: its log is then bare text. */
export function hasTerminal(inspected: unknown): boolean {
  return record(record(inspected)["Config"])["Tty"] === true;
}

/** A one-off (`compose run`) bears its service's labels and is no instance of it. */
export function isOneOff(listed: unknown): boolean {
  return text(record(record(listed)["Labels"])["com.docker.compose.oneoff"]).toLowerCase() === "true";
}

export function idOf(listed: unknown): string {
  return text(record(listed)["Id"]);
}

/** Names in the engine's list of volumes. */
export function volumeNames(listed: unknown): string[] {
  return list(record(listed)["Volumes"])
    .map((volume) => text(record(volume)["Name"]))
    .toSorted();
}

/** Docker's "never" is the year 1. */
function time(value: unknown): Date | undefined {
  const date = new Date(text(value));
  return date.getTime() > 0 ? date : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
