import { describe, expect, test } from "vitest";
import { fail, ok } from "../../src/base/result.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { engine, type Engine, type EngineOptions } from "./engine.ts";
import { fakeKind } from "./fakes.ts";

const yes: EngineOptions = { consent: { yes: true } };

/** A read of a number by its name; `gone` cannot be read. */
const count: Kind = fakeKind({
  name: "count.of",
  execute: async ({ name }) =>
    await Promise.resolve(
      name === "gone"
        ? fail({ type: "unreachable", target: name, cause: "refused", message: "unreachable" })
        : ok({ count: BigInt(name) }),
    ),
});

const findings = ({ events }: Engine) =>
  events.flatMap((event) => (event.type === "finding" ? [[event.step, event.status, event.sentence]] : []));

describe("every step has how it ended", () => {
  test("its outcome and its sentence, beside its outputs", async () => {
    const run = await engine(
      [
        "diagnose:",
        "  - { id: five, count.of: '5', expect: count > 3, finding: 'holds ${count}' }",
        "  - { id: gone, count.of: gone }",
        "  - { id: never, count.of: '1', when: 'false' }",
        "  - id: said",
        "    needs: [five, gone, never]",
        "    count.of: '0'",
        "    finding: ${steps.five.outcome} ${steps.five.sentence} ${steps.five.count}; ${steps.gone.outcome}; ${steps.never.outcome} ${steps.never.sentence}",
      ].join("\n"),
      [count],
    );
    expect(findings(run).at(-1)).toEqual(["said", "ok", "ok holds 5 5; unknown; skipped false is false"]);
  });

  test("its sentence has a gap where there is no value, and is never empty", async () => {
    const run = await engine(
      [
        "diagnose:",
        "  - { id: gone, count.of: gone }",
        "  - { id: low, needs: [gone], count.of: '2', expect: count > 3, finding: '${count} of ${steps.gone.count}' }",
        "  - { id: fact, needs: [gone], count.of: '2', finding: 'of ${steps.gone.count}, ${count}' }",
        "  - { id: blank, count.of: '2', expect: count > 3, finding: ' ${\"\"}' }",
        "  - { id: each, foreach: ['7'], count.of: '${item}', finding: 'is ${steps.gone.count}', needs: [gone] }",
      ].join("\n"),
      [count],
    );
    const told = run.events.flatMap((event) =>
      event.type === "finding" ? [[event.step, event.sentence]] : [],
    );
    expect(Object.fromEntries(told)).toMatchObject({
      low: "2 of (steps.gone.count is missing)",
      fact: "of (steps.gone.count is missing), 2",
      blank: "expected count > 3; count is 2",
      each: "1 of 1 ok: 7 is (steps.gone.count is missing)",
    });
  });

  test("one that was not reached counts as skipped", async () => {
    const run = await engine(
      [
        "diagnose: [{ id: five, count.of: '5', expect: count < 3 }]",
        "resolve:",
        "  - rung: one",
        "    when: 'false'",
        "    steps: [{ id: first, count.of: '1' }]",
        "  - rung: two",
        "    steps: [{ id: second, when: steps.first.outcome == 'skipped', count.of: '2' }]",
        "    verify: [{ id: third, count.of: '3', expect: steps.second.outcome == 'ok' }]",
      ].join("\n"),
      [count],
      yes,
    );
    const ends = run.events.flatMap((event) =>
      event.type === "step.finished" ? [[event.step, event.status]] : [],
    );
    expect(ends).toEqual(
      expect.arrayContaining([
        ["second", "ok"],
        ["third", "ok"],
      ]),
    );
  });
});

describe("expect as a map", () => {
  const book = (expected: string) => `diagnose: [{ id: risk, count.of: '5', expect: ${expected} }]`;
  test.each([
    ["{ Drawdown: count < 9, Leverage: count > 1 }", "ok", "count.of: 5"],
    [
      "{ Drawdown: count < 3, Leverage: count > 1, Lag: count == 4 }",
      "failed",
      "2 of 3 failed: Drawdown, Lag; count is 5",
    ],
    ["{ Drawdown: count < 9, Leverage: '10 / (count - 5) > 1' }", "unknown", "Leverage: division by zero"],
    [
      "{ Drawdown: count < 3, Leverage: '10 / (count - 5) > 1' }",
      "failed",
      "1 of 2 failed: Drawdown; count is 5",
    ],
  ])("%s is %s", async (expected, status, sentence) => {
    const [finding] = findings(await engine(book(expected), [count]));
    expect(finding?.slice(0, 2)).toEqual(["risk", status]);
    expect(finding?.[2]).toContain(sentence);
  });
});

describe("save", () => {
  test("is seen by the expectation and the sentence, and by what is saved below it", async () => {
    const run = await engine(
      [
        "diagnose:",
        "  - id: five",
        "    count.of: '5'",
        "    save: { double: count * 2, more: vars.double + 1 }",
        "    expect: vars.more > 20",
        "    finding: ${vars.more} of 20",
      ].join("\n"),
      [count],
    );
    expect(findings(run)).toEqual([["five", "failed", "11 of 20"]]);
  });

  test("names what cannot be made, at once: a read is unknown, a change failed", async () => {
    const change = fakeKind({
      name: "count.set",
      effect: "change",
      execute: async () => await Promise.resolve(ok({ count: 1n })),
    });
    const run = await engine(
      [
        "diagnose: [{ id: five, count.of: '5', save: { first: '[].first()' }, expect: count > 1 }]",
        "steps:",
        "  - { id: set, count.set: a, save: { half: '10 / (count - 1)' } }",
        "  - { id: after, count.of: '1' }",
      ].join("\n"),
      [count, change],
      yes,
    );
    expect(findings(run)).toEqual([["five", "unknown", expect.stringMatching(/^cannot save first: /)]]);
    const set = run.events.findLast((event) => event.type === "step.finished" && event.step === "set");
    expect(set).toMatchObject({ status: "failed", message: "cannot save half: division by zero" });
    expect(run.events.some((event) => event.type === "step.started" && event.step === "after")).toBe(false);
  });
});
