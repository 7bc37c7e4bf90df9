// The entry is what pre-commit takes it for: asked of pre-commit itself, which is installed for this test alone.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { program } from "./rig.ts";
import { onPath } from "./workflow.ts";

let folder: string;
let repository: string;
let env: Record<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lav-ir-hooks-"));
  const venv = join(folder, "venv");
  execFileSync("python3", ["-m", "venv", venv]);
  execFileSync(join(venv, "bin/pip"), [
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "pre-commit==4.7.0",
  ]);
  repository = join(folder, "repository");
  env = {
    PATH: `${onPath(folder)}:${join(venv, "bin")}:${process.env["PATH"]}`,
    HOME: folder,
    PRE_COMMIT_HOME: join(folder, "cache"),
    LAV_IR_STATE_DIR: join(folder, "state"),
  };
  execFileSync("git", ["init", "--quiet", repository], { env });
  for (const args of [["init"], ["init", "--ci"]])
    execFileSync(process.execPath, [program, ...args], { cwd: repository, env });
  execFileSync("pre-commit", ["install"], { cwd: repository, env });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function commit(): { readonly code: number | null; readonly output: string } {
  execFileSync("git", ["add", "--all"], { cwd: repository, env });
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  const { status, stdout, stderr } = spawnSync("git", [...who, "commit", "--message", "runbooks"], {
    cwd: repository,
    env,
    encoding: "utf8",
  });
  return { code: status, output: stdout + stderr };
}

test("the file is one that pre-commit finds nothing wrong with", () => {
  const args = ["validate-config", ".pre-commit-config.yaml"];
  expect(execFileSync("pre-commit", args, { cwd: repository, env, encoding: "utf8" })).toBe("");
});

test("a good runbook is committed, a bad one is not, and what is no runbook asks for nothing", () => {
  const good = commit();
  expect([good.code, good.output]).toEqual([0, expect.stringMatching(/lav-ir lint\.*Passed/)]);
  writeFileSync(join(repository, "runbooks/bad.yaml"), "runbook: bad\ndiagnose:\n  - redis.pin:\n");
  const bad = commit();
  expect([bad.code, bad.output]).toEqual([1, expect.stringMatching(/lav-ir lint\.*Failed/)]);
  expect(bad.output).toContain("runbooks/bad.yaml:3:5: ");
  rmSync(join(repository, "runbooks/bad.yaml"));
  writeFileSync(join(repository, "README.md"), "# Shop\n");
  const other = commit();
  expect([other.code, other.output]).toEqual([
    0,
    expect.stringMatching(/lav-ir lint\.*\(no files to check\)Skipped/),
  ]);
});
