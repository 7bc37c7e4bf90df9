// Bundles the program into dist/: one small entry, and a chunk for whatever is loaded on first use, each
// with its compiled code beside it. A build that stands there is whole until the new one is: it may be in use,
// and another build may be under way.
//
//   src/**/*.ts --esbuild--> ES modules, split --commonJs()--> dist/main.js, dist/chunks/ --compile.mjs--> dist/code/
//
// Two steps, because esbuild splits ES modules alone, and V8 takes compiled code for scripts alone. On the second a
// chunk is rewritten:
// - `import.meta.url` becomes a constant made of `__filename`: a script has no `import.meta`.
// - `import(…)` becomes a promise of a `require` (`supported`): bin/load.js gives a script no way to import.
// - What a chunk imports is loaded by its first use (`onFirstUse`), Node's own modules too: of the seventy files that a
//   dry run imports it uses forty.
// - A chunk that is a whole CommonJS package, loaded by `import(…)`, gets its names beside its default (`byName`), as
//   Node gives them; without that `const { Client } = await import("pg")` is undefined.
//
// Names are left as they are, and a name that two files of a chunk have gets a number behind it. esbuild's `keepNames`
// would put that right by a call for every function each time one is made: a tenth of a start. Where the program tells
// errors apart by their class's name, a test holds that the class has it here (test/tools/build.test.ts).
//
// What must not be broken:
// - Compiled code is known by the length of its source and by V8's version. Another build's code beside a source of the
//   same length would be taken, and run: it is removed before the first file is written.
// - Each file is written under another name and renamed, and the entry last: who starts the program meanwhile gets the
//   old one or the new one.
// - A file is as old as the build's beginning: tools/built.ts and tools/bootstrap.mjs build again by these times.
// docs/decisions/0006-compiled-code-beside-the-program.md says why any of this is worth it.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { commitOf } from "./commit.mjs";
import { noticesOf } from "./notices.mjs";

const started = new Date();
const root = new URL("../", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const outdir = fileURLToPath(new URL("dist", root));
const common = {
  minifySyntax: true,
  minifyWhitespace: true,
  platform: "node",
  target: "node20.19",
  logLevel: "warning",
};
/** A CommonJS package that is imported has its names beside its default, as it has in Node; bytes have none. */
const byName = `
const lavWhole = module.exports.default;
for (const name of ArrayBuffer.isView(lavWhole) ? [] : Object.keys(lavWhole)) {
  if (name !== "default") Object.defineProperty(module.exports, name, { enumerable: true, get: () => lavWhole[name] });
}`;
/** Folders of which most commands need nothing, or one: the files of each make chunks of their own. */
const apart = [...foldersIn("src/kinds"), "src/trading/kinds"];
const whole = await build({
  ...common,
  entryPoints: {
    main: fileURLToPath(new URL("src/cli/main.ts", root)),
    ...Object.fromEntries(apart.map((folder) => [`apart/${folder}`, `${folder}/`])),
    "apart/chalk": "chalk",
  },
  plugins: [
    { name: "apart", setup: readsFolders },
    { name: "no HTTP/2", setup: withoutHttp2 },
    { name: "no programs for commands", setup: withoutPrograms },
  ],
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  write: false,
  metafile: true,
  chunkNames: "chunks/[name]-[hash]",
  define: {
    LAV_IR_VERSION: JSON.stringify(version),
    LAV_IR_COMMIT: JSON.stringify(commitOf(root)),
    // pg asks by it whether this is Node at all, and Node 20 loads an HTTP client of its own to give it.
    Response: "undefined",
  },
  external: ["pg-native"],
});
// Compiled code is known by the length of its source alone: none of another build's may be left.
rmSync(join(outdir, "code"), { recursive: true, force: true });
// Of a folder that is apart only its chunks are wanted, which the program imports; not what imports all of them.
const outputFiles = whole.outputFiles.filter(({ path }) => !path.startsWith(join(outdir, "apart/")));
const main = join(outdir, "main.js");
// The entry last: what it loads is there before it.
for (const { path, text } of outputFiles.toSorted(
  (a, b) => Number(a.path === main) - Number(b.path === main),
)) {
  mkdirSync(dirname(path), { recursive: true });
  const half = `${path}.${process.pid}`;
  writeFileSync(half, await commonJs(text));
  // As old as what was read: a source that was changed meanwhile is newer.
  utimesSync(half, started, started);
  renameSync(half, path);
}
writeFileSync(join(outdir, "NOTICES.txt"), noticesOf(bundledInto(whole.metafile), fileURLToPath(root)));
const built = new Set(["NOTICES.txt", ...outputFiles.map(({ path }) => basename(path))]);
for (const folder of [outdir, join(outdir, "chunks")]) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    // What another build is about to rename stays; what a killed one left goes.
    const [, builder] = /\.js\.(\d+)$/.exec(entry.name) ?? [];
    if (entry.isFile() && !built.has(entry.name) && !existsSync(`/proc/${builder ?? 0}`)) {
      rmSync(join(folder, entry.name), { force: true });
    }
  }
}
// Nothing of the builder's own settings: a platform file named in the environment is not the build's.
const compiled = spawnSync(process.execPath, [fileURLToPath(new URL("compile.mjs", import.meta.url))], {
  cwd: fileURLToPath(root),
  env: {},
  encoding: "utf8",
});
if (compiled.status !== 0) {
  // It works without, slower; test/tools/build.test.ts is red then.
  process.stderr.write(`${compiled.stdout}${compiled.stderr}built, but without its compiled code\n`);
}

