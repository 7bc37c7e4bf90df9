/** What held before a change and does not any more: whether the rest is done is a person's to say. */
import { expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { engine, pastFrom, type Engine } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const count = (world: Counters): Kind =>
  fakeKind({
    name: "count.of",
    execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(world.of(name)) })),
  });

/** The first change makes its precondition false, as a promotion does; the second is what is left. */
const book = `
diagnose: [{ id: up, count.of: b, expect: count > 0 }]
resolve:
  - rung: promote
    steps:
      - { id: can, title: It can, count.of: a, expect: count == 0 }
      - { id: first, count.up: a }
      - { id: look, title: It did, count.of: a, expect: count == 1 }
      - { id: second, count.up: b }
    verify: { findings: all, within: 1m, every: 10ms, hold: 0s }
`;
const yes = { consent: { yes: true } };
const steps = ({ events }: Engine) =>
  events.flatMap((event) =>
    event.type === "step.finished" && event.section === "resolve"
      ? [[event.step, event.status, event.message]]
      : [],
  );

/** A run that was killed right before the record with this number of this type. */
async function killed(world: Counters, type: string, number: number): Promise<Engine> {
  const whole = await engine(book, [count(world), world.kind()], yes);
  const at = whole.records.map((record, index) => (record.type === type ? index : -1)).filter((i) => i >= 0);
  return { ...whole, records: whole.records.slice(0, at[number - 1]) };
}

const held = "expected count == 0; count is 1; it held before a change that was begun since";

test("its precondition, false by now, is asked about: a yes, and the rest is done", async () => {
  const world = new Counters();
  const first = await killed(world, "step.intent", 2);
  world.counts.set("b", 0);
  const past = pastFrom(first);
  const resumed = await engine(book, [count(world), world.kind()], { ...yes, past, answers: [true] });
  expect([resumed.end.outcome, world.of("a"), world.of("b")]).toEqual(["resolved", 1, 1]);
  expect(resumed.questions).toEqual([`It can: ${held}\n  Continue with the rest anyway?`]);
  expect(steps(resumed)[0]).toEqual(["can", "ok", `${held}; the operator continues`]);
});

test.each([
  ["a no", [false], held],
  ["nobody there to say so, whatever --yes says", undefined, `${held}: resume at a terminal to decide`],
])("%s: it is judged, and nothing more is changed", async (_who, answers, message) => {
  const world = new Counters();
  const first = await killed(world, "step.intent", 2);
  world.counts.set("b", 0);
  const asked = answers === undefined ? {} : { answers };
  const resumed = await engine(book, [count(world), world.kind()], {
    ...yes,
    past: pastFrom(first),
    ...asked,
  });
  expect([resumed.end.outcome, world.of("a"), world.of("b")]).toEqual(["exhausted", 1, 0]);
  expect(steps(resumed)[0]).toEqual(["can", "failed", message]);
});

test("what stands behind the change is judged, and ends the list", async () => {
  const world = new Counters();
  const first = await killed(world, "step.intent", 2);
  world.counts.set("b", 0);
  world.counts.set("a", 7);
  const past = pastFrom(first);
  const resumed = await engine(book, [count(world), world.kind()], { ...yes, past, answers: [true] });
  expect(steps(resumed).map(([id, status]) => `${id} ${status}`)).toEqual([
    "can ok",
    "first ok",
    "look failed",
  ]);
  expect(world.of("b")).toBe(0);
});

test("where no change was begun yet it is judged again", async () => {
  const world = new Counters();
  const first = await killed(world, "step.intent", 1);
  world.counts.set("a", 5);
  world.counts.set("b", 0);
  const resumed = await engine(book, [count(world), world.kind()], { ...yes, past: pastFrom(first) });
  expect([world.of("a"), steps(resumed)[0]?.slice(0, 2)]).toEqual([5, ["can", "failed"]]);
});
