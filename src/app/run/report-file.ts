import { open, writeFile } from "node:fs/promises";
import { fail, ok, type Result } from "../../base/result.ts";
import type { World } from "../context/world.ts";
import { refusal, type Refusal } from "../context/refusal.ts";

/** Whether a report can be written there, found out before anything runs. Leaves what is in it alone. */
export async function checkReport(path: string | undefined): Promise<Result<void, Refusal>> {
  if (path === undefined) return ok(undefined);
  try {
    await (await open(path, "a")).close();
    return ok(undefined);
  } catch (error) {
    return fail(refusal(cannotWrite(path, error)).failure);
  }
}

/** Writes a report of what is over: that it cannot be written is said, and changes nothing about it. */
export async function writeReport(world: World, path: string | undefined, text: string): Promise<void> {
  if (path === undefined) return;
  try {
    await writeFile(path, text);
  } catch (error) {
    world.stderr.write(`${cannotWrite(path, error)}\n`);
  }
}

function cannotWrite(path: string, error: unknown): string {
  return `the report ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
}
