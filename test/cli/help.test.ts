import { arch, platform, versions } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Command } from "commander";
import { commandGroups, environment, examples } from "../../src/cli/help-texts.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { quietWorld } from "../reference/world.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const program = buildProgram(quietWorld(), () => {});

interface Found {
  readonly path: string;
  readonly command: Command;
}

/** Every command that can be run, by the words that name it. */
function all(command: Command, before = ""): readonly Found[] {
  return command.commands.flatMap((one) => {
    const path = `${before}${one.name()}`;
    return [{ path, command: one }, ...all(one, `${path} `)];
  });
}

const commands = all(program);
/** What only holds others together is not run by itself. */
const runnable = commands.filter(
  ({ path, command }) => command.commands.length === 0 || ["runs", "snapshot"].includes(path),
);

describe("the texts", () => {
  test("every command is in one group, and no other name is", () => {
    const grouped = Object.values(commandGroups).flat();
    expect(grouped.toSorted()).toEqual(program.commands.map((command) => command.name()).toSorted());
  });

  test("every command has an example of its own, and no other has", () => {
    expect(Object.keys(examples).toSorted()).toEqual(runnable.map(({ path }) => path).toSorted());
    expect(Object.entries(examples).filter(([path, line]) => !`${line} `.startsWith(`${path} `))).toEqual([]);
  });

  test("an example is a line that its command takes", async () => {
    for (const line of Object.values(examples)) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
      const taken = buildProgram(quietWorld(), () => {});
      let ran = 0;
      for (const { command } of all(taken)) command.action(() => void (ran += 1));
      await taken.parseAsync(words, { from: "user" });
      expect([line, ran]).toEqual([line, 1]);
    }
  });

  test("a description is an imperative phrase of at most 59 characters, and so is an option's", () => {
    const long = commands.flatMap(({ path, command }) =>
      [command.description(), ...command.options.map(({ description }) => description)]
        .filter((text) => text.length > 59 || text === "" || text.endsWith("."))
        .map((text) => `${path}: ${text}`),
    );
    expect(long).toEqual([]);
  });
});

test("--help has the groups, the exit codes and every variable, in 80 columns", async () => {
  const { code, stdout, stderr } = await rig.run(["--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  for (const group of Object.keys(commandGroups)) expect(stdout).toContain(`\n${group}\n`);
  expect(stdout.indexOf("halt-all")).toBeLessThan(stdout.indexOf("declare"));
  for (const [name] of environment) expect(stdout).toContain(name);
  for (const code of ["0", "1", "2", "3", "4", "70", "130, 143"])
    expect(stdout).toMatch(new RegExp(`^  ${code} `, "m"));
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test.each([["runs show"], ["snapshot diff"], ["run"], ["trading resume"]])(
  "help %s, and its --help: the same, with its example",
  async (path) => {
    const words = path.split(" ");
    const [asked, flagged] = [await rig.run(["help", ...words]), await rig.run([...words, "--help"])];
    expect([asked.code, flagged.code]).toEqual([0, 0]);
    expect(asked.stdout).toBe(flagged.stdout);
    expect(asked.stdout).toContain(`Usage: lav-ir ${path}`);
    expect(asked.stdout).toContain(`Example:\n  $ lav-ir ${examples[path] ?? "?"}\n`);
  },
);

test.each([
  [["halt"], "unknown command halt; did you mean halt-all?\nsee lav-ir --help\n"],
  [["help", "halt"], "unknown command halt; did you mean halt-all?\n"],
  [["lisst"], "unknown command lisst; did you mean list?\nsee lav-ir --help\n"],
  [["zzz"], "unknown command zzz\nsee lav-ir --help\n"],
  [["runs", "shw"], "unknown command shw of lav-ir runs; did you mean show?\nsee lav-ir runs --help\n"],
  [
    ["--config", "x.yaml", "trading", "stop"],
    "unknown command stop of lav-ir trading; it has status, resume\nsee lav-ir trading --help\n",
  ],
  [["help", "runs", "zzz"], "unknown command zzz of lav-ir runs; it has show, verify, prune\n"],
  [["run"], "missing required argument 'runbook'\nsee lav-ir run --help\n"],
])("%j is refused with the command that was meant", async (args, message) => {
  const { code, stdout, stderr } = await rig.run(args);
  expect([code, stdout, stderr]).toEqual([2, "", message]);
});

test.each([["--version"], ["--json --version"]])(
  "%s names version, commit, Node and platform",
  async (args) => {
    await using own = await Rig.create();
    const { code, stdout } = await own.run(args.split(" "));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lav-ir 0\.1\.0 \(commit (?:[0-9a-f]{9}|unknown)\), /);
    expect(stdout).toContain(`), Node ${versions.node}, ${platform} ${arch}\n`);
  },
);
