import { randomUUID } from "node:crypto";
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stateFolder } from "../tools/places.ts";

/**
 * Lets one task of this clone at a time do what would go wrong side by side, in one process or in several. A lock whose holder has
 * ended is taken over.
 * @throws after `within` milliseconds of waiting, naming the holder
 */
export async function withLock<T>(name: string, task: () => Promise<T>, within = 300_000): Promise<T> {
  const file = join(stateFolder("locks"), name);
  const own = `${file}.${randomUUID()}`;
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

/** Says of a thing that it is in use while the task runs, by any number of tasks side by side. */
export async function whileUsed<T>(name: string, task: () => Promise<T>): Promise<T> {
  const mark = join(stateFolder("locks"), `${name}.used.${process.pid}.${randomUUID()}`);
  writeFileSync(mark, "");
  try {
    return await task();
  } finally {
    rmSync(mark, { force: true });
  }
}

/** Whether a process that lives uses it; the marks of those that were killed are removed. */
export function isUsed(name: string): boolean {
  const folder = stateFolder("locks");
  const marks = readdirSync(folder).filter((file) => file.startsWith(`${name}.used.`));
  return marks.some((file) => {
    const holder = file.slice(`${name}.used.`.length).split(".")[0];
    if (existsSync(`/proc/${holder}`)) return true;
    rmSync(join(folder, file), { force: true });
    return false;
  });
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
