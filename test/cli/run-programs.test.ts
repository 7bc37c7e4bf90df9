/** A program that is not there, and one that is taken back. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { only, outcome, Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.inside()));
afterEach(async () => await rig[Symbol.asyncDispose]());

test("a program that is not there is said before anybody is asked, and nothing of it is on record as begun", async () => {
  rig.runbook("book", "steps: [{ foreach: [a, b], exec: [no-such-program, '${item}'] }]\n");
  const ended = await rig.run(["run", "book", "--yes", "--json"]);
  expect([ended.code, outcome(ended)]).toEqual([1, "failed"]);
  expect(only(ended, "step.finished")["message"]).toMatch(/program no-such-program not found/);
  const types = ended.lines.map(({ type }) => type);
  for (const type of ["approval", "preview"]) expect(types).not.toContain(type);
  const live = await rig.run(["run", "book", "--dry-run", "--live"]);
  expect(live.stdout + live.stderr).toMatch(/cannot be previewed: .*program no-such-program not found/);
});

test("undo is a command of the author's, run as any runbook", async () => {
  const made = join(rig.folder, "made");
  rig.runbook("book", `steps: [{ exec: { command: [touch, "${made}"], undo: [rm, "${made}"] } }]\n`);
  const ended = await rig.run(["run", "book", "--yes", "--json"]);
  expect([ended.code, existsSync(made)]).toEqual([0, true]);
  const path = String(only(ended, "undo")["path"]);
  expect((await rig.run(["lint", path])).code).toBe(0);
  expect((await rig.run(["run", path, "--yes"])).code).toBe(0);
  expect(existsSync(made)).toBe(false);
});
