import { isScope, scopePattern } from "../../trading/proof/scope.ts";
import type { World } from "../context/world.ts";
import { askDisks } from "./disks.ts";
import { refusal } from "../context/refusal.ts";
import type { HaltFlags } from "./flags.ts";
import { readHaltFile } from "./halt-file.ts";
import { refuseHalt } from "./refuse.ts";

/** All that may happen before the first byte of the first request. */
export const beforeTheFirstByte = [
  "ask the disks, in another process",
  "read the platform file",
  "read the token",
  "open sockets",
] as const;

/**
 * `lav-ir halt-all`: everything that must be known is checked here on this machine, and every instance is told
 * at once, by Node's own client. All else is loaded while they answer.
 *
 * Before the first byte nothing happens that is not in `beforeTheFirstByte`: nothing is written, and what lies
 * in the state folder is asked of another process, which is not waited for.
 */
export async function haltAll(world: World, flags: HaltFlags): Promise<number> {
  const { scope = "all" } = flags;
  if (!isScope(scope))
    return await refuseHalt(world, flags, refusal(`--scope ${scope} must be ${scopePattern.says}`).failure);
  // Loaded while the platform file is on its way.
  const reading = readHaltFile(world, flags);
  const loading = import("./halt.ts");
  const file = await reading;
  if (!file.ok) return await refuseHalt(world, flags, file.failure);
  // They are asked once it is known that there is something to halt, and answer while the rest is loaded.
  const disks = askDisks(world, flags, file.value.source.path);
  try {
    const { halt } = await loading;
    return await halt(world, flags, file.value, scope, disks);
  } finally {
    disks.close();
  }
}
