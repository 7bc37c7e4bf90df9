import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const entry = join(root, "bin", "lav-ir.js");

test("every file of the build has its compiled code beside it, for the Node that built it", () => {
  const dist = join(root, "dist");
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) =>
    /^(?:main|chunks\/[^/]*)\.js$/.test(file),
  );
  expect(files.length).toBeGreaterThan(30);
  // These tests may run on another Node than the one that built it.
  const [node = ""] = readdirSync(join(dist, "code"));
  const compiled = new Set(readdirSync(join(dist, "code", node)));
  expect(files.filter((file) => !compiled.has(basename(file)))).toEqual([]);
});

test("an error that is known by its name has that name in the build", () => {
  const texts = (folder: string, ending: string): string =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(ending))
      .map((file) => readFileSync(join(root, folder, file), "utf8"))
      .join("\n");
  const known = new Set(
    [...texts("src", ".ts").matchAll(/\.name === "(\w+Error)"/g)].map(([, name = ""]) => name),
  );
  expect(known.size).toBeGreaterThan(3);
  const built = texts("dist/chunks", ".js");
  for (const name of known) {
    expect(built).toMatch(new RegExp(`\\b${name} ?= ?class\\b|\\bclass ${name}\\b`));
    expect(built).not.toMatch(new RegExp(`\\b${name}\\d+ ?= ?class\\b|\\bclass ${name}\\d`));
  }
});

describe("no file of the build makes Node load", () => {
  /** What a process prints that loads all of them. */
  function loadingAll(before: string, behindEach: string): readonly string[] {
    const script = `
      ${before}
      const { createLoader } = require(${JSON.stringify(join(root, "bin/load.js"))});
      const { load } = createLoader(${JSON.stringify(join(root, "dist"))});
      for (const file of process.argv.slice(1)) {
        load(file);
        ${behindEach}
      }`;
    const chunks = join(root, "dist", "chunks");
    const files = readdirSync(chunks).filter((file) => file.endsWith(".js"));
    expect(files).not.toEqual([]);
    const paths = files.map((file) => join(chunks, file));
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script, ...paths], { encoding: "utf8" });
    return [stdout, stderr];
  }

  test("its own HTTP client, which some globals stand for", () => {
    const globals = `
      const asked = [];
      for (const name of ["fetch", "FormData", "Headers", "MessageEvent", "Request", "Response", "WebSocket"])
        Object.defineProperty(globalThis, name, { get: () => void asked.push(name) });`;
    const told = "if (asked.length > 0) console.log(file, ...asked.splice(0));";
    expect(loadingAll(globals, told)).toEqual(["", ""]);
  });

  // In a process of its own: newer versions of Node load all of them where such a global is replaced.
  test("HTTP/2", () => {
    const told = 'if (process.moduleLoadList.includes("NativeModule http2")) { console.log(file); break; }';
    expect(loadingAll("", told)).toEqual(["", ""]);
  });
});

test("a list that no terminal shows needs nothing of networks, programs and cryptography", () => {
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-loaded-"));
  try {
    const [told, loaded] = [join(folder, "told.cjs"), join(folder, "loaded")];
    writeFileSync(
      told,
      `process.on("exit", () =>
         require("node:fs").writeFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join("\\n")));`,
    );
    const loadedBy = (...args: readonly string[]): readonly string[] => {
      const { status } = spawnSync(process.execPath, ["--require", told, ...args], {
        env: { EMERGENCY_TOKEN: "of-no-consequence", LAV_IR_STATE_DIR: folder },
        stdio: "ignore",
      });
      expect(status).toBe(0);
      return readFileSync(loaded, "utf8").split("\n");
    };
    const always = new Set(loadedBy("-e", "process.stdout.write(''); process.stderr.write('');"));
    const more = loadedBy(entry, "list").filter((module) => !always.has(module));
    expect(more.length).toBeGreaterThan(0);
    for (const name of ["child_process", "crypto", "http", "net", "tty"])
      expect(more).not.toContain(`NativeModule ${name}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a platform file is read without what evaluates expressions", () => {
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-platform-"));
  try {
    const platform = join(folder, "platform.yaml");
    writeFileSync(platform, 'platform: plain\nservices: { executioner: "http://127.0.0.1:1" }\n');
    const script = `
      const { createLoader } = require(${JSON.stringify(join(root, "bin/load.js"))});
      const { load, scripts } = createLoader(${JSON.stringify(join(root, "dist"))});
      process.argv = [process.execPath, "lav-ir", "trading", "status", "--config", ${JSON.stringify(platform)}];
      void load(${JSON.stringify(join(root, "dist/main.js"))}).start().then(() => {
        const { readFileSync } = require("node:fs");
        for (const file of scripts.keys()) {
          const text = readFileSync(file, "utf8");
          if (text.includes("readPlatform(")) console.log("read");
          if (text.includes("registerFunctionOverload(")) console.log("CEL is in", file);
        }
        process.exit(0);
      });`;
    const { stdout } = spawnSync(process.execPath, ["-e", script], {
      env: { EMERGENCY_TOKEN: "of-no-consequence", LAV_IR_STATE_DIR: folder },
      encoding: "utf8",
    });
    expect(stdout).toContain("\nread\n");
    expect(stdout).not.toContain("CEL");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a Node that is too old is told so, exit 2", () => {
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-old-"));
  try {
    const old = join(folder, "old.cjs");
    writeFileSync(
      old,
      `const { versions } = process;
       Object.defineProperty(process, "versions", { value: { ...versions, node: process.env.OLD } });`,
    );
    const under = (node: string): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, ["--require", old, entry, "--version"], {
        env: { OLD: node },
        encoding: "utf8",
      });
    for (const node of ["20.18.3", "18.20.8", "8.17.0"]) {
      expect(under(node)).toMatchObject({
        status: 2,
        stdout: "",
        stderr: `lav-ir needs Node 20.19 or newer, and ${process.execPath} is ${node}.\nInstall a newer one, or name it: /path/to/node ${entry}\n`,
      });
    }
    for (const node of ["20.19.0", "22.0.0"]) expect(under(node)).toMatchObject({ status: 0, stderr: "" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the oldest Node is that of package.json", () => {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    engines: { node: string };
  };
  const [, major, minor] = /const oldest = \[(\d+), (\d+)\];/.exec(readFileSync(entry, "utf8")) ?? [];
  expect(engines.node).toBe(`>=${major}.${minor}`);
});
