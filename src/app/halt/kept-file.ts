import { join, resolve } from "node:path";
import type { GlobalOptions, World } from "../context/world.ts";
import { stateFolder } from "../context/state-folder.ts";

/** Where the platform is kept as it was read from the file at `path`. */
export function keptFile(world: World, options: GlobalOptions, path: string): string {
  const name = encodeURIComponent(resolve(world.cwd, path)).slice(-150);
  return join(resolve(world.cwd, stateFolder(world, options)), "platforms", `${name}.json`);
}
