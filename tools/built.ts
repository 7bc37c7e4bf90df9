import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./places.ts";

/** Before the unit project: the program that its tests run is the one whose source stands here. */
export default async function setup(): Promise<void> {
  const sources = ["src", "package.json", "bin/load.js", "tools/build.mjs", "tools/compile.mjs"].map((path) =>
    newest(join(root, path)),
  );
  if (Math.max(...sources) <= newest(join(root, "dist", "main.js"))) return;
  await promisify(execFile)(process.execPath, [join(root, "tools/build.mjs")]);
}

/** Newest change under a path, in milliseconds; 0 when nothing is there. */
function newest(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((entry) => newest(join(path, entry))));
}
