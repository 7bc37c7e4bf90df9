// What a process has begun, and how to end all of it. Plain JavaScript, because bootstrap.mjs needs it before any
// dependency is there.
import { readFileSync, readdirSync } from "node:fs";

/** @returns the pids of everything that descends from these, the deepest last; themselves not */
export function descendants(...roots) {
  const children = new Map();
  for (const pid of processes()) {
    const parent = parentOf(pid);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [];
  for (const pids = [...roots]; pids.length > 0;) {
    const next = children.get(pids.shift()) ?? [];
    found.push(...next);
    pids.push(...next);
  }
  return found;
}

/** Asks them to end, and kills those that have not within the time. Resolves when none is left. */
export async function endAll(pids, within = 3000) {
  for (const pid of pids) send(pid, "SIGTERM");
  const deadline = Date.now() + within;
  while (pids.some(lives) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const pid of pids) if (lives(pid)) send(pid, "SIGKILL");
  while (pids.some(lives)) await new Promise((resolve) => setTimeout(resolve, 20));
}

export function processes() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Ended, but not yet waited for by its parent, is ended. */
export function lives(pid) {
  const stat = statOf(pid);
  return stat !== undefined && !/^[ZX]/.test(stat);
}

function parentOf(pid) {
  return Number(statOf(pid)?.split(" ")[1] ?? 0);
}

/** What follows the program's name, which may hold anything. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2);
  } catch {
    return undefined;
  }
}

function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
