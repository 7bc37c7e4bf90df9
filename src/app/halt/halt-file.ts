import { ok, type Result } from "../../base/result.ts";
import { noPlatformFile, readPlatformFile, type PlatformFile } from "../context/platform-file.ts";
import { platformPlaces } from "../context/platform-path.ts";
import type { World } from "../context/world.ts";
import type { HaltFlags } from "./flags.ts";
import { inTime, silentPlatform } from "./patience.ts";
import { refusal, type Refusal } from "../context/refusal.ts";

/** The platform file, read from a disk that answers. */
export async function readHaltFile(world: World, flags: HaltFlags): Promise<Result<PlatformFile, Refusal>> {
  const use = { command: "halt-all", untrusted: "refuse" } as const;
  const places = flags.config === undefined ? platformPlaces(world) : [flags.config];
  const where = places.join(" or ");
  const found = await inTime(world, where, readPlatformFile(world, flags, use));
  if (found === undefined) return refusal(silentPlatform(where), "configuration");
  if (!found.ok) return found;
  return found.value.type === "none"
    ? refusal(noPlatformFile(world, found.value, use), "configuration")
    : ok(found.value);
}
