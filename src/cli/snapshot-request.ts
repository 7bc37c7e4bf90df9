import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stateFolder, type GlobalOptions, type World } from "./world.ts";

/**
 * The key that makes the digits of tokens: the same for every snapshot of an incident, so that two can be
 * compared, and never in one: who has it can try out what a token stood for.
 */
export function tokenKey(world: World, options: GlobalOptions, incident: string | undefined): Buffer {
  const state = stateFolder(world, options);
  const folder = incident === undefined ? join(state, "keys") : join(state, "incidents", incident);
  const path = join(folder, "redaction.key");
  try {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx", flush: true });
    }
  } catch {
    // Another process made it, or nothing can be kept: a snapshot is worth more than its comparison.
  }
  try {
    const key = Buffer.from(readFileSync(path, "utf8").trim(), "hex");
    if (key.length === 32) return key;
  } catch {
    // As above.
  }
  return randomBytes(32);
}
