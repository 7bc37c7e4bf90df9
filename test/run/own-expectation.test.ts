import { describe, expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import { planText } from "../../src/plan/print.ts";
import { Counters, fakeKind } from "./fakes.ts";
import { engine, planOf, type Engine } from "./engine.ts";

/** A number by its name; it expects by itself that this is even. */
const even = fakeKind({
  name: "even",
  expects: {
    that: "the number is even",
    unmet: ({ count }) => (count % 2n === 0n ? undefined : `${count} is odd`),
  },
  execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(name) })),
});

const findings = ({ events }: Engine) =>
  events.flatMap((event) => (event.type === "finding" ? [[event.status, event.sentence]] : []));
const failures = ({ events }: Engine) =>
  events.flatMap((event) => (event.type === "step.finished" ? [event.failure] : []));

describe("what a kind expects by itself", () => {
  test("makes its step a finding, and says what does not hold", async () => {
    const run = await engine("diagnose: [{ title: T, even: '3' }, { title: T, even: '4' }]", [even]);
    expect(findings(run)).toEqual([
      ["failed", "3 is odd"],
      ["ok", "T"],
    ]);
    expect(failures(run)[0]).toMatchObject({ type: "expectation", expression: "the number is even" });
  });

  test("is added to by expect: both are judged, and both are named", async () => {
    const run = await engine(
      [
        "diagnose:",
        "  - { even: '3', expect: count > 5 }",
        "  - { even: '7', expect: count > 5 }",
        "  - { even: '4', expect: { Large: count > 5, Small: count < 9 } }",
        "  - { even: '3', expect: 1 / (count - 3) > 0 }",
      ].join("\n"),
      [even],
    );
    expect(findings(run)).toEqual([
      ["failed", "3 is odd; expected count > 5; count is 3"],
      ["failed", "7 is odd"],
      ["failed", "1 of 2 failed: Large; count is 4"],
      ["failed", "3 is odd"],
    ]);
    expect(failures(run)[0]).toMatchObject({ expression: "the number is even; count > 5" });
  });

  test("its sentence is the author's where there is one", async () => {
    const run = await engine("diagnose: [{ even: '3', finding: 'it holds ${count}' }]", [even]);
    expect(findings(run)).toEqual([["failed", "it holds 3"]]);
  });

  test("is waited for by retry, with and without until", async () => {
    const world = new Counters();
    const rising = fakeKind({
      name: "rising",
      execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(world.up(name)) })),
      expects: { that: "it is at three", unmet: ({ count }) => (count >= 3n ? undefined : "not yet") },
    });
    const run = await engine(
      [
        "diagnose:",
        "  - { rising: a, retry: { every: 10ms, within: 5m } }",
        "  - { rising: b, retry: { until: count >= 2, every: 10ms, within: 5m } }",
        "  - { rising: c, retry: { until: count >= 5, every: 10ms, within: 5m } }",
      ].join("\n"),
      [rising],
    );
    expect(findings(run).map(([status]) => status)).toEqual(["ok", "ok", "ok"]);
    expect(["a", "b", "c"].map((name) => world.of(name))).toEqual([3, 3, 5]);
  });

  test("is judged for each item of a list", async () => {
    const run = await engine("diagnose: [{ foreach: ['2', '3'], even: '${item}' }]", [even]);
    expect(findings(run)).toEqual([["failed", "1 of 2: 3: 3 is odd"]]);
  });

  test("is not all that a kind knows: why an output is missing is said where it is read", async () => {
    const lacking = fakeKind({
      execute: async () => await Promise.resolve(ok({} as never)),
      missing: ([output]) => (output === "count" ? "nobody counted; write count: yes" : undefined),
    });
    const run = await engine(
      "diagnose: [{ fake: a, expect: { Many: count > 3 } }, { fake: b, expect: 2 < count }]",
      [lacking],
    );
    expect(findings(run)).toEqual([
      ["unknown", "Many: not measured: nobody counted; write count: yes"],
      ["unknown", "not measured: nobody counted; write count: yes"],
    ]);
  });

  test("is printed by the plan, before the author's", async () => {
    const plan = await planOf(
      "diagnose: [{ even: '3', expect: count > 5, retry: { every: 1s, within: 5s } }, { even: '4', retry: { every: 1s, within: 5s } }]",
      [even],
    );
    expect(planText(plan).split("\n").slice(6, -1)).toEqual([
      "  even",
      "    read even: 3 [10s]",
      "    retries every 1s until the number is even and count > 5, for at most 5s",
      "    expects that the number is even",
      "    expects count > 5",
      "  even_2",
      "    read even: 4 [10s]",
      "    retries every 1s until the number is even, for at most 5s",
      "    expects that the number is even",
    ]);
  });
});
