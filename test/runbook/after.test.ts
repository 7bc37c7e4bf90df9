import { expect, test } from "vitest";
import { linted } from "./lint.ts";

const head = "runbook: r\n";
const ladder =
  "diagnose: [{ id: a, redis.ping: }]\nresolve: [{ rung: x, steps: [{ id: b, redis.ping: }] }]\n";

test.each([
  [
    "the outcome before it is known",
    `steps: [{ redis.ping: , when: run.outcome == "failed" }]`,
    "outcome is not defined here",
  ],
  [
    "a rung's step unasked",
    `${ladder}after: [{ redis.ping: , when: steps.b.latency > duration('1s') }]`,
    "steps.b may not have run",
  ],
  [
    "a step of after from before it",
    `steps: [{ redis.ping: , when: steps.z.outcome == "ok" }]\nafter: [{ id: z, redis.ping: }]`,
    "step z has not ended when this is evaluated",
  ],
  ["a runbook of after alone", `after: [redis.ping: ]`, "this runbook does nothing"],
])("lint refuses %s", async (_what, text, message) => {
  expect(await linted(`${head}${text}\n`)).toContain(message);
});

test.each([
  `${ladder}after: [{ redis.ping: , when: run.outcome == "resolved" && run.rung == "x" && steps.a.latency > duration('1s') }]`,
  `${ladder}after: [{ id: c, redis.ping: , when: steps.b.outcome == "ok" }, { redis.ping: , when: steps.c.outcome == "ok" }]`,
  `steps: [{ redis.ping: , when: run.operator == "ada" && run.id != "" && run.incident == "" }]`,
])("lint takes %s", async (text) => {
  expect(await linted(`${head}${text}\n`)).toBe("");
});
