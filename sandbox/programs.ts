import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { stateFolder } from "../tools/places.ts";
import { serviceNames } from "./services.ts";

/**
 * Bundles the platform's programs, and the edge, for their containers: their libraries within.
 * @returns the folder
 */
export async function bundlePrograms(): Promise<string> {
  const folder = stateFolder("platform");
  const work = stateFolder(`platform-${process.pid}`);
  const names = [...serviceNames, "edge"];
  await build({
    entryPoints: Object.fromEntries(names.map((name) => [name, sourceOf(name)])),
    outdir: work,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["pg-native"],
    banner: {
      js: 'import { createRequire as lavRequire } from "node:module"; const require = lavRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  // Renamed one by one: a program that runs keeps the file it was read from.
  for (const name of names) renameSync(join(work, `${name}.mjs`), join(folder, `${name}.mjs`));
  rmSync(work, { recursive: true, force: true });
  return folder;
}

function sourceOf(name: string): string {
  const folder = name === "edge" ? "" : "platform/";
  return fileURLToPath(new URL(`${folder}${name}.ts`, import.meta.url));
}
