import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stateFolder } from "../setup/places.ts";

/**
 * Lets one process of this clone at a time do what would go wrong side by side. A lock whose holder has
 * ended is taken over.
 * @throws after `within` milliseconds of waiting, naming the holder
 */
export async function withLock<T>(name: string, task: () => Promise<T>, within = 300_000): Promise<T> {
  const file = join(stateFolder("locks"), name);
  const own = `${file}.${process.pid}`;
  const deadline = performance.now() + within;
  writeFileSync(own, String(process.pid));
  try {
    while (!taken(own, file)) {
      const holder = holderOf(file);
      if (holder !== undefined && !existsSync(`/proc/${holder}`)) rmSync(file, { force: true });
      else if (performance.now() > deadline) throw new Error(`${name} is in use by process ${holder}`);
      else await sleep(50);
    }
  } finally {
    rmSync(own, { force: true });
  }
  try {
    return await task();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A link appears with its content or not at all. */
function taken(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch {
    return false;
  }
}

function holderOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
