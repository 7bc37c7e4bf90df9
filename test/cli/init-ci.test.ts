import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runInside } from "./inside.ts";
import { only, Rig } from "./rig.ts";
import { onPath, readWorkflow, runWorkflow, type StepEnd, type Workflow } from "./workflow.ts";

let rig: Rig;
let repository: string;
let bin: string;
beforeEach(async () => {
  rig = await Rig.inside();
  repository = join(rig.folder, "repository");
  bin = onPath(rig.folder);
  execFileSync("git", ["init", "--quiet", repository]);
  await inside("init");
});
afterEach(async () => await rig[Symbol.asyncDispose]());

async function inside(...args: readonly string[]): ReturnType<typeof runInside> {
  return await runInside(args, { cwd: repository, env: rig.env() });
}
const workflowFile = (): string => join(repository, ".github/workflows/lav-ir.yml");
const hooksFile = (): string => join(repository, ".pre-commit-config.yaml");
const workflow = (): Workflow => readWorkflow(readFileSync(workflowFile(), "utf8"));

function run(env: Readonly<Record<string, string>> = {}): readonly StepEnd[] {
  const { PATH = "", ...others } = rig.env(env);
  return runWorkflow(workflow(), repository, { GITHUB_ACTIONS: "true", ...others, PATH: `${bin}:${PATH}` });
}

describe("the workflow", () => {
  beforeEach(async () => {
    expect(await inside("init", "--ci")).toMatchObject({ code: 0, stderr: "" });
  });

  test("actions are pinned by version, rights are the least, and it ends", () => {
    const { permissions, jobs } = workflow();
    expect(permissions).toEqual({ contents: "read" });
    const [job] = Object.values(jobs);
    expect(job).toMatchObject({
      "timeout-minutes": 10,
      permissions: { contents: "read", "security-events": "write" },
    });
    const uses = (job?.steps ?? []).flatMap((step) => step.uses ?? []);
    expect(uses.length).toBe(3);
    expect(uses.filter((one) => !/@v\d+\.\d+\.\d+$/.test(one))).toEqual([]);
    // What somebody else may have chosen reaches a shell by the environment alone.
    expect((job?.steps ?? []).filter((step) => step.run?.includes("${{") === true)).toEqual([]);
  });

  test("a good runbook passes: lint, and a dry run of each", () => {
    rig.file("repository/runbooks/second.yml", "runbook: second\ndiagnose:\n  - redis.ping:\n");
    const ended = run();
    expect(ended.map(({ name, code }) => [name, code])).toEqual([
      ["Install lav-ir", 0],
      ["Lint", 0],
      ["Dry runs", 0],
    ]);
    const { output = "" } = ended.at(-1) ?? {};
    expect(output).toContain("GET http://localhost:3000/");
    expect(output).toContain("::group::runbooks/second.yml\n");
    expect(JSON.parse(readFileSync(join(repository, "lav-ir.sarif"), "utf8"))).toMatchObject({
      runs: [{ results: [] }],
    });
  });

  test("a bad one fails at its line: as an annotation, and for code scanning", () => {
    rig.file("repository/runbooks/bad.yaml", "runbook: bad\ndiagnose:\n  - redis.pin:\n");
    const ended = run();
    expect(ended.map(({ name, code }) => [name, code])).toEqual([
      ["Install lav-ir", 0],
      ["Lint", 2],
    ]);
    expect(ended.at(-1)?.output).toMatch(/^::error file=runbooks\/bad\.yaml,line=3,/m);
    const sarif = readFileSync(join(repository, "lav-ir.sarif"), "utf8");
    expect(sarif).toContain("runbooks/bad.yaml");
  });

  test("so does a platform file that is wrong", () => {
    rig.file("repository/runbooks/platform.yaml", "platform: a\nservces: {}\n");
    expect(run().at(-1)).toMatchObject({ name: "Lint", code: 2 });
  });

  test("a dry run that is refused fails, and the others are shown", () => {
    const { jobs } = workflow();
    const [job] = Object.values(jobs);
    const last = (job?.steps ?? []).filter(({ name }) => name === "Dry runs");
    rig.file("repository/runbooks/bad.yaml", "runbook: bad\ndiagnose:\n  - redis.pin:\n");
    const alone = { permissions: {}, jobs: { runbooks: { steps: last } } };
    const [ended] = runWorkflow(alone, repository, rig.env({ PATH: `${bin}:${process.env["PATH"]}` }));
    expect(ended?.code).toBe(1);
    expect(ended?.output).toContain("GET http://localhost:3000/");
  });

  test("without lav-ir it says what to set", () => {
    renameSync(join(bin, "lav-ir"), join(bin, "gone"));
    const [install] = run();
    expect(install?.code).toBe(1);
    expect(install?.output).toContain("::error::set the variable LAV_IR_PACKAGE of this repository");
  });
});

