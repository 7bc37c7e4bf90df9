import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root } from "../tools/places.ts";
import type { Ports, Secrets } from "./compose-file.ts";
import type { EngineName } from "./engine.ts";
import type { KafkaVersion } from "./kafka.ts";
import type { Look } from "./look.ts";
import type { Made } from "./recreate.ts";

/** What is remembered of a stack that came up, in its folder, for this process and the next. */
export interface StackState {
  readonly project: string;
  readonly kafka: KafkaVersion;
  readonly flavour: 1 | 2;
  readonly compose: readonly string[];
  readonly engine: EngineName;
  readonly dockerHost: string;
  readonly ownEngine: boolean;
  /** Of what is random in it; nothing is when left out. */
  readonly seed?: number | undefined;
  readonly ports: Ports;
  readonly secrets: Secrets;
  /** Set when everything was healthy for the first time. */
  readonly complete: boolean;
}

export function stackFolder(project: string): string {
  return join(root, ".stack", project);
}

export function faultsFolder(project: string): string {
  return join(stackFolder(project), "faults");
}

export function readState(project: string): StackState | undefined {
  const file = join(stackFolder(project), "state.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as StackState) : undefined;
}

export function writeState(state: StackState): void {
  const folder = stackFolder(state.project);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "state.new"), JSON.stringify(state, undefined, 2), { mode: 0o600 });
  renameSync(join(folder, "state.new"), join(folder, "state.json"));
}

/** The stacks that have a folder here: up, coming up, or left by a run that was killed. */
export function knownStacks(): StackState[] {
  try {
    return readdirSync(join(root, ".stack")).flatMap((name) => readState(name) ?? []);
  } catch {
    return [];
  }
}

/** The services' containers as Compose first made them, for `reset`. */
export function readMade(project: string): readonly Made[] {
  return JSON.parse(readFileSync(join(stackFolder(project), "containers.json"), "utf8")) as Made[];
}

export function writeMade(project: string, made: readonly Made[]): void {
  writeFileSync(join(stackFolder(project), "containers.json"), JSON.stringify(made), { mode: 0o600 });
}

/** The services' containers as they were after the last reset; empty before the first. */
export function readLook(project: string): readonly Look[] {
  const file = join(stackFolder(project), "look.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Look[]) : [];
}

export function writeLook(project: string, looks: readonly Look[]): void {
  writeFileSync(join(stackFolder(project), "look.json"), JSON.stringify(looks));
}

/** A reset of a stack: how long it took, and the services that were made again. */
export interface Reset {
  readonly ms: number;
  readonly again: readonly string[];
}

export function noteReset(project: string, reset: Reset): void {
  appendFileSync(join(stackFolder(project), "resets.ndjson"), `${JSON.stringify(reset)}\n`);
}

/** Every reset of a stack since it came up. */
export function readResets(project: string): readonly Reset[] {
  const file = join(stackFolder(project), "resets.ndjson");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Reset);
}
