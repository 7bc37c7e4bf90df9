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
      return [...start, "logs", "--timestamps", `--tail=${action.tail}`, service];
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
