/** With `--json` a refusal is one line on stdout, and the exit code says the same as without. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { only, Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("look", "title: Look\nsteps:\n  - { id: look, http.get: 'http://127.0.0.1:1/', timeout: 5 }\n");
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const halt = ["halt-all", "--yes"];

describe("a refusal with --json", () => {
  test.each([
    ["usage", 2, "unknown option", ["list", "--bogus"]],
    ["usage", 2, "unknown command", ["lisst"]],
    ["usage", 2, "missing required argument", ["show"]],
    ["usage", 2, "no command was given", []],
    ["usage", 2, "no command was given", ["trading"]],
    ["usage", 2, "no runbook named lok (did you mean look?)", ["run", "lok"]],
    ["usage", 2, "--live needs --dry-run", ["run", "look", "--live"]],
    ["usage", 2, "--older-than", ["snapshot", "prune"]],
    ["usage", 2, "does not exist", ["snapshot", "show", "gone.tar.gz"]],
    ["usage", 2, "does not exist", ["lint", "gone.yaml"]],
    ["usage", 2, "--scope desk must be", [...halt, "--reason", "x", "--scope", "desk"]],
    ["configuration", 2, "EMERGENCY_TOKEN is not set", [...halt, "--reason", "x"]],
    ["configuration", 2, "gone.yaml does not exist", ["trading", "status", "--config", "gone.yaml"]],
    ["configuration", 2, "gone.yaml does not exist", [...halt, "--config", "gone.yaml"]],
    ["runbook", 2, "look.yaml:", ["run", "look"]],
    ["state", 2, "no incident is open", ["resolve", "the venue is back"]],
    ["usage", 2, "no run RUN-1; lav-ir runs lists them", ["resume", "RUN-1"]],
  ])("%s, %i: %s (%j)", async (code, exitCode, message, args) => {
    const plain = await rig.run(args);
    const ended = await rig.run([...args, "--json"]);
    expect(ended.code).toBe(exitCode);
    expect(plain.code).toBe(exitCode);
    expect(plain.stdout).toBe("");
    expect(ended.stdout.trimEnd().split("\n")).toHaveLength(1);
    const line = only(ended, "error");
    expect(line).toMatchObject({ code, exit_code: exitCode });
    expect(line["message"]).toContain(message);
    expect(ended.stderr).toContain(String(line["message"]));
  });

  test("names each problem of a file with its place", async () => {
    const ended = await rig.run(["run", "look", "--json"]);
    const { diagnostics } = only(ended, "error");
    expect(diagnostics).toEqual([
      {
        rule: "value",
        file: "runbooks/look.yaml",
        line: 4,
        column: 59,
        end_line: 4,
        end_column: expect.any(Number) as number,
        message: expect.stringContaining("timeout"),
      },
    ]);
  });

  test("names the place in the platform file", async () => {
    writeFileSync(
      join(rig.folder, "runbooks/platform.yaml"),
      "platform: rig\ncompose: { project: test, files: [compose.yaml] }\nservices: 5\n",
      { mode: 0o600 },
    );
    for (const args of [
      ["trading", "status"],
      ["halt-all", "--reason", "x", "--yes"],
    ]) {
      const { code, diagnostics } = only(await rig.run([...args, "--json"]), "error");
      expect(code).toBe("configuration");
      expect(diagnostics).toMatchObject([
        { file: expect.stringContaining("platform.yaml"), line: 3, column: 11 },
      ]);
    }
  });

  test("without anybody to ask is missing consent", async () => {
    const compose = "compose: { project: test, files: [compose.yaml] }";
    rig.file(
      "runbooks/platform.yaml",
      `platform: rig\n${compose}\nservices: { executioner: "${rig.server.url}" }\n`,
    );
    const env = { EMERGENCY_TOKEN: "a-token-that-must-stay" };
    const ended = await rig.run(["halt-all", "--reason", "x", "--json"], { env });
    expect(ended.code).toBe(3);
    expect(only(ended, "error")).toMatchObject({ code: "consent", exit_code: 3, diagnostics: [] });
  });
});
