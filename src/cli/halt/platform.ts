import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import type { TradingSettings } from "../../drivers/trading.ts";
import { noPlatformFile, readPlatformFile, type PlatformFile } from "../platform-file.ts";
import { refusal, stateFolder, type Refusal, type World } from "../world.ts";
import type { HaltFlags } from "./flags.ts";

/** What a halt needs of the platform. */
export interface HaltPlatform {
  readonly name: string;
  readonly production: boolean;
  readonly environment: string | undefined;
  readonly path: string;
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

/**
 * The platform, as it was read the last time when its file has not changed by a byte: reading YAML takes as
 * long as all the rest that stands before the first request. `keep` remembers it for the next time.
 */
export async function haltPlatform(
  world: World,
  flags: HaltFlags,
): Promise<Result<{ readonly platform: HaltPlatform; readonly keep: () => void }, Refusal>> {
  const use = { command: "halt-all", untrusted: "refuse" } as const;
  const found = await readPlatformFile(world, flags, use);
  if (!found.ok) return found;
  if (found.value.type === "none") return refusal(noPlatformFile(world, found.value, use));
  const { path } = found.value.source;
  const name = encodeURIComponent(resolve(world.cwd, path)).slice(-150);
  const file = join(stateFolder(world, flags), "platforms", `${name}.json`);
  const from = readFrom(world, flags, found.value);
  const kept = readKept(file, from);
  if (kept !== undefined) return ok({ platform: kept, keep: () => {} });
  const { loadHaltPlatform } = await import("./load-platform.ts");
  const loaded = await loadHaltPlatform(world, { ...flags, config: path });
  if (!loaded.ok) return loaded;
  const platform = loaded.value;
  return ok({ platform, keep: () => write(file, { ...from, platform }) });
}

function readFrom(world: World, flags: HaltFlags, { source, stat }: PlatformFile): ReadFrom {
  const { dev, ino, uid, gid, mode } = stat;
  const { path, text } = source;
  const file = [dev, ino, uid, gid, mode].join(" ");
  return { version: world.version, path, env: flags.env, dockerHost: world.env["DOCKER_HOST"], text, file };
}

function readKept(file: string, from: ReadFrom): HaltPlatform | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as Kept;
    const same = (["version", "path", "env", "dockerHost", "text", "file"] as const).every(
      (key) => kept[key] === from[key],
    );
    return same ? kept.platform : undefined;
  } catch {
    // None, or half of one: the file itself is read.
    return undefined;
  }
}

/** A disk that is full only makes the next halt slower. */
function write(file: string, kept: Kept): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.partial`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${file}.partial`, file);
  } catch {
    // Nothing is lost.
  }
}
