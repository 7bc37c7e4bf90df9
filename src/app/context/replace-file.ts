import { randomUUID } from "node:crypto";
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { readSource } from "../../language/source.ts";

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Writes a file in one step, so that an editor or a run never reads half of it.
 * @param before what it is known to have: with anything else in it, it is left as it is
 * @returns why it was not
 */
export async function replaceFile(path: string, before: string, after: string): Promise<string | undefined> {
  let beside: string | undefined;
  try {
    const file = await realpath(path);
    const now = await readSource(file);
    if (!now.ok || now.value.text !== before)
      return `somebody else changed ${path} while it was checked; it is left as it is`;
    beside = `${file}.${randomUUID()}`;
    const { mode } = await stat(file);
    // What is read of a file leaves its byte-order mark out.
    const mark = (await readFile(file)).subarray(0, 3).equals(byteOrderMark) ? byteOrderMark : "";
    await writeFile(beside, `${mark.toString()}${after}`, { flag: "wx", mode: 0o600 });
    await chmod(beside, mode & 0o7777);
    await rename(beside, file);
    return undefined;
  } catch (error) {
    if (beside !== undefined) await rm(beside, { force: true });
    return `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
