import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/** The platform's programs, and the port each listens on unless `PORT` says otherwise. */
export const programs = {
  "market-sentinel": 3001,
  executioner: 3003,
  venues: 3010,
} as const;
export type ProgramName = keyof typeof programs;

/** Bundles every program, its libraries within, into `<folder>/<program>.mjs`: Node alone runs it. */
export async function bundlePlatform(folder: string): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(
      Object.keys(programs).map((name) => [name, fileURLToPath(new URL(`${name}.ts`, import.meta.url))]),
    ),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minifySyntax: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["pg-native"],
    // CommonJS packages inside an ES module still ask for Node's own modules with require.
    banner: {
      js: 'import { createRequire as lavRequire } from "node:module"; const require = lavRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
}
