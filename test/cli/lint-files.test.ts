import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lintedFiles } from "../../src/cli/commands/linted-files.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

function write(path: string, text: string): void {
  const file = join(rig.folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}

const good = (name: string): string => `runbook: ${name}\nsteps: [{ wait: 1s }]\n`;

async function linted(...args: readonly string[]): Promise<readonly [number, ...(readonly string[])[]]> {
  const { code, lines } = await rig.run(["lint", ...args, "--json"]);
  const files = lines.filter(({ type }) => type === "lint");
  const paths = (outcome: string) =>
    files
      .filter((line) => line["outcome"] === outcome)
      .map((line) => String(line["path"]).replace(/^.*books\//, ""));
  return [code ?? -1, paths("ok"), paths("failed")];
}

test("a folder below that this user may not list is said: nothing of it was looked at", async () => {
  write("books/a.yaml", good("a"));
  write("books/theirs/b.yaml", good("b"));
  const theirs = join(rig.folder, "books/theirs");
  chmodSync(theirs, 0o000);
  chmodSync(rig.folder, 0o755);
  // Root may list any, so it is not root for a moment.
  const root = process.getuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  const found = await lintedFiles([join(rig.folder, "books")]).finally(() => root && process.seteuid?.(0));
  chmodSync(theirs, 0o700);
  expect(found).toMatchObject({ ok: false, failure: { exitCode: 2 } });
  expect(!found.ok && found.failure.message).toContain(
    "books/theirs cannot be listed: EACCES: permission denied",
  );
});

test("a folder is checked with those below it: what begins with runbook:, and templates", async () => {
  write("books/a.yaml", good("a"));
  write("books/team/b.yaml", good("b"));
  write("books/team/deep/c.yml", "# of the night\nrunbook: c\nsteps: [{ wiat: 1s }]\n");
  write("books/team/compose.yaml", "services: {}\n");
  write("books/team/templates/mail.txt", "It is ${nonsense}\n");
  write("books/team/notes.txt", "${nonsense}\n");
  write("books/.git/d.yaml", good("d"));
  write("books/node_modules/e/e.yaml", good("e"));
  symlinkSync(join(rig.folder, "books"), join(rig.folder, "books/team/again"));
  symlinkSync("/dev/zero", join(rig.folder, "books/team/zero.yaml"));
  expect(await linted(join(rig.folder, "books"))).toEqual([
    2,
    ["a.yaml", "team/b.yaml"],
    ["team/deep/c.yml", "team/templates/mail.txt"],
  ]);
});

test("a file of the folder itself is checked whatever it begins with", async () => {
  write("books/a.yaml", "titel: A\n");
  expect(await linted(join(rig.folder, "books"))).toEqual([2, [], ["a.yaml"]]);
});

test("a mistake in the platform file is told beside those of the runbooks", async () => {
  write("books/a.yaml", "runbook: a\nsteps: [{ wiat: 1s }]\n");
  write("books/platform.yaml", "platform: x\nservcies: {}\n");
  const { code, stderr, stdout } = await rig.run([
    "lint",
    join(rig.folder, "books"),
    "--config",
    join(rig.folder, "books/platform.yaml"),
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain("wiat is not a kind of step");
  expect(stderr).toContain("servcies");
  expect(stdout).toBe("1 runbook checked: 2 files with problems\n");
});
