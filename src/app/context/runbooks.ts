import { access, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { didYouMean } from "../../base/suggest.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { World } from "./world.ts";
import { configFolder } from "./xdg.ts";
import { refusal, type Refusal } from "./refusal.ts";

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
  return refusal(`no runbook named ${given}${didYouMean(given, files.keys())}; lav-ir list shows all`);
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
    ? fail(`no runbook named ${name} to include${didYouMean(name, files.keys())}`)
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
