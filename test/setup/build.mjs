// Bundles the program into dist/: one small entry, and a chunk for whatever is loaded on first use, each
// with its compiled code beside it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const root = new URL("../../", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const outdir = fileURLToPath(new URL("dist", root));
const common = {
  minifySyntax: true,
  minifyWhitespace: true,
  platform: "node",
  target: "node20.19",
  logLevel: "warning",
};
/** A CommonJS package that is imported has its names beside its default, as it has in Node. */
const byName = `
const lavWhole = module.exports.default;
for (const name of Object.keys(lavWhole)) {
  if (name !== "default") Object.defineProperty(module.exports, name, { enumerable: true, get: () => lavWhole[name] });
}`;
const { outputFiles } = await build({
  ...common,
  entryPoints: { main: fileURLToPath(new URL("src/cli/main.ts", root)) },
  outdir,
  bundle: true,
  splitting: true,
  keepNames: true,
  format: "esm",
  write: false,
  chunkNames: "chunks/[name]-[hash]",
  define: { LAV_IR_VERSION: JSON.stringify(version) },
  external: ["pg-native"],
});
rmSync(outdir, { recursive: true, force: true });
const main = join(outdir, "main.js");
// The entry last: while it is missing the program is not built.
for (const { path, text } of outputFiles.toSorted(
  (a, b) => Number(a.path === main) - Number(b.path === main),
)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await commonJs(text));
}
// Nothing of the builder's own settings: a platform file named in the environment is not the build's.
const compiled = spawnSync(process.execPath, [fileURLToPath(new URL("compile.mjs", import.meta.url))], {
  cwd: fileURLToPath(root),
  env: {},
  encoding: "utf8",
});
if (compiled.status !== 0) {
  // It works without, and whatever is wrong with it the tests say better.
  process.stderr.write(`${compiled.stdout}${compiled.stderr}built, but without its compiled code\n`);
}

/** Only ES modules can be split, and only scripts can be loaded with compiled code: so one, then the other. */
async function commonJs(text) {
  const { code } = await transform(text, {
    ...common,
    format: "cjs",
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "lavFileUrl" },
  });
  const before = code.includes("lavFileUrl")
    ? 'const lavFileUrl = require("node:url").pathToFileURL(__filename).href;'
    : "";
  const after = /export default require_\w+\(\);\s*$/.test(text) ? byName : "";
  return before + code + after;
}
