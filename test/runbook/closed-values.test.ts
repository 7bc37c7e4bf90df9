import { expect, test } from "vitest";
import { linted } from "./lint.ts";

// What is compared with a text that it never is can come out one way only: lint says so, with what it can be.

const inspect = "service.inspect: x";
const before = `runbook: r\nparams: { p: { enum: [a, b] } }\nsteps:\n  - { id: a, ${inspect} }\n  - { id: g, steps: [{ id: b, ${inspect} }] }\n  - { id: each, foreach: [1], ${inspect} }\n`;
const ends = "ok, failed, skipped, unknown";
const states = "running, exited, created, restarting, paused, dead, removing, absent";

test.each([
  ['when: steps.a.outcome == "success"', "success", ends],
  ['when: steps.g.outcome != "done"', "done", ends],
  ["when: \"'fine' == steps.each.outcome\"", "fine", ends],
  ['when: steps["b"].outcome in ["ok", "good"]', "good", ends],
  ['when: steps.a.state == "up"', "up", states],
  ['expect: state == "up"', "up", states],
  ["retry: { until: 'health == \"fine\"' }", "fine", "healthy, unhealthy, starting, none"],
  ["finding: '${state == \"up\"}'", "up", states],
  ['when: params.p == "c"', "c", "a, b"],
])("%s", async (text, word, values) => {
  const said = await linted(`${before}  - id: z\n    ${inspect}\n    ${text}\n`);
  expect(said).toContain(`"${word}" is none of its values: ${values}`);
});

test("the end of a run has values of its own, and a near one is meant", async () => {
  const after = (word: string): string =>
    `${before}after: [{ ${inspect}, when: 'run.outcome == "${word}"' }]\n`;
  expect(await linted(after("success"))).toContain(
    '"success" is none of its values: healthy, resolved, completed, findings, mitigated, exhausted, failed, unknown',
  );
  expect(await linted(after("complete"))).toContain("Did you mean completed?");
  expect(await linted(after("completed"))).toBe("");
});

test.each([
  'when: steps.a.outcome == "ok" && steps.a.image == "anything"',
  'when: steps.a.outcome in ["failed", "unknown"]',
  'expect: state == "running" && health in ["healthy", "none"]',
  'expect: \'["x"].all(state, state == "x")\'',
  'when: steps.each.items.all(i, i.outcome == "ok")',
  'when: params.p == "b"',
  // Of several instances.
  'expect: state != "exited, running"',
])("nothing is said of %s", async (text) => {
  expect(await linted(`${before}  - id: z\n    ${inspect}\n    ${text}\n`)).toBe("");
});
