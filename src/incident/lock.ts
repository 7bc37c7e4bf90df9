import { open, readFile, unlink } from "node:fs/promises";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

/** Held until released; a holder that died is found by its process id and start time. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes a lock file, waiting up to `wait` milliseconds.
 * @returns the lock, or who holds it.
 */
export async function takeLock(path: string, wait: number): Promise<Lock | { readonly heldBy: number }> {
  const until = Date.now() + wait;
  for (;;) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(`${process.pid} ${await startOf(process.pid)}\n`);
      await file.close();
      return { release: async () => await unlink(path).catch(() => {}) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = await holderOf(path);
    if (holder === undefined) {
      await unlink(path).catch(() => {});
      continue;
    }
    if (Date.now() >= until) return { heldBy: holder };
    await sleep(5);
  }
}

/** The living process that holds the lock, or undefined when it has died. */
async function holderOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [pid = "", start = ""] = text.trim().split(" ");
  if (pid === "") {
    // Created and not yet written: its maker is between two system calls, or died there.
    await sleep(20);
    const again = await readFile(path, "utf8").catch(() => undefined);
    if (again === undefined || again.trim() === "") return undefined;
    return Number(again.trim().split(" ")[0]);
  }
  return (await startOf(Number(pid))) === start ? Number(pid) : undefined;
}

/** When a process began, in the kernel's ticks; a number used again gets another start. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "?";
  try {
    process.kill(pid, 0);
    return "alive";
  } catch {
    return "gone";
  }
}
