/** docs/examples: a reader begins with these, so nothing in them may be wrong. */
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forbidding } from "../cli/forbidding.ts";
import { Rig } from "../cli/rig.ts";
import { example, runbooks } from "./example.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.file("runbooks/platform.yaml", example("platform"));
  for (const name of runbooks) rig.file(`runbooks/${name}.yaml`, example(name));
});
afterEach(async () => await rig[Symbol.asyncDispose]());

test("lint finds nothing in any of them, nor in their platform file", async () => {
  expect(await rig.run(["lint"])).toMatchObject({ code: 0, stderr: "" });
});

test.each([
  ["api-5xx", "api_5xx_rate_high"],
  ["data-freshness", "dqp_freshness_critical"],
  ["db-primary-down", "PostgreSQLPrimaryDown"],
])("%s is found by its alert, %s", async (name, alert) => {
  const { code, stdout } = await rig.run(["list", "--alert", alert, "--json"]);
  expect([code, [...stdout.matchAll(/"runbook":"([^"]+)"/g)].map(([, id]) => id)]).toEqual([0, [name]]);
});

test.each(runbooks)("%s: its dry run contacts nobody, and reads and writes no file", async (name) => {
  const dry = await forbidding("everything", async () => await rig.run(["run", name, "--dry-run"]));
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toMatch(new RegExp(`^${name}: `));
});

test.each(runbooks)("%s: a shell reads what is to be done by hand", async (name) => {
  const { code, stdout, stderr } = await rig.run(["show", name, "--by-hand"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).not.toMatch(/undefined|\[object/);
  execFileSync("bash", ["-n"], { input: stdout });
  for (const line of stdout
    .split("\n")
    .filter((one) => one.includes("| PGOPTIONS") || one.includes("| psql")))
    expect(line).toContain(" psql postgres://adaf@db");
});
