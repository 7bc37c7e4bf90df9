// Node 20 cannot run TypeScript: a program of the tests is bundled first, its packages left outside. A bundle lies in
// another folder than its sources, so `import.meta.url` is replaced in each file by the source's own address: a program
// goes on finding what lies beside it. Goes with Node 20 (docs/decisions/0007-node-20-as-the-oldest.md).
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** @returns the bundle's path, under .stack/bin, where node_modules is still found */
export async function bundle(source, root) {
  const outfile = join(root, ".stack", "bin", `${basename(source, ".ts")}.mjs`);
  await build({
    entryPoints: [join(root, source)],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    sourcemap: "inline",
    logLevel: "warning",
    plugins: [{ name: "source address", setup: keepAddress }],
  });
  return outfile;
}

/** A bundled file still finds what lies beside its source: all of them, for packages are left outside. */
function keepAddress({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, async ({ path }) => {
    const text = await readFile(path, "utf8");
    const contents = text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
    return { contents, loader: "ts" };
  });
}
