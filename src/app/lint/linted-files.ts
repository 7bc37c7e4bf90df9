import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { readSource, type Source } from "../../language/source.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { notRunbooks } from "../context/runbooks.ts";
import type { LintedFile } from "./check.ts";

/**
 * The files that `lint` checks: those named, a platform file among them, and of a folder its runbooks and templates.
 * In the folders below it, where other tools keep YAML too, a runbook is what begins with `runbook:`.
 * @param given what is on standard input, by the name that it has among the paths
 */
export async function lintedFiles(
  paths: readonly string[],
  given: ReadonlyMap<string, Source> = new Map(),
): Promise<Result<readonly LintedFile[], Refusal>> {
  const files: LintedFile[] = [];
  for (const path of paths) {
    const text = given.get(path);
    if (text !== undefined) {
      files.push({ path: text.path, kind: kindOf(text), source: text });
      continue;
    }
    const found = await stat(path).catch(() => undefined);
    if (found === undefined)
      return refusal(`${path} does not exist${path === "runbooks" ? "; lav-ir init begins one" : ""}`);
    if (!found.isDirectory()) {
      files.push(await namedFile(path));
      continue;
    }
    const inside = await filesIn(path, 0);
    if (!inside.ok) return inside;
    files.push(...inside.value.map((file): LintedFile => ({ path: file, kind: kindByName(file) })));
  }
  return files.length > 0 ? ok(files) : refusal(`no runbook in ${paths.join(", ")}`);
}

async function namedFile(path: string): Promise<LintedFile> {
  const kind = kindByName(path);
  const source = kind === "template" ? undefined : await readSource(path);
  return source?.ok === true ? { path, kind: kindOf(source.value), source: source.value } : { path, kind };
}

function kindByName(path: string): "template" | "runbook" {
  return path.endsWith(".txt") ? "template" : "runbook";
}

/** A platform file is what names a platform, and no runbook. */
function kindOf({ text }: Source): "platform" | "runbook" {
  return /^platform:/m.test(text) && !begins.test(text) ? "platform" : "runbook";
}

/** Deeper than anybody keeps runbooks. */
const deepest = 8;
/** Bytes: no runbook has more, and other tools' files do. */
const largest = 256 * 1024;
const begins = /^runbook:/m;

async function filesIn(folder: string, depth: number): Promise<Result<readonly string[], Refusal>> {
  const read = await readdir(folder, { withFileTypes: true }).then(ok, (error: unknown) =>
    // What was not looked at is not said to be in order.
    refusal(`${folder} cannot be listed: ${error instanceof Error ? error.message : String(error)}`),
  );
  if (!read.ok) return read;
  const entries = read.value;
  const inOrder = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of inOrder) if (await isLinted(entry, folder, depth)) files.push(join(folder, entry.name));
  if (depth === deepest) return ok(files);
  for (const entry of inOrder) {
    if (!entry.isDirectory() || entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const below = await filesIn(join(folder, entry.name), depth + 1);
    if (!below.ok) return below;
    files.push(...below.value);
  }
  return ok(files);
}

async function isLinted(entry: Dirent, folder: string, depth: number): Promise<boolean> {
  const { name } = entry;
  if (name.endsWith(".txt")) return basename(folder) === "templates";
  if (!/\.ya?ml$/.test(name) || notRunbooks.has(name)) return false;
  if (depth === 0) return true;
  // A link leads elsewhere, and what is no regular file may never end.
  if (!entry.isFile()) return false;
  const path = join(folder, name);
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size > largest) return false;
  const source = await readSource(path);
  // Why it cannot be read is said with the others' problems.
  return !source.ok || begins.test(source.value.text);
}
