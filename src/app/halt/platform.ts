import { ok, type Result } from "../../base/result.ts";
import type { PlatformFile } from "../context/platform-file.ts";
import type { World } from "../context/world.ts";
import type { Disks } from "./disks.ts";
import type { HaltFlags } from "./flags.ts";
import { keptFile } from "./kept-file.ts";
import { inTime, silentPlatform } from "./patience.ts";
import type { HaltPlatform } from "./under-way.ts";
import { refusal, type Refusal } from "../context/refusal.ts";

/** What the platform was read from: as long as all of it is the same, so is the platform. */
interface ReadFrom {
  readonly version: string;
  /** What is kept, as one version of the tool after the other may keep it. */
  readonly form: 4;
  readonly path: string;
  readonly env: string | undefined;
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

/**
 * The platform, as it was read the last time when its file has not changed by a byte: reading YAML takes as
 * long as all the rest that stands before the first request. `keep` is for the next time.
 */
export async function haltPlatform(
  world: World,
  flags: HaltFlags,
  file: PlatformFile,
  disks: Disks,
): Promise<Result<{ readonly platform: HaltPlatform; readonly keep: Keep | undefined }, Refusal>> {
  const from = readFrom(world, flags, file);
  const kept = readKept(await disks.kept(keptWithin), from);
  if (kept !== undefined && (await sameAuthority(world, kept)))
    return ok({ platform: kept, keep: undefined });
  const { loadHaltPlatform } = await import("./load-platform.ts");
  const { source } = file;
  // Whom it trusts may stand in a file of its own.
  const loaded = await inTime(world, source.path, loadHaltPlatform(world, flags, source));
  if (loaded === undefined) return refusal(silentPlatform(source.path), "configuration");
  if (!loaded.ok) return loaded;
  const platform = loaded.value;
  const text = `${JSON.stringify({ ...from, platform })}\n`;
  return ok({ platform, keep: { file: keptFile(world, flags, file.source.path), text } });
}

function readFrom(world: World, flags: HaltFlags, { source, stat }: PlatformFile): ReadFrom {
  const { dev, ino, uid, gid, mode } = stat;
  const { path, text } = source;
  const file = [dev, ino, uid, gid, mode].join(" ");
  return {
    version: world.version,
    form: 4,
    path,
    env: flags.env,
    text,
    file,
  };
}

function readKept(text: string | undefined, from: ReadFrom): HaltPlatform | undefined {
  if (text === undefined) return undefined;
  try {
    const kept = JSON.parse(text) as Kept;
    const same = (["version", "form", "path", "env", "text", "file"] as const).every(
      (key) => kept[key] === from[key],
    );
    return same ? kept.platform : undefined;
  } catch {
    // Half of one: the file itself is read.
    return undefined;
  }
}

/** Whom to trust stands in a file of its own, which may have changed while the platform file has not. */
async function sameAuthority(world: World, { authority, ca }: HaltPlatform): Promise<boolean> {
  if (authority === undefined) return ca === undefined;
  const { readAuthority } = await import("../context/authority.ts");
  const read = await inTime(world, authority, readAuthority(world, authority, "refuse"));
  return read?.ok === true && read.value === ca;
}
