import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { VouchedProgram } from "../../platform/programs.ts";
import type { World } from "./world.ts";

/**
 * Programs with the absolute path that each has on this machine now: what is run is what was looked for, whatever
 * folder or PATH a step runs in. A folder of PATH that is not absolute is passed over.
 */
export async function withPaths(
  { env }: Pick<World, "env">,
  programs: readonly VouchedProgram[],
): Promise<readonly VouchedProgram[]> {
  const folders = (env["PATH"] ?? "").split(":").filter((folder) => isAbsolute(folder));
  return await Promise.all(
    programs.map(async (program) => {
      const [name = ""] = program.words;
      const path = program.path ?? (await firstOf(folders.map((folder) => join(folder, name))));
      return { ...program, ...(path === undefined ? {} : { path }) };
    }),
  );
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isProgram(path)) return path;
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
