import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withPaths } from "../../src/app/context/programs.ts";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { readPlatform, type PlatformParts } from "../../src/platform/load.ts";

function read(programs: string, environment?: string, parts: PlatformParts = "all") {
  const text = `platform: lav
compose: { project: lav, files: [c.yml] }
services: { gateway: http://localhost:3000 }
${programs}`;
  const source = { path: "/etc/lav/platform.yaml", text };
  const platform = readPlatform(source, environment, {}, parts);
  return platform.ok
    ? platform.value.programs
    : platform.failure.map((one) => diagnosticText(one).split("\n")[0] ?? "");
}

describe("programs of a platform file", () => {
  test("have their lines; a path is absolute, and relative to the file", () => {
    expect(read('programs:\n  - [git, log, "**"]\n  - [./bin/check, "*"]\n  - [/bin/ls]\n')).toEqual([
      { words: ["git", "log", "**"], line: 5 },
      { words: ["./bin/check", "*"], line: 6, path: "/etc/lav/bin/check" },
      { words: ["/bin/ls"], line: 7, path: "/bin/ls" },
    ]);
  });

  test("of an environment have its lines", () => {
    const text = "programs: [[git, log]]\nenvironments:\n  eu:\n    programs:\n      - [git, show]\n";
    expect(read(text, "eu")).toEqual([{ words: ["git", "show"], line: 8 }]);
  });

  test.each([
    ['programs: [["*", log]]\n', "4:12: an entry of programs names no program"],
    ['programs: [[""]]\n', "4:12: an entry of programs names no program"],
    ["programs: [[]]\n", "4:12: programs must have at least 1 in its list"],
    ["programs: [git]\n", "4:12: programs must be a list, and is not one"],
    ["programs: [[git, -n, 5]]\n", "4:22: programs must be text, and is 5"],
    ["programs: [[git, '${x}']]\n", "4:19: programs is never interpolated"],
  ])("%j", (text, says) => {
    expect(read(text)).toEqual([`/etc/lav/platform.yaml:${says}`]);
  });

  test("stop no halt with a mistake", () => {
    expect(read('programs: [["*"]]\n', undefined, "halt")).toBeUndefined();
  });
});

test("a program's path is the first that PATH has, of folders that are absolute, and of files that run", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lav-programs-"));
  try {
    for (const name of ["a", "b", "c"]) mkdirSync(join(folder, name));
    mkdirSync(join(folder, "a/tool"));
    writeFileSync(join(folder, "b/tool"), "", { mode: 0o644 });
    writeFileSync(join(folder, "c/tool"), "", { mode: 0o755 });
    const PATH = ["", ".", "bin", ...["a", "b", "c"].map((name) => join(folder, name))].join(":");
    const program = (name: string) => ({ words: [name], line: 1 });
    const given = [program("tool"), program("none-of-it"), { ...program("x"), path: "/opt/x" }];
    expect(await withPaths({ env: { PATH } }, given)).toEqual([
      { ...program("tool"), path: join(folder, "c/tool") },
      program("none-of-it"),
      { ...program("x"), path: "/opt/x" },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
