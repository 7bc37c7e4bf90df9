import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// The package as somebody gets it: made, and installed in an empty folder.
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lav-ir-pack-"));
const modules = join(folder, "user", "node_modules");
const installed = join(modules, "lav-ir");

beforeAll(() => {
  const user = join(folder, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), "{}");
  // The build is there already, and may be in use.
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const [made = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  // Offline: it needs nothing but itself.
  execFileSync("npm", ["install", "--offline", join(folder, made)], { cwd: user });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the installed program in a folder of the user's, with nothing of this project in reach. */
function lavIr(...args: readonly string[]): string {
  return execFileSync(join(modules, ".bin", "lav-ir"), args, {
    cwd: join(folder, "user"),
    env: { PATH: process.env["PATH"] ?? "", HOME: folder },
    encoding: "utf8",
  });
}

test("nothing is installed beside it", () => {
  expect(readdirSync(modules).filter((name) => !name.startsWith("."))).toEqual(["lav-ir"]);
  expect(existsSync(join(installed, "node_modules"))).toBe(false);
});

test("it runs by itself: lists, lints, plans", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(lavIr("--version")).toContain(`lav-ir ${version} (commit `);
  expect(lavIr("list")).toContain("market-sentinel-down");
  const example = join(installed, "runbooks", "platform.yaml");
  const book = join(installed, "runbooks", "market-sentinel-down.yaml");
  expect(lavIr("lint", book, "--config", example)).toBe("1 runbook checked: no problems\n");
  expect(lavIr("run", "market-sentinel-down", "--dry-run", "--config", example)).toContain("quick-restart");
});

test("what its pages name is in it, and so are the notices of what it contains", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  const named = [...readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(1);
  expect(named.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
  expect(existsSync(join(installed, "CHANGELOG.md"))).toBe(true);
  expect(existsSync(join(installed, "runbooks", "runbook.schema.json"))).toBe(true);
  const notices = readFileSync(join(installed, "dist", "NOTICES.txt"), "utf8");
  for (const name of ["commander", "listr2", "undici", "pg", "kafkajs", "ioredis", "yaml"])
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, (?:MIT|ISC)`, "m"));
  expect(notices).toContain("Permission is hereby granted, free of charge");
  expect(notices).not.toContain("no licence named");
});
