import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** This process in its terminal's job control: it can be stopped (Ctrl-Z), continued (fg), sent to the background (bg). */
export interface Job {
  /** Whether it may read from the terminal, set its mode and draw on it. The kernel stops one that does so elsewhere. */
  foreground(): boolean;
  /** Stops the whole job, as the terminal does at Ctrl-Z when it reads the keys itself. */
  stop(): void;
  /** @returns ends the watching */
  watch(watcher: JobWatcher): () => void;
}

export interface JobWatcher {
  /** It is about to be stopped: the terminal is to be left as a shell needs it. */
  leaves(): Promise<unknown> | void;
  /** It is in the foreground again, where anything may have been written since. */
  returns(): void;
}

/** The parts of Node's `process` that job control takes. */
interface Signals {
  readonly pid: number;
  on(signal: "SIGTSTP" | "SIGCONT", listener: () => void): unknown;
  off(signal: "SIGTSTP" | "SIGCONT", listener: () => void): unknown;
  kill(pid: number, signal: "SIGTSTP"): unknown;
}

/** Milliseconds that those who watch have to leave the terminal; it is stopped then, whatever they do. */
const patience = 200;
/** Milliseconds after which a continued process looks where it is: its stop and its continuation are then one. */
const settling = 20;
/** Milliseconds between two looks whether it has come back to the foreground: no signal says so. */
const look = 200;

/** A process without a terminal, or whose terminal has no job control: it is always where it may ask. */
export const noJob: Job = { foreground: () => true, stop: () => {}, watch: () => () => {} };

/**
 * Answers SIGTSTP and SIGCONT. A stop is the kernel's own: after everybody has left the terminal, the signal is
 * raised again with nobody listening. Where the process group has no shell that could continue it, the kernel
 * ignores that, and the process goes on.
 */
export function createJob(process: Signals, inForeground: () => boolean): Job {
  const watchers = new Set<JobWatcher>();
  let leaving = false;
  let away = false;
  let timer: NodeJS.Timeout | undefined;
  const lookSoon = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(arrive, ms);
    timer.unref();
  };
  const arrive = (): void => {
    if (leaving) return;
    if (!inForeground()) {
      lookSoon(look);
      return;
    }
    away = false;
    for (const watcher of watchers) watcher.returns();
  };
  const leave = async (): Promise<void> => {
    if (leaving) return;
    [leaving, away] = [true, true];
    const left = Promise.allSettled([...watchers].map(async (watcher) => await watcher.leaves()));
    let late: NodeJS.Timeout | undefined;
    await Promise.race([left, new Promise((resolve) => (late = setTimeout(resolve, patience)))]);
    clearTimeout(late);
    process.off("SIGTSTP", hear);
    process.kill(process.pid, "SIGTSTP");
    // Here it has been stopped and continued, or was not stopped at all.
    process.on("SIGTSTP", hear);
    leaving = false;
    lookSoon(settling);
  };
  const hear = (): void => void leave();
  process.on("SIGTSTP", hear);
  // Stopped by somebody else, nobody has left: what was on the terminal is not there any more all the same.
  process.on("SIGCONT", () => {
    away = true;
    lookSoon(settling);
  });
  return {
    foreground: () => !away && inForeground(),
    stop: () => void process.kill(0, "SIGTSTP"),
    watch: (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

/**
 * Whether a process is in the foreground of its controlling terminal; yes where it has none, or where it cannot
 * be told. Node has no tcgetpgrp: Linux says it in /proc, ps elsewhere.
 */
export function isForeground(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program, in brackets, may hold anything; what follows it are state, parent, group, session,
    // terminal, and the terminal's foreground group.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return isOwn(fields[2], fields[5]);
  } catch {
    const { stdout } = spawnSync("ps", ["-o", "pgid=,tpgid=", "-p", String(pid)], { encoding: "utf8" });
    const [group, foreground] = (stdout ?? "").trim().split(/\s+/);
    return isOwn(group, foreground);
  }
}

/** A foreground group of 0 or less is one outside of this pid namespace, or none. */
function isOwn(group: string | undefined, foreground: string | undefined): boolean {
  const shown = Number(foreground ?? 0);
  return !(shown > 0) || Number(group) === shown;
}
