import { closeSync, readSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { didYouMean } from "../../base/suggest.ts";
import { longestTemplate, readTemplate, type Template } from "../../incident/templates/template.ts";
import { openPlain } from "../context/open-file.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { runbookFolders, shorten } from "../context/runbooks.ts";
import type { World } from "../context/world.ts";

export interface NamedTemplate {
  readonly name: string;
  readonly path: string;
  readonly template: Template;
}

/** A template by its name, the nearest of that name, or by its path; one with a problem is refused with its place. */
export async function loadTemplate(world: World, given: string): Promise<Result<NamedTemplate, Refusal>> {
  const path = await pathOf(world, given);
  if (!path.ok) return path;
  const text = textAt(path.value);
  if (!text.ok) return refusal(`${path.value}: ${text.failure}`);
  const { template, problems } = readTemplate(text.value);
  const says = problems.map(({ line, column, message }) => `${path.value}:${line}:${column}: ${message}`);
  return problems.length > 0 ? refusal(says.join("\n")) : ok({ name: given, path: path.value, template });
}

async function pathOf(world: World, given: string): Promise<Result<string, Refusal>> {
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

/** One byte more than a template may have is read, so that a longer one shows. */
function textAt(path: string): Result<string, string> {
  const opened = openPlain(path, { links: "follow" });
  if (!opened.ok) return opened;
  const { fd } = opened.value;
  try {
    const bytes = Buffer.alloc(longestTemplate + 1);
    let length = 0;
    for (;;) {
      const more = readSync(fd, bytes, length, bytes.length - length, null);
      length += more;
      if (more === 0 || length === bytes.length) return ok(bytes.toString("utf8", 0, length));
    }
  } finally {
    closeSync(fd);
  }
}
