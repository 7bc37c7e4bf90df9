import { ok, type Result } from "../../base/result.ts";
import { loadPlatform } from "../find.ts";
import { tradingSettings } from "../wire.ts";
import type { GlobalOptions, Refusal, World } from "../world.ts";
import type { HaltPlatform } from "./platform.ts";

/** The platform from its file, as every other command reads it. */
export async function loadHaltPlatform(
  world: World,
  options: GlobalOptions,
): Promise<Result<HaltPlatform, Refusal>> {
  const platform = await loadPlatform(world, options, { command: "halt-all", untrusted: "refuse" });
  if (!platform.ok) return platform;
  const { name, production, environment, path } = platform.value;
  return ok({ name, production, environment, path, trading: tradingSettings(platform.value) });
}
