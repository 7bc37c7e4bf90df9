import type { World } from "../context/world.ts";
import { readFlags } from "./flags.ts";
import { haltAll } from "./start.ts";

/** A halt whose command line is plain, begun before anything else is loaded; undefined when it is not one. */
export async function haltFast(args: readonly string[], world: World): Promise<number | undefined> {
  const flags = readFlags(args, world.env);
  return flags === undefined ? undefined : await haltAll(world, flags);
}
