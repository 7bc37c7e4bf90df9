// Bundles the program into dist/: one small entry, and a chunk for whatever is loaded on first use.
import { readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const outdir = fileURLToPath(new URL("dist", root));
rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
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
  metafile: true,
});
checkLateImports(metafile);

/**
 * A CommonJS package that is loaded late arrives with nothing but its default export, whatever its types
 * say: taking another name from it would fail at three in the morning, and fails here instead.
 */
function checkLateImports({ outputs }) {
  const exportsOf = new Map(
    Object.entries(outputs).map(([path, { exports }]) => [path.split("/").at(-1), new Set(exports)]),
  );
  const late = [
    /\{([^{}]*)\}=await import\("[^"]*?([^/"]+)"\)/g,
    /\(await import\("[^"]*?([^/"]+)"\)\)\.(\w+)/g,
  ];
  const wrong = [];
  for (const path of Object.keys(outputs)) {
    const text = readFileSync(path, "utf8");
    for (const [, names, chunk] of text.matchAll(late[0])) {
      const taken = names.split(",").map((name) => name.split(":")[0].trim());
      for (const name of taken) check(path, name, chunk);
    }
    for (const [, chunk, name] of text.matchAll(late[1])) check(path, name, chunk);
  }
  if (wrong.length > 0) {
    process.stderr.write(`${wrong.join("\n")}\n`);
    process.exit(1);
  }

  function check(path, name, chunk) {
    const has = exportsOf.get(chunk);
    if (has === undefined || has.has(name)) return;
    wrong.push(
      `${path}: takes ${name} from ${chunk}, which exports only ${[...has].join(", ")}; import its default`,
    );
  }
}
