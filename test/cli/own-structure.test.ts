import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { only, outcome, Rig, step } from "./rig.ts";

// A secret of the environment that is spelt like a word of ours: lines and journals stay what a program and a resumed
// run can read, and in a text of somebody else the word is hidden all the same.

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook(
    "book",
    `
service: market
diagnose:
  - { id: market_answers, title: It answers, "http.get": "\${service.url}/health", expect: status == 204 }
resolve:
  - rung: quick-restart
    title: Restart
    steps: [{ id: act_now, title: Act, "http.post": "\${service.url}/act" }]
`,
  );
});
afterEach(async () => await rig[Symbol.asyncDispose]());

test.each([
  "finished",
  "outcome",
  "run.started",
  "step.finished",
  "sentence",
  "kind",
  "failed",
  "diagnose",
  "act_now",
  "quick-restart",
  "market_answers",
])("a secret spelt %s", async (secret) => {
  rig.server.on("GET /health", 500).on("POST /act", { status: 409, text: `no, ${secret}, no` });
  const ended = await rig.run(["run", "book", "--yes", "--json"], { env: { EMERGENCY_TOKEN: secret } });
  // Each line fits its description, or the rig would have said so.
  expect([ended.code, outcome(ended)]).toEqual([1, "exhausted"]);
  expect(only(ended, "run.started").type).toBe("run.started");
  expect(step(ended, "act_now")["outcome"]).toBe("failed");
  expect(only(ended, "rung.finished")["rung"]).toBe("quick-restart");
  const types = rig.records().map(({ type }) => type);
  expect(types.slice(0, 2)).toEqual(["run.kept", "run.started"]);
  expect(types.at(-1)).toBe("run.finished");
  expect(rig.records().some(({ data }) => data["step"] === "act_now")).toBe(true);
  for (const text of [ended.stdout, ended.stderr, readFileSync(rig.journal(), "utf8")])
    expect(text).not.toContain(`no, ${secret}, no`);
  expect(ended.stdout).toContain("no, ‹secret:known:");
});
