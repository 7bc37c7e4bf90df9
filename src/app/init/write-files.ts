// All of the files or none: what is there is never written over, and where one cannot be made those before it are
// removed again. Nothing is written through a link, or where somebody else could change it.
import type { Stats } from "node:fs";
import { lstat, mkdir, open, rmdir, unlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { whyNot } from "../context/open-file.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { lookAtFile } from "../context/trusted-file.ts";
import type { World } from "../context/world.ts";

export interface NewFile {
  /** Below the folder. */
  readonly path: string;
  readonly text: string;
}

/** Takes back what was made. */
export type Removal = () => Promise<void>;

/**
 * @param folder absolute; made where it is not there
 * @param taken further files, none of which may be there
 */
export async function writeFiles(
  { identity }: Pick<World, "identity">,
  folder: string,
  files: readonly NewFile[],
  taken: readonly string[] = [],
): Promise<Result<Removal, Refusal>> {
  for (const place of new Set([folder, ...files.map(({ path }) => dirname(join(folder, path)))])) {
    const wrong = await wrongFolder(place, folder, identity);
    if (wrong !== undefined) return refusal(`${wrong}; nothing was written`);
  }
  for (const path of [...files.map((file) => file.path), ...taken])
    if ((await lookAt(join(folder, path))) !== "nothing")
      return refusal(`${path} is already there; nothing was written`);
  const made: Removal[] = [];
  const remove = async (): Promise<void> => {
    for (const one of made.toReversed()) await one().catch(() => {});
  };
  for (const { path, text } of files) {
    const whole = join(folder, path);
    try {
      await makeFolder(dirname(whole), made);
      const file = await open(whole, "wx", 0o644);
      made.push(async () => await unlink(whole));
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      await remove();
      return refusal(`cannot write ${whole}: ${whyNot(error)}; nothing was written`);
    }
  }
  return ok(remove);
}

/** A folder and those above it that are not there. */
async function makeFolder(folder: string, made: Removal[]): Promise<void> {
  if ((await lookAt(folder)) !== "nothing") return;
  await makeFolder(dirname(folder), made);
  await mkdir(folder, 0o755);
  made.push(async () => await rmdir(folder));
}

/** Why nothing is written in a folder, or in the nearest one above it that is there. */
async function wrongFolder(
  place: string,
  folder: string,
  identity: World["identity"],
): Promise<string | undefined> {
  const stat = await lookAt(place);
  if (stat === "nothing") return await wrongFolder(dirname(place), folder, identity);
  if (typeof stat === "string") return `${place}: ${stat}`;
  // The folder that the operator names may be reached by a link; none below it is followed.
  const inside = relative(folder, place) !== "" && !relative(folder, place).startsWith("..");
  if (inside && stat.isSymbolicLink()) return `${place} is a link`;
  if (!stat.isDirectory() && !stat.isSymbolicLink()) return `${place} is not a folder`;
  if (identity === undefined) return undefined;
  const looked = await lookAtFile(place, identity);
  return looked.trusted ? undefined : `${looked.distrust.why}: ${looked.distrust.mend}`;
}

/** What is there, links not followed; or why that cannot be known. */
async function lookAt(path: string): Promise<Stats | string> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR" ? "nothing" : whyNot(error);
  }
}
