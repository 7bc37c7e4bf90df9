import { expect, test } from "vitest";
import { linted, read } from "./lint.ts";

const head = "runbook: r\n";
const ping = "{ id: a, redis.ping: , tolerate: true }";
const later = "{ redis.ping: , when: steps.a.latency > duration('1s') }";

test.each([
  ["what a tolerated step gives", `steps: [${ping}, ${later}]`, "steps.a may not have run"],
  [
    "what a step of a tolerant group gives",
    `steps: [{ tolerate: true, steps: [{ id: a, redis.ping: }, ${later}] }]`,
    "steps.a may not have run",
  ],
  [
    "what a step of a tolerant runbook gives",
    `tolerate: true\nsteps: [{ id: a, redis.ping: }, ${later}]`,
    "steps.a may not have run",
  ],
  [
    "a check that is tolerated",
    `diagnose: [redis.ping: ]\nresolve: [{ rung: x, steps: [redis.ping: ], verify: [${ping}] }]`,
    "verify tolerates nothing: what does not hold decides the rung",
  ],
  ["another value", `tolerate: maybe\nsteps: [redis.ping: ]`, "tolerate must be true or false"],
])("lint refuses %s, unasked", async (_what, text, message) => {
  expect(await linted(`${head}${text}\n`)).toContain(message);
});

test.each([
  `tolerate: true\nsteps: [{ id: a, redis.ping: , tolerate: false }, ${later}]`,
  `steps: [${ping}, { redis.ping: , when: "steps.a.?latency.orValue(duration('0s')) > duration('1s')" }]`,
  `steps: [${ping}, { when: steps.a.outcome == "ok", steps: [${later}] }]`,
])("lint takes %s", async (text) => {
  expect(await linted(`${head}${text}\n`)).toBe("");
});

test("lint warns where tolerate changes nothing", async () => {
  const { warnings } = await read(`${head}diagnose: [${ping}]\n`);
  expect(warnings.map(({ message }) => message)).toEqual([
    "tolerate changes nothing in diagnose: every step of it runs, whatever another found",
  ]);
});
