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

/** Where the platform file may be when none is named, the nearest first; in the working folder by its short name. */
export function platformPlaces({ env }: Pick<World, "env">): readonly string[] {
  return ["runbooks/platform.yaml", "platform.yaml", join(configFolder(env), "platform.yaml")];
}

/**
 * The platform file: the one named, else the nearest. What is there and cannot be used is found all the
 * same: another one in its place would lead elsewhere. The shipped one is an example, and found only by
 * its name.
 */
export async function platformPath(world: World, options: GlobalOptions): Promise<PlatformPath> {
  if (options.config !== undefined)
    return options.config === "" ? { type: "unnamed" } : { type: "found", path: options.config };
  const example = join(world.shipped, "platform.yaml");
  const looked: string[] = [];
  for (const path of platformPlaces(world)) {
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
