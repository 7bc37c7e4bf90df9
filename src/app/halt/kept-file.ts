import { resolve } from "node:path";
import type { GlobalOptions, World } from "../context/world.ts";
import { keptPlatformFile } from "../../store/layout.ts";
import { stateFolder } from "../context/state-folder.ts";

/** Where the platform is kept as it was read from the file at `path`. */
export function keptFile(world: Pick<World, "cwd" | "env">, options: GlobalOptions, path: string): string {
  return keptPlatformFile(resolve(world.cwd, stateFolder(world, options)), resolve(world.cwd, path));
}
