import type { World } from "../world.ts";
import { askDisks } from "./disks.ts";
import { readFlags } from "./flags.ts";

/** A halt whose command line is plain, begun before anything else is loaded; undefined when it is not one. */
export async function haltFast(args: readonly string[], world: World): Promise<number | undefined> {
  const flags = readFlags(args, world.env);
  if (flags === undefined) return undefined;
  // They answer while the rest is loaded.
  const disks = askDisks(world, flags);
  const { haltAll } = await import("./halt.ts");
  return await haltAll(world, flags, disks);
}
