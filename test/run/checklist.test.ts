/** A checklist in a run: each tick on the disk before the next question, kept by a resumed run, asked once. */
import { expect, test } from "vitest";
import { ask } from "../../src/kinds/basic/ask.ts";
import { checklist } from "../../src/kinds/basic/checklist.ts";
import { engine, pastFrom, type Engine } from "./engine.ts";
import { Counters } from "./fakes.ts";

const book = `
steps:
  - { id: night, checklist: { Venues: [Routes, Orders], Desk: [Keys] } }
  - { id: end, ask: Go home }
`;
const kinds = [checklist, ask];
const leave = "leave them open";

function ticked({ events }: Engine): readonly unknown[] {
  return events.flatMap((event) => (event.type === "step.ticked" ? [`${event.heading}: ${event.tick}`] : []));
}

const ended = ({ events }: Engine) =>
  events.flatMap((event) => (event.type === "step.finished" ? [[event.status, event.message ?? ""]] : []));

test("each tick is on the disk before the next question", async () => {
  const durable: boolean[] = [];
  const wrote = (type: string, sync: boolean): void => {
    if (type === "step.ticked") durable.push(sync);
  };
  const run = await engine(book, kinds, { answers: [true, true, true, true], wrote });
  expect(run.end.outcome).toBe("completed");
  expect(durable).toEqual([true, true, true, true]);
  expect(run.events.find((event) => event.type === "step.ticked")).toMatchObject({
    step: "night",
    section: "steps",
    heading: "Venues",
    tick: "Routes",
    by: "unknown",
  });
});

test("left open it fails, and its list ends; tolerated it carries on", async () => {
  const run = await engine(book, kinds, { answers: [true, false, true, leave] });
  expect(ended(run)).toEqual([["failed", "1 of 3 left open: Venues: Orders"]]);
  expect(run.end.exitCode).toBe(1);
  const on = await engine(`tolerate: true\n${book}`, kinds, { answers: [true, false, true, leave, true] });
  expect(ended(on)).toHaveLength(2);
  expect(on.end.exitCode).toBe(1);
});

test("a run that is killed after a tick asks for the others when it is resumed", async () => {
  const whole = await engine(book, kinds, { answers: [true, true, true, true] });
  const at = whole.records.findIndex(({ type }) => type === "step.ticked");
  const killed = { ...whole, records: whole.records.slice(0, at + 1) };
  const resumed = await engine(book, kinds, { past: pastFrom(killed), answers: [true, true, true] });
  expect(resumed.questions.map((question) => question.split("\n").at(-1))).toEqual([
    "Venues: Orders. Done?",
    "Desk: Keys. Done?",
    "Go home",
  ]);
  expect(ticked(resumed)).toEqual(["Venues: Orders", "Desk: Keys", "Go home: done"]);
});

test("a tick that cannot be written ends the run: it does not count", async () => {
  const whole = await engine(book, kinds, { answers: [true, true, true, true] });
  const fullAt = whole.records.findIndex(({ type }) => type === "step.ticked") + 1;
  const full = await engine(book, kinds, { answers: [true, true, true, true], fullAt });
  expect(ticked(full)).toEqual([]);
  expect(full.questions).toHaveLength(1);
  expect(full.end.exitCode).not.toBe(0);
});

test("a finding of it is asked for once, however often it is measured", async () => {
  const world = new Counters();
  const run = await engine(
    `
diagnose: [{ id: seen, checklist: { Desk: [Keys] } }]
resolve:
  - { rung: up, steps: [{ count.up: a }], verify: { within: 50ms, every: 10ms, hold: 0s } }
`,
    [checklist, world.kind()],
    { answers: [false, leave], consent: { yes: true } },
  );
  expect(world.of("a")).toBe(1);
  expect(run.questions).toHaveLength(2);
  expect(run.end.outcome).toBe("exhausted");
});

test("each item of a list has ticks of its own", async () => {
  const run = await engine(
    `steps: [{ id: each, foreach: [a, b], checklist: { Desk: ["Keys of \${item}"] } }]\n`,
    kinds,
    { answers: [true, true] },
  );
  expect(ticked(run)).toEqual(["Desk: Keys of a", "Desk: Keys of b"]);
  expect(run.end.outcome).toBe("completed");
});
