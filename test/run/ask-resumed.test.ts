/** What a person answered is on record: a resumed run does not ask for it again, unless it is another question. */
import { expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import { ask } from "../../src/kinds/basic/ask.ts";
import { engine, pastFrom, type Engine } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const counting = (count: bigint) =>
  fakeKind({ name: "look", execute: async () => await Promise.resolve(ok({ count })) });
const world = new Counters();
const up = world.kind({ name: "up" });

/** The records as they were when the process was killed behind the last one of this type. */
function killedAfter(run: Engine, type: string): Engine {
  const at = run.records.findLastIndex((record) => record.type === type);
  return { ...run, records: run.records.slice(0, at + 1) };
}

const book = `
steps:
  - { id: n, look: x }
  - { id: desk, ask: { question: "Close \${string(steps.n.count)} positions?", typed: true }, expect: "answer != 'no'" }
  - { id: act, up: "\${steps.desk.answer}" }
`;

test.each(["step.ticked", "step.finished"])(
  "killed behind %s of it: its answer is handed on",
  async (type) => {
    const first = await engine(book, [counting(7n), ask, up], { answers: ["yes, all"] });
    const resumed = await engine(book, [counting(7n), ask, up], {
      past: pastFrom(killedAfter(first, type)),
      consent: { yes: true },
    });
    expect(resumed.questions).toEqual([]);
    expect(resumed.end.outcome).toBe("completed");
    expect(world.of("yes, all")).toBeGreaterThan(0);
  },
);

test("a question that reads otherwise now is another one", async () => {
  const first = await engine(book, [counting(7n), ask, up], { answers: ["yes"] });
  const resumed = await engine(book, [counting(9n), ask, up], {
    past: pastFrom(killedAfter(first, "step.finished")),
    answers: ["no"],
  });
  expect(resumed.questions).toEqual(["Close 9 positions?"]);
});

test("an answer that the step refused, or none, is asked for again", async () => {
  for (const answers of [["no"], ["", "", ""]]) {
    const first = await engine(book, [counting(7n), ask, up], { answers });
    expect(first.end.exitCode).not.toBe(0);
    const resumed = await engine(book, [counting(7n), ask, up], { past: pastFrom(first), answers: ["no"] });
    expect(resumed.questions).toEqual(["Close 7 positions?"]);
  }
});

test("an answer that holds a secret is not on record as it was typed: asked again", async () => {
  const secret = "AKIAIOSFODNN7EXAMPLE";
  const first = await engine(book, [counting(7n), ask, up], { answers: [`key ${secret}`] });
  const resumed = await engine(book, [counting(7n), ask, up], {
    past: pastFrom(killedAfter(first, "step.ticked")),
    answers: ["no"],
  });
  expect(resumed.questions).toHaveLength(1);
});

test("each item of a list has an answer of its own", async () => {
  const each = 'steps: [{ id: each, foreach: [a, b], ask: "Call ${item}" }]\n';
  const first = await engine(each, [ask], { answers: [true, true] });
  const at = first.records.findIndex(({ type }) => type === "step.ticked");
  const killed = { ...first, records: first.records.slice(0, at + 1) };
  const resumed = await engine(each, [ask], { past: pastFrom(killed), answers: [true] });
  expect(resumed.questions).toEqual(["Call b"]);
});
