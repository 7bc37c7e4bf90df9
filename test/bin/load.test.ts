import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Script } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

interface Loading {
  codeFolder(this: void, folder: string): string;
  createLoader(
    this: void,
    folder: string,
  ): {
    load(this: void, file: string): Readonly<Record<string, unknown>>;
    readonly scripts: ReadonlyMap<string, Script>;
  };
}
const { codeFolder, createLoader } = createRequire(import.meta.url)("../../bin/load.js") as Loading;

describe("loading a built program", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lav-ir-load-"));
    mkdirSync(join(folder, "chunks"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  test("files find each other, each runs once, and two may need each other", () => {
    const main = write(
      "main.js",
      'exports.a = require("./chunks/a.js"); exports.again = require("./chunks/a.js");',
    );
    write("chunks/a.js", 'exports.early = 1; exports.b = require("./b.js"); exports.late = 2;');
    write(
      "chunks/b.js",
      'exports.seen = { ...require("./a.js") }; exports.separator = require("node:path").sep;',
    );
    const { load } = createLoader(folder);
    const { a, again } = load(main);
    expect(a).toBe(again);
    expect(a).toEqual({ early: 1, b: { seen: { early: 1 }, separator: "/" }, late: 2 });
  });

  test("a file that is loaded lazily runs once, when it is first asked for", () => {
    const main = write(
      "main.js",
      'globalThis.lavLoaded = []; const a = require.lazy("./chunks/a.js"); exports.a = () => a().name;',
    );
    write("chunks/a.js", 'globalThis.lavLoaded.push("a"); exports.name = require.lazy("node:path")().sep;');
    const { load, scripts } = createLoader(folder);
    const { a } = load(main) as { a: () => string };
    const loaded = (): unknown => Reflect.get(globalThis, "lavLoaded");
    expect([scripts.size, loaded()]).toEqual([1, []]);
    expect([a(), a()]).toEqual(["/", "/"]);
    expect([scripts.size, loaded()]).toEqual([2, ["a"]]);
  });

  test("a file that failed is tried again, and is not left half loaded", () => {
    const main = write(
      "main.js",
      'exports.half = 1; if (globalThis.lavLoadFails) throw new Error("no"); exports.whole = 2;',
    );
    const { load } = createLoader(folder);
    Object.assign(globalThis, { lavLoadFails: true });
    expect(() => load(main)).toThrow("no");
    Object.assign(globalThis, { lavLoadFails: false });
    expect(load(main)).toEqual({ half: 1, whole: 2 });
  });

  test("compiled code is used where there is any, and refused when it is another text's", () => {
    const main = write("main.js", "exports.answer = (() => 42)();");
    const first = createLoader(folder);
    first.load(main);
    const kept = join(codeFolder(folder), basename(main));
    mkdirSync(codeFolder(folder), { recursive: true });
    writeFileSync(kept, first.scripts.get(main)?.createCachedData() ?? "");

    const second = createLoader(folder);
    expect(second.load(main)).toEqual({ answer: 42 });
    expect(second.scripts.get(main)?.cachedDataRejected).toBe(false);

    write("main.js", "exports.answer = (() => 42 + 1)();");
    const third = createLoader(folder);
    expect(third.load(main)).toEqual({ answer: 43 });
    expect(third.scripts.get(main)?.cachedDataRejected).toBe(true);
  });
});
