import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lintedFiles } from "../../src/app/lint/linted-files.ts";
import { program, Rig } from "./rig.ts";

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

const services =
  "services: { api: http://127.0.0.1:1, worker: http://127.0.0.1:2 }\ncompose: { project: x, files: [x.yaml] }\n";

test("a platform file is checked with each of its environments, and runbooks against its names", async () => {
  const environments = "environments:\n  staging: { servcies: {} }\n  night: { kafka: {} }\n";
  write("own/desk.yaml", `platform: x\n${services}${environments}`);
  write("own/a.yaml", "runbook: a\nservice: wroker\nsteps: [{ wait: 1s }]\n");
  const [desk, a] = [join(rig.folder, "own/desk.yaml"), join(rig.folder, "own/a.yaml")];
  const { code, stderr, stdout } = await rig.run(["lint", desk, a]);
  expect(code).toBe(2);
  expect(stderr).toContain("own/desk.yaml:5:14: servcies is not a key of environment staging");
  expect(stderr).toContain("own/desk.yaml:6:19: kafka needs brokers");
  expect(stderr).toContain("has no service wroker (did you mean worker?)");
  expect(stdout).toBe("1 runbook and 1 platform file checked: 2 files with problems\n");
  const night = await rig.run(["lint", desk, "--env", "night", "--json"]);
  expect(night.lines.find(({ type }) => type === "lint")).toMatchObject({
    diagnostics: [{ rule: "key", line: 6, column: 19 }],
  });
});

test("what is wrong in two places is written as SARIF: rule, region, and a path from here", async () => {
  write("own/a b.yaml", "runbook: a\nsteps:\n  - wiat: 1s\n  - wait: 1s\n    when: 1 +\n");
  write("own/c.yaml", "runbook: c\nsteps: [{ id: x, wait: 1s }, { id: x, wait: 1s }]\n");
  const [log, own] = [join(rig.folder, "log.sarif"), join(rig.folder, "own")];
  const { code } = await rig.run(["lint", own, "--sarif", log]);
  expect(code).toBe(2);
  const { runs } = JSON.parse(readFileSync(log, "utf8")) as { readonly runs: readonly Sarif[] };
  const told = runs[0]?.results.map(({ ruleId, level, locations: [place] }) => [
    ruleId,
    level,
    place?.physicalLocation.artifactLocation.uri,
    Object.values(place?.physicalLocation.region ?? {}),
  ]);
  expect(told).toEqual([
    ["name", "error", "own/a%20b.yaml", [1, 10, 1, 11]],
    ["value", "error", "own/a%20b.yaml", [3, 5, 3, 9]],
    ["expression", "error", "own/a%20b.yaml", [5, 14, 5, 14]],
    ["structure", "error", "own/c.yaml", [2, 39, 2, 43]],
  ]);
  const rules = runs[0]?.tool.driver.rules.map(({ id }) => id);
  expect(runs[0]?.results.map(({ ruleIndex }) => rules?.[ruleIndex])).toEqual(told?.map(([rule]) => rule));
});

interface Sarif {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly locations: readonly {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: Readonly<Record<string, number>>;
      };
    }[];
  }[];
}

test("standard input is a file as any other", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "lint", "-"], {
    cwd: rig.folder,
    env: rig.env(),
    input: "runbook: a\nsteps: [{ wiat: 1s }]\n",
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toContain("<stdin>:2:11: wiat is not a kind of step");
  expect(stdout).toBe("1 runbook checked: 1 file with problems\n");
});
