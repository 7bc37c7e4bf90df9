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

/**
 * Writes a report of what is over.
 * @param code how it ended. A report that cannot be written is said, and makes of 0 a 1; any other code says more.
 * @returns the exit code.
 */
export async function writeReport(
  world: World,
  path: string | undefined,
  text: string,
  code: number,
): Promise<number> {
  if (path === undefined) return code;
  try {
    await writeFile(path, text);
    return code;
  } catch (error) {
    world.stderr.write(`${cannotWrite(path, error)}\n`);
    return code === 0 ? 1 : code;
  }
}

function cannotWrite(path: string, error: unknown): string {
  return `cannot write the report ${path}: ${error instanceof Error ? error.message : String(error)}`;
}
