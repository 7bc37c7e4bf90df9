import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's own folder. */
export const root = fileURLToPath(new URL("../", import.meta.url)).replace(/\/$/, "");

/** State of what runs: gone after `down`. */
export function stateFolder(...path: readonly string[]): string {
  return made(join(root, ".stack", ...path));
}

/** Downloads and what was made from them: kept. */
export function cacheFolder(...path: readonly string[]): string {
  return made(join(root, ".cache", ...path));
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}
