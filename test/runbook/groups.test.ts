import { describe, expect, test } from "vitest";
import { linted } from "./lint.ts";

const head = "runbook: r\nparams: { deep: { type: boolean, default: false } }\n";

describe("lint of groups", () => {
  test.each([
    [
      "a group that does something itself",
      "steps:\n  - redis.ping:\n    steps: [redis.ping: ]\n",
      "r.yaml:4:5: a group has steps and does nothing itself, but this one has redis.ping",
    ],
    ["an empty group", "steps:\n  - steps: []\n", "r.yaml:4:12: steps must have at least one step"],
    [
      "a key that groups have not",
      "steps:\n  - expect: true\n    steps: [redis.ping: ]\n",
      "r.yaml:4:5: expect is not a key of a group",
    ],
    [
      "one id twice, in two groups",
      "steps:\n  - steps: [{ id: a, redis.ping: }]\n  - steps: [{ id: a, redis.ping: }]\n",
      "r.yaml:5:22: another step is named a",
    ],
    [
      "a change in a group of the diagnosis",
      "diagnose:\n  - steps: [http.post: http://h/x]\n",
      "r.yaml:4:13: http.post is change; diagnose only reads",
    ],
    [
      "a group that needs what stands in it",
      "diagnose:\n  - id: g\n    needs: a\n    steps: [{ id: a, redis.ping: }]\n",
      "r.yaml:5:12: these steps wait for each other: a → a",
    ],
    [
      "steps that wait for each other through a group",
      "diagnose:\n  - id: g\n    steps: [{ id: a, needs: b, redis.ping: }]\n  - { id: b, needs: g, redis.ping: }\n",
      "these steps wait for each other: g → a → b → g",
    ],
    [
      "a step in a group that may not run",
      "steps:\n  - id: g\n    when: params.deep\n    steps: [{ id: a, redis.ping: }]\n  - { redis.ping: , when: steps.a.latency > duration('1s') }\n",
      "steps.a may not have run",
    ],
    [
      "a step looked for by its group",
      "steps:\n  - { id: g, steps: [{ id: a, redis.ping: }] }\n  - { redis.ping: , when: steps.g.a.outcome == 'ok' }\n",
      "steps.g has no a: it has outcome and sentence",
    ],
  ])("refuses %s", async (_what, text, message) => {
    expect(await linted(head + text)).toContain(message);
  });

  test.each([
    [
      "a group's condition guards all that is in it",
      "steps:\n  - { id: a, when: params.deep, redis.ping: }\n  - { when: steps.a.outcome == 'ok', steps: [{ redis.ping: , when: steps.a.latency > duration('1s') }] }\n",
    ],
    [
      "what is in a group sees each other without asking",
      "steps:\n  - { when: params.deep, steps: [{ id: a, redis.ping: }, { redis.ping: , when: steps.a.latency > duration('1s') }] }\n",
    ],
    [
      "a group that another needs is there with all that is in it",
      "diagnose:\n  - { id: g, steps: [{ id: a, redis.ping: }] }\n  - { needs: g, redis.ping: , when: steps.a.latency > duration('1s') && steps.g.outcome == 'ok' }\n",
    ],
    [
      "a rung is decided by a group",
      "diagnose:\n  - { id: g, steps: [{ id: a, redis.ping: }] }\nresolve:\n  - { rung: x, steps: [redis.ping: ], verify: { findings: [g] } }\n",
    ],
  ])("takes that %s", async (_what, text) => {
    expect(await linted(head + text)).toBe("");
  });
});
