import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds in which whatever a program has left behind must have ended: a keeper's disk has answered by now. */
const patience = 60_000;

/**
 * Resolves when no process lives whose home is `folder`. What writes a halt's record is one of its own and outlives
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

/** Ids of the processes whose home it is. */
function livingIn(folder: string): readonly string[] {
  return readdirSync("/proc").filter(
    (pid) => /^\d+$/.test(pid) && wordsOf(pid, "environ").includes(`HOME=${folder}`),
  );
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