describe("the entry for pre-commit", () => {
  const others = "repos:\n  - repo: meta # ours\n    hooks: [{ id: check-hooks-apply }]\nfail_fast: true\n";

  test("is a file where none is", async () => {
    const { stdout } = await inside("init", "--ci");
    expect(stdout).toContain(".pre-commit-config.yaml");
    expect(readFileSync(hooksFile(), "utf8")).toContain(
      "entry: lav-ir lint runbooks runbooks/platform.yaml\n        language: system\n",
    );
  });

  test("is added to what is there, which stays", async () => {
    rig.file("repository/.pre-commit-config.yaml", others);
    expect((await inside("init", "--ci")).stdout).toContain("an entry, added");
    const text = readFileSync(hooksFile(), "utf8");
    expect(
      text.startsWith(
        "repos:\n  - repo: meta # ours\n    hooks: [{ id: check-hooks-apply }]\n  - repo: local\n",
      ),
    ).toBe(true);
    expect(text.endsWith("fail_fast: true\n")).toBe(true);
  });

  test.each([
    ["where no place for it is certain", "repos: []\n"],
    ["where it is no YAML", "repos: [\n"],
  ])("is printed %s, and the file stays", async (_what, text) => {
    rig.file("repository/.pre-commit-config.yaml", text);
    const { code, stdout } = await inside("init", "--ci");
    expect([code, readFileSync(hooksFile(), "utf8")]).toEqual([0, text]);
    expect(stdout).toContain("Put this below its repos:\n  - repo: local\n    hooks:\n      - id: lav-ir\n");
  });

  test("is printed where the file is a link", async () => {
    rig.file("elsewhere.yaml", others);
    symlinkSync("../elsewhere.yaml", hooksFile());
    expect((await inside("init", "--ci")).stdout).toContain("is left as it is: it is a link");
    expect(readFileSync(join(rig.folder, "elsewhere.yaml"), "utf8")).toBe(others);
  });
});

test("nothing is written over a workflow, and the entry is not added either", async () => {
  mkdirSync(join(repository, ".github/workflows"), { recursive: true });
  rig.file("repository/.github/workflows/lav-ir.yml", "mine\n");
  const { code, stderr } = await inside("init", "--ci");
  expect([code, stderr]).toEqual([2, ".github/workflows/lav-ir.yml is already there; nothing was written\n"]);
  expect(existsSync(hooksFile())).toBe(false);
});

test("a folder without runbooks is told what begins them", async () => {
  mkdirSync(join(rig.folder, "other"));
  const { code, stderr } = await rig.run(["init", "--ci", "other"]);
  expect([code, stderr]).toEqual([
    2,
    `${rig.folder}/other has no runbooks with a platform file; lav-ir init begins both\n`,
  ]);
});

test("a platform file beside the runbooks is the one that is checked", async () => {
  renameSync(join(repository, "runbooks/platform.yaml"), join(repository, "platform.yaml"));
  const ended = await rig.run(["init", "repository", "--ci", "--json"]);
  expect(only(ended, "init.finished")["next"]).toContain("pre-commit install");
  expect(readFileSync(hooksFile(), "utf8")).toContain("entry: lav-ir lint runbooks platform.yaml\n");
  expect(run().map(({ code }) => code)).toEqual([0, 0, 0]);
});
