import { kill } from "node:process";

/** How long a process group has between the request to end and its end by force; milliseconds. */
const grace = 1000;
/** Dying takes a moment too; what is left after it waits for a parent that does not count its dead. */
const dying = 200;
const look = 20;

/** Asks every process of the group to end, then ends those that are left. Resolves when none is, or none can be. */
export async function endGroup(leader: number): Promise<void> {
  if (!signalGroup(leader, "SIGTERM") || (await goneWithin(leader, grace))) return;
  signalGroup(leader, "SIGKILL");
  await goneWithin(leader, dying);
}

async function goneWithin(leader: number, ms: number): Promise<boolean> {
  for (let waited = 0; waited < ms; waited += look) {
    await new Promise((resolve) => setTimeout(resolve, look));
    if (!signalGroup(leader, 0)) return true;
  }
  return false;
}

/** @returns false when the group has no process. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return kill(-leader, signal);
  } catch {
    return false;
  }
}
