import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../base/disk-fault.ts";
import { createState, readStateSync, removeState } from "./state-file.ts";

/** Held until released; a holder that died is found by its process id and start time. */
export interface Lock {
  release(): Promise<void>;
}

/** Bytes of a lock: a line. */
const longest = 4096;

/** Who holds a lock, as its file says it; `nonce` is never used twice. */
interface Holder {
  readonly pid: number;
  readonly start: string;
  readonly nonce: string;
  readonly host: string;
}

/**
 * Takes a lock file, waiting up to `wait` milliseconds. The file appears whole or not at all, by a hard
 * link: nobody can find it empty and take its maker for dead.
 * @returns the lock, or who holds it.
 */
export async function takeLock(path: string, wait: number): Promise<Lock | { readonly heldBy: number }> {
  // No jump of the clock may keep it waiting.
  const until = performance.now() + wait;
  const own = `${process.pid} ${startOf(process.pid)} ${randomUUID()} ${hostname()}\n`;
  for (;;) {
    if (put(path, own)) return { release: () => Promise.resolve(removeState(path)) };
    const holder = read(path);
    if (holder === undefined) continue;
    if (!alive(holder) && breakLock(path, holder, own)) continue;
    if (performance.now() >= until) return { heldBy: holder.pid };
    await sleep(2 + Math.random() * 6);
  }
}

/** Whether a living process holds the lock at this path. */
export function isHeld(path: string): boolean {
  const holder = read(path);
  return holder !== undefined && alive(holder);
}

/**
 * Removes the lock of a dead holder. Two that find the same one dead must not both remove what they find
 * at the path: the second would remove the lock the first has taken by then. So the right to break this
 * very lock is itself taken by a hard link, under a name made of the dead one's nonce, and passes on
 * in the same way when its taker dies.
 * @returns whether it is worth looking at the path again at once.
 */
function breakLock(path: string, dead: Holder, own: string): boolean {
  const claims: string[] = [];
  for (let nonce = dead.nonce; ;) {
    const claim = `${path}.break-${nonce}`;
    claims.push(claim);
    if (put(claim, own)) break;
    const claimant = read(claim);
    if (claimant === undefined) return true;
    if (alive(claimant)) return false;
    nonce = claimant.nonce;
  }
  // Only the holder of the last claim gets here, and only it may remove this nonce from the path.
  if (read(path)?.nonce === dead.nonce) removeState(path);
  for (const claim of claims) removeState(claim);
  return true;
}

/** @returns false when something stands at the path already. */
function put(path: string, text: string): boolean {
  // Nobody looks for it after a crash of the machine: it need not be on the disk.
  return createState(path, text, { flush: false, whole: true, beside: true });
}

function read(path: string): Holder | undefined {
  // Whoever opened the folder's journal has judged the folder; what stands here is only read.
  const bytes = readStateSync(path, longest, { owner: "any" });
  if (bytes === undefined) return undefined;
  const [pid, start = "", nonce = "", host = ""] = bytes.toString("utf8").trim().split(" ");
  return { pid: Number(pid), start, nonce: /^[\w-]{1,64}$/.test(nonce) ? nonce : "unnamed", host };
}

/** A process of another host (a shared folder) cannot be looked at: it counts as alive. */
function alive({ pid, start, host }: Holder): boolean {
  return (host !== "" && host !== hostname()) || startOf(pid) === start;
}

/** When a process began, in the kernel's ticks; a number used again gets another start. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "?";
  } catch {
    return canSignal(pid) ? "alive" : "gone";
  }
}

/** For systems without /proc. */
function canSignal(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
