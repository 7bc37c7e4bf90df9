import { ok, type Result } from "../../base/result.ts";
import type { TradingSettings } from "../../drivers/trading.ts";
import type { Source } from "../../language/source.ts";
import { noPlatformFile, readPlatformFile, type PlatformFile } from "../platform-file.ts";
import { platformPlaces } from "../platform-path.ts";
import { refusal, type Refusal, type World } from "../world.ts";
import type { Disks } from "./disks.ts";
import type { HaltFlags } from "./flags.ts";
import { keptFile } from "./kept-file.ts";
import { inTime, silence } from "./patience.ts";

/** What a halt needs of the platform. */
export interface HaltPlatform {
  readonly name: string;
  readonly production: boolean;
  readonly environment: string | undefined;
  readonly path: string;
  /** The file that `trading.ca` was read from. */
  readonly authority: string | undefined;
  readonly trading: TradingSettings;
}

/** What the platform was read from: as long as all of it is the same, so is the platform. */
interface ReadFrom {
  readonly version: string;
  readonly path: string;
  readonly env: string | undefined;
  readonly dockerHost: string | undefined;
  readonly text: string;
  /** Which file it was, with its owner and mode: the same text elsewhere is another file. */
  readonly file: string;
}

interface Kept extends ReadFrom {
  readonly platform: HaltPlatform;
}

/** Milliseconds for which the disk of what was kept is waited for: reading the file itself takes longer. */
const keptWithin = 15;

/** What the next halt may find: the file to keep it in, and what to keep. */
export interface Keep {
  readonly file: string;
  readonly text: string;
}

/** @param places where it may be */
export function silentPlatform(places: readonly string[]): string {
  return `the platform file cannot be read from ${places.join(" or ")}: ${silence}; name a copy elsewhere with --config`;
}

export interface FoundPlatform {
  readonly platform: HaltPlatform;
  /** What it was read from: it is not read again. */
  readonly source: Source;
  readonly keep: Keep | undefined;
}

/**
 * The platform, as it was read the last time when its file has not changed by a byte: reading YAML takes as
 * long as all the rest that stands before the first request. `keep` is for the next time.
 */
export async function haltPlatform(
  world: World,
  flags: HaltFlags,
  disks: Disks,
): Promise<Result<FoundPlatform, Refusal>> {
  const use = { command: "halt-all", untrusted: "refuse" } as const;
  const places = flags.config === undefined ? platformPlaces(world) : [flags.config];
  const found = await inTime(world, places.join(" or "), readPlatformFile(world, flags, use));
  if (found === undefined) return refusal(silentPlatform(places));
  if (!found.ok) return found;
  if (found.value.type === "none") return refusal(noPlatformFile(world, found.value, use));
  const { source } = found.value;
  const { path } = source;
  const from = readFrom(world, flags, found.value);
  const kept = readKept(await disks.kept(path, keptWithin), from);
  if (kept !== undefined && (await sameAuthority(world, kept)))
    return ok({ platform: kept, source, keep: undefined });
  const { loadHaltPlatform } = await import("./load-platform.ts");
  // Whom it trusts may stand in a file of its own.
  const loaded = await inTime(world, path, loadHaltPlatform(world, flags, source));
  if (loaded === undefined) return refusal(silentPlatform(places));
  if (!loaded.ok) return loaded;
  const platform = loaded.value;
  return ok({
    platform,
    source,
    keep: { file: keptFile(world, flags, path), text: JSON.stringify({ ...from, platform }) },
  });
}

function readFrom(world: World, flags: HaltFlags, { source, stat }: PlatformFile): ReadFrom {
  const { dev, ino, uid, gid, mode } = stat;
  const { path, text } = source;
  const file = [dev, ino, uid, gid, mode].join(" ");
  return { version: world.version, path, env: flags.env, dockerHost: world.env["DOCKER_HOST"], text, file };
}

function readKept(text: string | undefined, from: ReadFrom): HaltPlatform | undefined {
  if (text === undefined) return undefined;
  try {
    const kept = JSON.parse(text) as Kept;
    const same = (["version", "path", "env", "dockerHost", "text", "file"] as const).every(
      (key) => kept[key] === from[key],
    );
    return same ? kept.platform : undefined;
  } catch {
    // Half of one: the file itself is read.
    return undefined;
  }
}

/** Whom to trust stands in a file of its own, which may have changed while the platform file has not. */
async function sameAuthority(world: World, { authority, trading }: HaltPlatform): Promise<boolean> {
  if (authority === undefined) return trading.ca === undefined;
  const { readAuthority } = await import("../authority.ts");
  const read = await inTime(world, authority, readAuthority(world, authority, "refuse"));
  return read?.ok === true && read.value === trading.ca;
}
