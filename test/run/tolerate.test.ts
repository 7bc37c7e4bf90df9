import { describe, expect, test } from "vitest";
import { fail, ok } from "../../src/base/result.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { engine, pastFrom, type Engine, type EngineOptions } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const yes: EngineOptions = { consent: { yes: true } };

/** A read that is ok or unknown, as its argument says. */
const look: Kind = fakeKind({
  name: "look",
  execute: async ({ name }) => {
    if (name !== "away") return await Promise.resolve(ok({ count: 1n }));
    return await Promise.resolve(fail({ type: "denied", target: name, message: "no login" }));
  },
});

/** A change that fails without effect, ends in doubt, or counts up, as its argument says. */
const act = (world: Counters): Kind =>
  world.kind({
    execute: async ({ name }) => {
      if (name === "broken")
        return await Promise.resolve(
          fail({ type: "rejected", target: name, message: "rejected", effect: "none" }),
        );
      if (name === "lost")
        return await Promise.resolve(fail({ type: "timeout", target: name, after: 1, doing: "acting" }));
      return await Promise.resolve(ok({ count: BigInt(world.up(name)) }));
    },
  });

const steps = ({ events }: Engine) =>
  events.flatMap((event) =>
    event.type === "step.finished"
      ? [`${event.step} ${event.status}${event.tolerated === true ? ", tolerated" : ""}`]
      : [],
  );
const end = ({ end: { outcome, exitCode }, events }: Engine) => {
  const last = events.at(-1);
  return [outcome, exitCode, last?.type === "run.finished" ? last.message : ""];
};

describe("a checklist that goes on", () => {
  test("ends with what failed, then with what is unknown, then with what waits for a person", async () => {
    const world = new Counters();
    const book = (list: string) => `tolerate: true\nsteps: [${list}]\n`;
    const failing = "{ id: bad, title: Bad, look: x, expect: count > 9 }";
    const away = "{ id: away, title: Away, look: away }";
    const waits = "{ id: up, title: Up, count.up: a }";
    const well = "{ id: well, look: x }";
    const kinds = [look, act(world)];
    const all = await engine(book([failing, away, waits, well].join(", ")), kinds);
    expect(steps(all)).toEqual([
      "bad failed, tolerated",
      "away unknown, tolerated",
      "up failed, tolerated",
      "well ok",
    ]);
    expect(end(all)).toEqual([
      "failed",
      1,
      "1 step failed: Bad: expected count > 9; count is 1; 1 step is unknown: Away: away refused access: no login; 1 step waits for a person: Up: needs consent, and there is no terminal to ask at; pass --yes",
    ]);
    expect(end(await engine(book([away, waits, well].join(", ")), kinds)).slice(0, 2)).toEqual([
      "unknown",
      4,
    ]);
    const asked = await engine(book([waits, well].join(", ")), kinds);
    expect(end(asked).slice(0, 2)).toEqual(["approval-needed", 3]);
    expect(world.of("a")).toBe(0);
    const later = await engine(book([waits, well].join(", ")), kinds, { ...yes, past: pastFrom(asked) });
    expect([...end(later).slice(0, 2), world.of("a")]).toEqual(["completed", 0, 1]);
  });

  test("each of what was not ok is in the end of the run, and is there for the steps after it, resumed too", async () => {
    const bad = "{ id: bad, title: Bad, look: x, expect: count > 9 }";
    const away = "{ id: away, title: Away, look: away }";
    const kinds = [look, act(new Counters())];
    const text = `tolerate: true\nsteps: [${bad}, ${away}, { id: up, title: Up, count.up: a }]\nafter: [{ id: told, look: x, finding: "\${run.not_ok.map(one, one.outcome + ' ' + one.title)}" }]\n`;
    const run = await engine(text, kinds);
    const [last] = run.events.slice(-1);
    expect(last).toMatchObject({
      type: "run.finished",
      not_ok: [
        { title: "Bad", outcome: "failed", sentence: "expected count > 9; count is 1" },
        { title: "Away", outcome: "unknown", sentence: "away refused access: no login" },
        { title: "Up", outcome: "waits" },
      ],
    });
    const told = run.records.filter(({ type }) => type === "run.outcome");
    expect(told).toMatchObject([
      { data: { not_ok: [{ title: "Bad" }, { title: "Away" }, { title: "Up" }] } },
    ]);
    const cut = {
      ...run,
      records: run.records.slice(0, run.records.findIndex(({ type }) => type === "run.outcome") + 1),
    };
    const resumed = await engine(text, kinds, { past: pastFrom(cut) });
    expect(resumed.events.at(-1)).toMatchObject({
      not_ok: [{ title: "Bad" }, { title: "Away" }, { title: "Up" }],
    });
  });

  test("goes on behind a question that is declined, which waits for another answer", async () => {
    const world = new Counters();
    const run = await engine(
      "tolerate: true\nsteps: [{ id: up, count.up: a }, { id: well, look: x }]\n",
      [look, act(world)],
      { answers: [false] },
    );
    expect([...end(run).slice(0, 2), steps(run), world.of("a")]).toEqual([
      "declined",
      3,
      ["up failed, tolerated", "well ok"],
      0,
    ]);
  });

  test("ends at a change that perhaps took effect, whatever it tolerates", async () => {
    const world = new Counters();
    const run = await engine(
      `
tolerate: true
steps:
  - tolerate: true
    steps: [{ id: lost, tolerate: true, count.up: lost }, { id: next, count.up: a }]
  - { id: last, look: x }
`,
      [look, act(world)],
      yes,
    );
    expect([...end(run).slice(0, 2), steps(run), world.of("a")]).toEqual(["unknown", 4, ["lost unknown"], 0]);
  });
});