function foldersIn(folder) {
  const entries = readdirSync(new URL(folder, root), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
}

/** A path that ends in a slash is a file that imports all files of that folder: esbuild makes chunks by who reaches what. */
function readsFolders({ onResolve, onLoad }) {
  onResolve({ filter: /\/$/ }, ({ path }) => ({
    path: fileURLToPath(new URL(path, root)),
    namespace: "folder",
  }));
  onLoad({ filter: /./, namespace: "folder" }, ({ path }) => {
    const files = readdirSync(path).filter((name) => name.endsWith(".ts"));
    return { contents: files.map((name) => `import "./${name}";`).join("\n"), resolveDir: path };
  });
}

/** The HTTP client offers HTTP/1.1 alone (drivers/http/connection.ts): Node's http2 would be loaded for nothing. */
function withoutHttp2({ onLoad }) {
  const contents = `module.exports = () => { throw new Error("HTTP/2 was not offered"); };`;
  onLoad({ filter: /undici\/lib\/dispatcher\/client-h2\.js$/ }, () => ({ contents }));
}

/** Commander can make a program of each command, which ours are not: what starts one is loaded where it would be. */
function withoutPrograms({ onLoad }) {
  onLoad({ filter: /commander\/lib\/command\.js$/ }, ({ path }) => {
    const before = readFileSync(path, "utf8");
    const loads = "const childProcess = require('node:child_process');";
    if (!before.includes(loads)) throw new Error(`${path} does not say ${loads}`);
    return {
      contents: before.replace(loads, "").replaceAll(/\bchildProcess\./g, "require('node:child_process')."),
    };
  });
}

/** The files of which something is in the program: what was read and left out entirely needs no notice. */
function bundledInto({ outputs }) {
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return parts.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
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
  return before + onFirstUse(code) + after;
}

/**
 * What a chunk imports is loaded when the first of its names is used: most commands use few of a chunk's imports. First
 * the files, and then what is made of a CommonJS package in one of them.
 */
function onFirstUse(code) {
  const files = called(code, /require\(("[^"]+")\)/, (file) => `require.lazy(${file})`);
  const whole = String.raw`\(0,import_\w+\(\)\.__toESM\)\((?:\(0,import_\w+\(\)\.\w+\)|require_\w+)\(\),1\)`;
  return called(files, new RegExp(`(${whole})`), (made) => `require.once(()=>${made})`);
}

/** Makes a function of each import that has this value, and calls of the places where one of its names is used. */
function called(code, value, lazily) {
  const imported = new Set();
  const lazy = code.replaceAll(
    new RegExp(`(?<=[ ,])(import_\\w+)=${value.source}(?=[,;\\n])`, "g"),
    (_all, name, of) => {
      imported.add(name);
      return `${name}=${lazily(of)}`;
    },
  );
  // What is made by `new` is named in brackets: `new f().C` would make an f.
  const uses = /\b(new )?(import_\w+)((?:\.\w+)+)?/g;
  return lazy.replaceAll(uses, (all, made, name, path, at) => {
    if (!imported.has(name) || lazy[at + all.length] === "=") return all;
    if (path === undefined) throw new Error(`${name} is used as a whole`);
    return made === undefined ? `${name}()${path}` : `new (${name}()${path})`;
  });
}
