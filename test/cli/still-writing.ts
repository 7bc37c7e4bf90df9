import { readdirSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { patience } from "../patience.ts";

/**
 * Resolves when no process lives whose home or whose state is `folder`, or in it. What writes a halt's record is one of its own and outlives
 * the halt: a folder removed under it would come back. A sender lives while an incident is open: it is ended.
 */
export async function nobodyWrites(folder: string): Promise<void> {
  const end = performance.now() + patience;
  for (let left = livingIn(folder); left.length > 0; left = livingIn(folder)) {
    for (const pid of left) if (wordsOf(pid, "cmdline").includes("sender")) terminate(Number(pid));
    if (performance.now() > end) throw new Error(`still running in ${folder}: ${left.join(", ")}`);
    await wait(20);
  }
}

/** Ids of the processes that have it, or a folder in it, as their home or their state. */
function livingIn(folder: string): readonly string[] {
  const theirs = ["HOME", "LAV_IR_STATE_DIR"].map((name) => `${name}=${folder}`);
  const inIt = (word: string): boolean =>
    theirs.some((whole) => word === whole || word.startsWith(`${whole}${sep}`));
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && wordsOf(pid, "environ").some(inIt));
}

/** Empty also for one that has ended, and for somebody else's. */
function wordsOf(pid: string, file: "environ" | "cmdline"): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function terminate(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}
