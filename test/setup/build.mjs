// Bundles the program into dist/: one small entry, and a chunk for whatever is loaded on first use.
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const outdir = fileURLToPath(new URL("dist", root));
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { main: fileURLToPath(new URL("src/cli/main.ts", root)) },
  outdir,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  chunkNames: "chunks/[name]-[hash]",
  define: { LAV_IR_VERSION: JSON.stringify(version) },
  external: ["pg-native"],
  // CommonJS packages inside an ES module still ask for Node's own modules with require.
  banner: {
    js: 'import { createRequire as lavCreateRequire } from "node:module"; const require = lavCreateRequire(import.meta.url);',
  },
  logLevel: "warning",
});
