import { lstat, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { GlobalOptions, World } from "./world.ts";
import { configFolder } from "./xdg.ts";

export interface NoPlatformFile {
  readonly type: "none";
  /** The places that were looked at, as whole paths, the nearest first. */
  readonly looked: readonly string[];
  /** The file to begin one with. */
  readonly example: string;
}

/** Where the platform file is, or where it was looked for. */
export type PlatformPath =
  | { readonly type: "found"; readonly path: string }
  | NoPlatformFile
  /** It was named by nothing: `--config ""`. */
  | { readonly type: "unnamed" };

/**
 * The platform file: the one named, else the nearest. What is there and cannot be used is found all the
 * same: another one in its place would lead elsewhere. The shipped one is an example, and found only by
 * its name.
 */
export async function platformPath(world: World, options: GlobalOptions): Promise<PlatformPath> {
  if (options.config !== undefined)
    return options.config === "" ? { type: "unnamed" } : { type: "found", path: options.config };
  const example = join(world.shipped, "platform.yaml");
  const own = join(configFolder(world.env), "platform.yaml");
  const looked: string[] = [];
  for (const path of ["runbooks/platform.yaml", "platform.yaml", own]) {
    const place = isAbsolute(path) ? path : join(world.cwd, path);
    const there = await isThere(place);
    const shipped = there && (await sameFile(place, example));
    if (there && !shipped) return { type: "found", path };
    looked.push(shipped ? `${place} (the shipped example)` : place);
  }
  return { type: "none", looked, example };
}

/** A link that leads nowhere and what may not be looked at are there: only what is absent is not. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code !== "ENOENT" && code !== "ENOTDIR";
  }
}

async function sameFile(path: string, other: string): Promise<boolean> {
  try {
    const [one, two] = [await stat(path), await stat(other)];
    return one.dev === two.dev && one.ino === two.ino;
  } catch {
    return false;
  }
}
