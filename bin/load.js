"use strict";
const { readFileSync } = require("node:fs");
const { basename, dirname, join } = require("node:path");
const process = require("node:process");
const { Script } = require("node:vm");

/**
 * Where the compiled code of a built program is kept, for the V8 that made it: any other would refuse it.
 * @param {string} folder the program's own
 */
function codeFolder(folder) {
  return join(folder, "code", `${process.versions.v8}-${process.arch}`);
}

// Node's own `require` takes no compiled code. So this one reads a file, wraps it as Node does, and hands it to V8 with
// what tools/compile.mjs kept. It is a loader for the files that tools/build.mjs makes and for no others: a name that
// begins with a dot is a file beside this one, anything else is Node's.
//
// - Code that does not fit is refused by V8 itself and costs a start nothing but its speed. V8 looks at the length of the
//   source and not at its text: the build removes old code.
// - A module is known before it runs, and forgotten when it fails: two files may need each other.
// - `require.lazy` gives a function that loads when it is first called, `require.once` one that makes something. The
//   build writes them for what only gives names; a file does nothing to anybody else while it is loaded, so that it
//   does not matter when.
// - Compiled code is code. It is read from the program's own folder, and must never be read from a folder that somebody
//   else could write to.

/**
 * Loads the files of a built program. Compiling takes longer than all else there is to a start, so code
 * that was compiled with the build is used where there is any. It lies beside the program and nowhere
 * that another user may write to.
 * @param {string} folder the program's own
 * @returns {{ load(file: string): any, scripts: ReadonlyMap<string, Script> }} `scripts` by their files
 */
function createLoader(folder) {
  const compiled = codeFolder(folder);
  const modules = new Map();
  const scripts = new Map();

  const load = (file) => {
    const known = modules.get(file);
    if (known !== undefined) return known.exports;
    const text = readFileSync(file, "utf8");
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
      filename: file,
      cachedData: compiledCode(join(compiled, basename(file))),
    });
    const module = { exports: {} };
    // Before it runs: two files may need each other.
    modules.set(file, module);
    scripts.set(file, script);
    const beside = (name) => (name.startsWith(".") ? load(join(dirname(file), name)) : require(name));
    beside.lazy = (name) => once(() => beside(name));
    beside.once = once;
    try {
      script.runInThisContext()(module.exports, beside, module, file, dirname(file));
    } catch (error) {
      modules.delete(file);
      throw error;
    }
    return module.exports;
  };
  return { load, scripts };
}

/**
 * What is made when it is first asked for.
 * @template T
 * @param {() => T} make
 */
function once(make) {
  let made;
  return () => (made ??= make());
}

function compiledCode(file) {
  try {
    return readFileSync(file);
  } catch {
    // Built by another Node, or not at all: it is compiled now.
    return undefined;
  }
}

module.exports = { codeFolder, createLoader };