describe("the nearest word counts", () => {
  test("a step's before its group's, a group's before the runbook's", async () => {
    const run = await engine(
      `
tolerate: true
steps:
  - id: strict
    tolerate: false
    steps: [{ id: one, title: One, tolerate: true, look: x, expect: count > 9 }, { id: two, title: Two, look: x, expect: count > 9 }, { id: three, look: x }]
  - { id: last, look: x }
`,
      [look],
    );
    expect(steps(run)).toEqual(["one failed, tolerated", "two failed"]);
    expect(end(run)).toEqual([
      "failed",
      1,
      "Two: expected count > 9; count is 1; tolerated: 1 step failed: One: expected count > 9; count is 1",
    ]);
  });

  test("a group that is tolerated ends where its own steps say, and its list carries on", async () => {
    const run = await engine(
      `
steps:
  - id: some
    tolerate: true
    steps: [{ id: one, tolerate: false, look: x, expect: count > 9 }, { id: two, look: x }]
  - { id: last, look: x, expect: steps.some.outcome == "failed" && steps.two.outcome == "skipped" }
`,
      [look],
    );
    expect([...end(run).slice(0, 2), steps(run)]).toEqual(["failed", 1, ["one failed", "last ok"]]);
  });
});

test("a rung carries on behind a step that it tolerates, and the findings decide it", async () => {
  const world = new Counters();
  const count = fakeKind({
    name: "count.of",
    execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(world.of(name)) })),
  });
  const book = `
diagnose: [{ id: up, count.of: a, expect: count > 0 }]
resolve:
  - rung: mend
    steps: [{ id: tell, title: Tell, tolerate: true, count.up: broken }, { id: mend, count.up: a }]
    verify: { findings: all, within: 1m, every: 10ms, hold: 0s }
`;
  const run = await engine(book, [count, act(world)], yes);
  expect(end(run)).toEqual([
    "resolved",
    0,
    "resolved by rung mend; tolerated: 1 step failed: Tell: broken rejected the request: rejected",
  ]);
});

test("a list of changes carries on behind one that failed, and never behind one in doubt", async () => {
  const world = new Counters();
  const book = (list: string) =>
    `steps: [{ id: each, tolerate: true, foreach: [${list}], count.up: "\${item}" }]`;
  const run = await engine(book("broken, a, b"), [act(world)], yes);
  expect([...end(run).slice(0, 2), world.of("a"), world.of("b")]).toEqual(["failed", 1, 1, 1]);
  const doubt = await engine(book("lost, c"), [act(world)], yes);
  expect([...end(doubt).slice(0, 2), world.of("c")]).toEqual(["unknown", 4, 0]);
});
