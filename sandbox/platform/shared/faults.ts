import { readFileSync, statSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import type { Log } from "./log.ts";

/** A fault that was switched on from outside, and how it ends. */
export interface Fault {
  readonly fault: string;
  /** Epoch milliseconds of its `set`. */
  readonly set: number;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Faults {
  /** Reads the files again when they changed, and calls the watchers when a fault came or went. */
  look(): void;
  active(name: string): Fault | undefined;
  all(): readonly Fault[];
  /** Calls back now when faults are active, and at every change. @returns what ends that */
  watch(callback: () => void): () => void;
  stop(): void;
}

export interface FaultsOptions {
  readonly folder: string | undefined;
  readonly service: string;
  /** Numbers and names this instance is known by. */
  readonly instances: readonly string[];
  /** Epoch milliseconds at which the process began, and at which its container was made. */
  readonly started: number;
  readonly born: number;
  readonly log: Log;
}

/** Milliseconds between looks that nothing brought about: an event may be lost, or the folder be another one. */
const lookMs = 1000;
/** And between those of a folder that says nothing of its changes, where a look is good enough for as long as `fresh`. */
const blindMs = 100;
const fresh = 5;

interface Seen {
  stamp: string;
  fault: Fault | undefined;
  /** When a fault that was ended comes back. */
  back?: NodeJS.Timeout;
}

/** A fault that a new process or container has ended, and when it comes back, in epoch milliseconds. */
interface Returning {
  readonly returns: Fault;
  readonly at: number;
}

/**
 * Faults are files: `<service>.json` for every instance, `<service>@<instance>.json` for one. `until`
 * decides what ends a fault: its file's end (`cleared`), a process begun after `set` (`restart`), or a
 * container made after it (`recreate`). With `returns_after` it is back so many seconds after such a start.
 */
export function watchFaults(options: FaultsOptions): Faults {
  const { folder, service, instances } = options;
  const names = [service, ...instances.map((instance) => `${service}@${instance}`)];
  const files = new Map<string, Seen>();
  if (folder !== undefined) {
    for (const name of new Set(names)) {
      files.set(join(folder, `${name}.json`), { stamp: "", fault: undefined });
    }
  }
  const callbacks = new Set<() => void>();
  const all = (): Fault[] => [...files.values()].flatMap(({ fault }) => (fault === undefined ? [] : [fault]));

  let looked = 0;
  const look = (): void => {
    looked = Date.now();
    let changed = false;
    for (const [file, seen] of files) {
      const stamp = stampOf(file);
      if (stamp === seen.stamp) continue;
      const read = stamp === "" ? undefined : readFault(file, options);
      // A file that is being written is looked at again.
      if (read === "unreadable") continue;
      seen.stamp = stamp;
      clearTimeout(seen.back);
      const fault = read !== undefined && "returns" in read ? undefined : read;
      if (read !== undefined && "returns" in read) {
        const comeBack = (): void => {
          seen.fault = read.returns;
          for (const callback of callbacks) callback();
        };
        seen.back = setTimeout(comeBack, Math.max(0, read.at - Date.now())).unref();
      }
      if (fault === undefined && seen.fault === undefined) continue;
      seen.fault = fault;
      changed = true;
    }
    if (changed) for (const callback of callbacks) callback();
  };

  const events = folder === undefined ? undefined : watchFolder(folder, look);
  const timer = setInterval(look, events === undefined ? blindMs : lookMs);
  timer.unref();
  look();
  return {
    look,
    all,
    active(name) {
      if (events === undefined && Date.now() - looked >= fresh) look();
      return all().find(({ fault }) => fault === name);
    },
    watch(callback) {
      callbacks.add(callback);
      if (all().length > 0) callback();
      return () => void callbacks.delete(callback);
    },
    stop() {
      events?.close();
      clearInterval(timer);
      for (const { back } of files.values()) clearTimeout(back);
    },
  };
}

/** Undefined where the file system, or a limit on those that watch it, does not let it be watched. */
function watchFolder(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino}:${stat.mtimeMs}:${stat.size}`;
}

function readFault(file: string, options: FaultsOptions): Fault | Returning | undefined | "unreadable" {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch {
    return "unreadable";
  }
  const { fault, until, set, ...rest } = value;
  const time = Date.parse(String(set));
  if (typeof fault !== "string" || Number.isNaN(time)) {
    options.log("error", "a fault's file is not understood", { file });
    return undefined;
  }
  const found: Fault = { fault, set: time, options: rest };
  const { started, born } = options;
  const ended = until === "restart" ? started : until === "recreate" ? born : 0;
  if (ended <= time) return found;
  const after = numberOption(found, "returns_after", NaN);
  return Number.isNaN(after) ? undefined : { returns: found, at: ended + after * 1000 };
}

/** A fault's option as a number, or the default. */
export function numberOption(fault: Fault, name: string, otherwise: number): number {
  const value = fault.options[name];
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : otherwise;
}

export function flagOption(fault: Fault, name: string): boolean {
  return fault.options[name] === true || fault.options[name] === "true";
}

/** A list, written as one or as words with commas between; undefined when not given. */
export function listOption(fault: Fault, name: string): readonly string[] | undefined {
  const value = fault.options[name];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value.split(",") : undefined;
}
