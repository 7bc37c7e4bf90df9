import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GlobalOptions, World } from "./world.ts";
import { configFolder } from "./xdg.ts";

/** The platform file: the one named, else the nearest. */
export function platformPath(world: World, options: GlobalOptions): string {
  if (options.config !== undefined) return options.config;
  for (const path of ["runbooks/platform.yaml", "platform.yaml"]) {
    if (existsSync(join(world.cwd, path))) return path;
  }
  const own = join(configFolder(world.env), "platform.yaml");
  return existsSync(own) ? own : `${world.shipped}/platform.yaml`;
}
