import { access, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { didYouMean } from "../../base/suggest.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Source } from "../../language/source.ts";
import { platformProblem, readPlatform } from "../../platform/load.ts";
import { readAuthority } from "./authority.ts";
import { noPlatformFile, readPlatformFile, type PlatformUse } from "./platform-file.ts";
import type { NoPlatformFile } from "./platform-path.ts";
import { refusal, refusalFor, type GlobalOptions, type Refusal, type World } from "./world.ts";
import { configFolder } from "./xdg.ts";

/** Folders that hold runbooks, the nearest first. A name found in two is the nearer one's. */
export function runbookFolders(world: World): readonly string[] {
  return [join(world.cwd, "runbooks"), join(configFolder(world.env), "runbooks"), world.shipped];
}

export const notRunbooks = new Set(["platform.yaml"]);

/** Every runbook's name with its path, the nearest of each name. */
export async function runbookFiles(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const file of names.toSorted((a, b) => (a < b ? -1 : 1))) {
      if (!/\.ya?ml$/.test(file) || notRunbooks.has(file)) continue;
      const name = file.replace(/\.ya?ml$/, "");
      if (!found.has(name)) found.set(name, join(folder, file));
    }
  }
  return found;
}

/** The path of a runbook given by name, or by path. */
export async function locateRunbook(world: World, given: string): Promise<Result<string, Refusal>> {
  if (given.includes("/") || /\.ya?ml$/.test(given)) return ok(given);
  const files = await runbookFiles(runbookFolders(world));
  const path = files.get(given);
  if (path !== undefined) return ok(shorten(world, path));
  return refusal(
    `there is no runbook ${given}${didYouMean(given, files.keys())}; lav-ir list shows them all`,
  );
}

/** An `include` is looked for beside the file that names it, then where runbooks are. */
export async function locateInclude(
  world: World,
  name: string,
  from: string,
): Promise<Result<string, string>> {
  const beside = join(dirname(from), /\.ya?ml$/.test(name) ? name : `${name}.yaml`);
  if (await exists(beside)) return ok(beside);
  const files = await runbookFiles(runbookFolders(world));
  const path = files.get(basename(name).replace(/\.ya?ml$/, ""));
  return path === undefined
    ? fail(`there is no runbook ${name} to include${didYouMean(name, files.keys())}`)
    : ok(shorten(world, path));
}

/** A path below the working folder reads better without it. */
export function shorten(world: World, path: string): string {
  return path.startsWith(`${world.cwd}/`) ? path.slice(world.cwd.length + 1) : path;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Finds and reads the platform file: the one named, else the nearest. */
export async function loadPlatform(
  world: World,
  options: GlobalOptions,
  use: PlatformUse,
): Promise<Result<Platform, Refusal>> {
  const platform = await loadPlatformIfAny(world, options, use);
  if (!platform.ok) return platform;
  return platform.value.type === "platform"
    ? ok(platform.value.platform)
    : refusal(noPlatformFile(world, platform.value, use));
}

/** The same for a command that does without one. */
export async function loadPlatformIfAny(
  world: World,
  options: GlobalOptions,
  use: PlatformUse,
): Promise<Result<{ readonly type: "platform"; readonly platform: Platform } | NoPlatformFile, Refusal>> {
  const file = await readPlatformFile(world, options, use);
  if (!file.ok || file.value.type === "none") return file as Result<NoPlatformFile, Refusal>;
  const platform = await platformOf(world, options, file.value.source, use);
  return platform.ok ? ok({ type: "platform", platform: platform.value }) : platform;
}

/** The platform that a file's text describes; whom it trusts is in a file of its own, and is not read. */
export function platformIn(world: World, options: GlobalOptions, source: Source): Result<Platform, Refusal> {
  const read = readPlatform(source, options.env, overrides(world));
  return read.ok ? read : refusalFor(read.failure);
}

/** The platform that a file's text describes, with the certificates it trusts. */
export async function platformOf(
  world: World,
  options: GlobalOptions,
  source: Source,
  { untrusted }: Pick<PlatformUse, "untrusted">,
): Promise<Result<Platform, Refusal>> {
  const platform = platformIn(world, options, source);
  const file = platform.ok ? platform.value.tls?.file : undefined;
  if (!platform.ok || file === undefined) return platform;
  const ca = await readAuthority(world, file, untrusted);
  if (!ca.ok) return refusalFor(platformProblem(source, options.env, ["tls", "ca"], ca.failure));
  return ok({ ...platform.value, tls: { file, ca: ca.value } });
}

/** Addresses that the environment sets go before the platform file; a blank one counts as not set. */
function overrides(world: World): Readonly<Record<string, string>> {
  const names = ["DATABASE_URL", "DATABASE_ADMIN_URL", "KAFKA_BROKERS", "REDIS_URL", "DOCKER_HOST"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = world.env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}
