import { writeDuration } from "../../base/duration.ts";
import { shellLine } from "../../base/quote.ts";
import type { ServiceAction } from "../../ports/ports.ts";
import { labelsOf } from "./labels.ts";

export interface ProgramSettings {
  /** `docker compose` or `docker-compose`. */
  readonly program: readonly string[];
  readonly project: string;
  readonly files: readonly string[];
  readonly directory?: string;
  /** Files of variables, in their order; with any, Compose reads no `.env` beside its own files. */
  readonly envFiles?: readonly string[];
}

/** Compose 1 knows no `--since`: there, it is the engine's own command on each container. */
function recentLogs(
  { program, project }: ProgramSettings,
  start: readonly string[],
  { tail }: Extract<ServiceAction, { do: "logs" }>,
  since: number | string,
  service: string,
): string[] {
  // The engine knows no days.
  const age = typeof since === "number" ? writeDuration(since, "h") : since;
  const flags = ["--timestamps", `--tail=${tail}`, `--since=${age}`];
  if (program[0] === "docker") return [...start, "logs", ...flags, service];
  const filters = labelsOf(project, service).flatMap((label) => ["--filter", `label=${label}`]);
  const all = shellLine(["docker", "ps", "--all", "--quiet", ...filters]);
  return ["sh", "-c", `for id in $(${all}); do ${shellLine(["docker", "logs", ...flags])} "$id"; done`];
}

/** Compose with everything but what it is to do. */
function composeStart(settings: ProgramSettings): string[] {
  const start = [
    ...settings.program,
    "-p",
    settings.project,
    ...settings.files.flatMap((file) => ["-f", file]),
    ...(settings.envFiles ?? []).flatMap((file) => ["--env-file", file]),
  ];
  if (settings.directory !== undefined) start.push("--project-directory", settings.directory);
  return start;
}

/** Asks for the definition as Compose would carry it out; nothing is contacted. */
export function configCommand(settings: ProgramSettings, words: readonly string[]): string[] {
  return [...composeStart(settings), "config", ...words];
}

/** The Compose command for an action on a service, in words that 1.29 and 2 both know. */
export function composeCommand(settings: ProgramSettings, action: ServiceAction, service: string): string[] {
  const start = composeStart(settings);
  switch (action.do) {
    case "inspect":
      // Compose's own `ps` hides what is stopped, and its two flavours print different things.
      return ["docker", "ps", "--all"].concat(
        ...labelsOf(settings.project, service).map((label) => ["--filter", `label=${label}`]),
      );
    case "logs":
      return action.since === undefined
        ? [...start, "logs", "--timestamps", `--tail=${action.tail}`, service]
        : recentLogs(settings, start, action, action.since, service);
    case "restart":
      return [...start, "restart", service];
    case "stop":
    case "start":
      // Compose knows no names of containers here: of some alone, it is the engine's own command.
      return action.only === undefined
        ? [...start, action.do, service]
        : ["docker", action.do, ...action.only];
    case "recreate":
      start.push("up", "-d", "--force-recreate", "--no-deps");
      // Without it both flavours go back to the number in the file, and remove what was scaled up.
      if (action.replicas !== undefined) start.push("--scale", `${service}=${action.replicas}`);
      return [...start, service];
    case "scale":
      start.push("up", "-d", "--no-deps", "--no-recreate");
      return [...start, "--scale", `${service}=${action.replicas}`, service];
  }
}
