import { ok, type Result } from "../../base/result.ts";
import type { Source } from "../../language/source.ts";
import { platformIn } from "../find.ts";
import { tradingSettings } from "../wire.ts";
import type { GlobalOptions, Refusal, World } from "../world.ts";
import type { HaltPlatform } from "./platform.ts";

/** The platform from its file, as every other command reads it. */
export function loadHaltPlatform(
  world: World,
  options: GlobalOptions,
  source: Source,
): Result<HaltPlatform, Refusal> {
  const platform = platformIn(world, options, source);
  if (!platform.ok) return platform;
  const { name, production, environment, path } = platform.value;
  return ok({ name, production, environment, path, trading: tradingSettings(platform.value) });
}
