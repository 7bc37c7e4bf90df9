import { dirname, isAbsolute, join } from "node:path";
import type { Stats } from "node:fs";
import { shellLiteral } from "../../base/quote.ts";
import { ok, type Result } from "../../base/result.ts";
import { printable } from "../../base/printable.ts";
import { readSourceFile, type Source } from "../../language/source.ts";
import { platformPath, type NoPlatformFile } from "./platform-path.ts";
import { lookAtFile, type Distrust } from "./trusted-file.ts";
import type { GlobalOptions, World } from "./world.ts";
import { configFolder } from "./xdg.ts";
import { refusal, type Refusal } from "./refusal.ts";

/** What the platform file is read for. */
export interface PlatformUse {
  /** As it is typed, for messages: `halt-all`. */
  readonly command: string;
  /** What a file that somebody else could change leads to; only what contacts nobody may go on. */
  readonly untrusted: "refuse" | "warn";
  /** false: the platform is not contacted, and what its servers ask for is not read. */
  readonly connects?: false;
}

export interface PlatformFile {
  readonly type: "file";
  readonly source: Source;
  /** Of the very file that was read. */
  readonly stat: Stats;
}

/**
 * Reads the platform file. It says where the emergency token goes and who may be a second person: one that
 * somebody else could change is refused.
 */
export async function readPlatformFile(
  world: World,
  options: GlobalOptions,
  use: PlatformUse,
): Promise<Result<PlatformFile | NoPlatformFile, Refusal>> {
  const place = await platformPath(world, options);
  if (place.type === "none") return ok(place);
  if (place.type === "unnamed") return refusal("--config needs a file");
  const { path } = place;
  const read = await readSourceFile(path);
  if (!read.ok) return refusal(`cannot read the platform file: ${read.failure}`, "configuration");
  const distrust = await distrustOf(world, path, read.value.stat);
  if (distrust !== undefined) {
    const { why, mend } = distrust;
    const what = `the platform file ${path}`;
    if (use.untrusted === "refuse")
      return refusal(
        `${what} is refused: ${why}\nread it first, in case somebody changed it; then: ${mend}`,
        "configuration",
      );
    world.stderr.write(`${printable(`warning: ${what} would be refused: ${why}; ${mend}`)}\n`);
  }
  return ok({ type: "file", ...read.value });
}

/** Why a file that was read is not to be trusted, where it is not. */
export async function distrustOf(world: World, path: string, read: Stats): Promise<Distrust | undefined> {
  // A system without owners of files.
  if (world.identity === undefined) return undefined;
  // Not normalised: what `..` means depends on the links before it.
  const looked = await lookAtFile(isAbsolute(path) ? path : `${world.cwd}/${path}`, world.identity);
  if (!looked.trusted) return looked.distrust;
  const { dev, ino } = looked.stat;
  if (dev === read.dev && ino === read.ino) return undefined;
  return { why: `${path} was replaced while lav-ir read it`, mend: `ls -l ${shellLiteral(path)}` };
}

/** Why a command that needs a platform file does nothing, and what to do. */
export function noPlatformFile(
  world: World,
  { looked, example }: NoPlatformFile,
  { command }: Pick<PlatformUse, "command">,
): string {
  const own = join(configFolder(world.env), "platform.yaml");
  const copy = `mkdir -p ${shellLiteral(dirname(own))} && cp ${shellLiteral(example)} ${shellLiteral(own)}`;
  return [
    `no platform file; looked in ${looked.join(", ")}`,
    `${command} needs one: pass --config FILE, set LAV_IR_CONFIG, begin one with lav-ir init, or copy the example and put your own addresses in it:`,
    `  ${copy}`,
  ].join("\n");
}
