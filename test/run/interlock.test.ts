import { expect, test } from "vitest";
import type { Interlocks } from "../../src/ports/trading.ts";
import { planText } from "../../src/plan/print.ts";
import { engine, planOf, type EngineOptions } from "./engine.ts";
import { Counters } from "./fakes.ts";

const text = `
steps:
  - { id: one, count.up: a, requires: [trading-halted] }
`;

function interlocks(...holds: readonly boolean[]): Interlocks & { asked: number } {
  const lock = {
    asked: 0,
    check: async (name: string) => {
      const held = holds[Math.min(lock.asked++, holds.length - 1)] === true;
      const message = held ? "halted" : `${name}: executioner-2 trades`;
      return await Promise.resolve({ holds: held, message, meets: "lav-ir halt-all" });
    },
  };
  return lock;
}

async function tried(options: EngineOptions) {
  const world = new Counters();
  const ran = await engine(text, [world.kind()], options);
  const told = ran.events.flatMap((event) => (event.type === "interlock" ? [event] : []));
  return { ...ran, times: world.of("a"), told };
}

test("what holds lets the change through, and is on record before it", async () => {
  const { end, times, told, records } = await tried({ consent: { yes: true }, interlocks: interlocks(true) });
  expect([end.outcome, times]).toEqual(["completed", 1]);
  expect(told).toMatchObject([{ interlock: "trading-halted", decision: "held", message: "halted" }]);
  const types = records.map(({ type }) => type);
  expect(types.indexOf("interlock")).toBeLessThan(types.indexOf("step.intent"));
});

test("what does not hold stops before the question, with the command that meets it: exit 3", async () => {
  const { end, times, told, events, questions } = await tried({
    consent: { yes: true },
    interlocks: interlocks(false),
  });
  expect([end, times, questions]).toEqual([{ outcome: "declined", exitCode: 3 }, 0, []]);
  expect(told).toMatchObject([{ decision: "refused" }]);
  const finished = events.find((event) => event.type === "step.finished");
  expect(finished).toMatchObject({
    message: "one requires trading-halted: trading-halted: executioner-2 trades; run lav-ir halt-all first",
  });
});

test("a flag with a reason overrides it, and the reason is in the journal", async () => {
  const override = { "trading-halted": "the desk halted by phone" };
  const { end, times, records } = await tried({
    consent: { yes: true, override },
    interlocks: interlocks(false),
  });
  expect([end.outcome, times]).toEqual(["completed", 1]);
  expect(records.find(({ type }) => type === "interlock")?.data).toMatchObject({
    decision: "overridden",
    how: "--override",
    reason: "the desk halted by phone",
  });
});

test("at a terminal the reason is typed; Enter alone is no reason", async () => {
  const typed = await tried({ answers: ["the desk halted by phone", true], interlocks: interlocks(false) });
  expect([typed.end.outcome, typed.times]).toEqual(["completed", 1]);
  expect(typed.told).toMatchObject([{ decision: "overridden", how: "prompt" }]);
  expect(typed.questions[0]).toContain("executioner-2 trades");
  for (const nothing of ["", "  ", undefined]) {
    const { end, times } = await tried({ answers: [nothing, true], interlocks: interlocks(false) });
    expect([end.exitCode, times]).toEqual([3, 0]);
  }
});

test("the plan says what a step requires", async () => {
  expect(planText(await planOf(text, [new Counters().kind()]))).toContain("requires trading-halted");
});

test.each([
  ["an unknown one", "count.up: a, requires: [trading-haltd]", "trading-haltd"],
  ["none", "count.up: a, requires: []", "requires"],
])("%s is refused before anything runs", async (_what, step, says) => {
  const planning = planOf(`\nsteps:\n  - { id: one, ${step} }\n`, [new Counters().kind()]);
  await expect(planning).rejects.toThrow(says);
});
