import { ok, type Result } from "../../base/result.ts";
import type { Source } from "../../language/source.ts";
import { tradingSettings } from "../wiring/ports.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { askedIn } from "./doors.ts";
import type { HaltPlatform } from "./under-way.ts";
import { platformOf } from "../context/platform.ts";
import type { Refusal } from "../context/refusal.ts";

/** The platform from its file, without what it says of incidents. */
export async function loadHaltPlatform(
  world: World,
  options: GlobalOptions,
  source: Source,
): Promise<Result<HaltPlatform, Refusal>> {
  const platform = await platformOf(world, options, source, { untrusted: "refuse" }, "halt");
  if (!platform.ok) return platform;
  const { name, production, environment, path, docker, tls } = platform.value;
  const authority = tls?.file;
  const { http: _read, ...trading } = tradingSettings(platform.value);
  const asked = askedIn(platform.value);
  return ok({ name, production, environment, path, authority, ca: tls?.ca, asked, docker, trading });
}
