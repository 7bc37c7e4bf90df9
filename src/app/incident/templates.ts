import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { didYouMean, nearest } from "../../base/suggest.ts";
import { readTemplate, type Template } from "../../incident/templates/template.ts";
import { readSource } from "../../language/source.ts";
import type { Platform } from "../../platform/platform.ts";
import { refusal, refusalFor, type Refusal } from "../context/refusal.ts";
import { runbookFolders, shorten } from "../context/runbooks.ts";
import type { World } from "../context/world.ts";

export interface NamedTemplate {
  readonly name: string;
  readonly path: string;
  readonly template: Template;
}

/**
 * A template by its path, or by its name: the file that the platform file names for it, else the nearest of that
 * name. One with a problem is refused with its place.
 */
export async function loadTemplate(
  world: World,
  given: string,
  platform?: Platform,
): Promise<Result<NamedTemplate, Refusal>> {
  const path = await pathOf(world, given, platform);
  if (!path.ok) return path;
  const absolute = resolve(world.cwd, path.value);
  const source = await readSource(absolute);
  if (!source.ok) return refusal(source.failure.replace(absolute, path.value));
  const named = { ...source.value, path: path.value };
  const { template, problems } = readTemplate(named.text);
  if (problems.length > 0) return refusalFor(problems.map((one) => ({ ...one, source: named })));
  return ok({ name: given, path: path.value, template });
}

/** Where the file is that the platform file names; a relative path is one beside the platform file. */
export function ownPath(
  world: Pick<World, "cwd">,
  { path, incident }: Pick<Platform, "path" | "incident">,
  name: string,
): string | undefined {
  const { templates } = incident;
  const file = Object.hasOwn(templates, name) ? templates[name] : undefined;
  return file === undefined ? undefined : resolve(world.cwd, dirname(path), file);
}

async function pathOf(
  world: World,
  given: string,
  platform: Platform | undefined,
): Promise<Result<string, Refusal>> {
  const own = platform === undefined ? undefined : ownPath(world, platform, given);
  if (own !== undefined) return ok(shorten(world, own));
  if (given.includes("/") || given.endsWith(".txt")) return ok(given);
  const files = await templateFiles(world);
  const path = files.get(given);
  if (path !== undefined) return ok(shorten(world, path));
  const hint = didYouMean(given, files.keys()) || ` (templates: ${[...files.keys()].join(", ")})`;
  return refusal(`unknown template ${given}${hint}`);
}

/** Every template's name with its path, the nearest of each name. */
async function templateFiles(world: World): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of runbookFolders(world).map((one) => join(one, "templates"))) {
    const names = await readdir(folder).catch(() => []);
    for (const file of names.toSorted((a, b) => (a < b ? -1 : 1))) {
      const name = file.replace(/\.txt$/, "");
      if (name !== file && !found.has(name)) found.set(name, join(folder, file));
    }
  }
  return found;
}

/**
 * What is wrong with the templates that a platform file names: a file that cannot be used, and a name that is nearly
 * that of a template, for which the built-in text would be sent.
 */
export async function ownTemplateProblems(
  world: World,
  platform: Platform,
): Promise<readonly { readonly path: string; readonly refusal: Refusal }[]> {
  const known = [...(await templateFiles(world)).keys()];
  const names = Object.keys(platform.incident.templates);
  const all = await Promise.all(
    names.map(async (name) => {
      const here = `${platform.path}: templates.${name}`;
      const near = known.includes(name) ? undefined : nearest(name, known);
      if (near !== undefined)
        return { path: platform.path, read: refusal(`${here}: unknown template (did you mean ${near}?)`) };
      const path = shorten(world, ownPath(world, platform, name) ?? "");
      const read = await loadTemplate(world, name, platform);
      if (read.ok || read.failure.diagnostics !== undefined) return { path, read };
      return { path: platform.path, read: refusal(`${here}: ${read.failure.message}`) };
    }),
  );
  return all.flatMap(({ path, read }) => (read.ok ? [] : [{ path, refusal: read.failure }]));
}
