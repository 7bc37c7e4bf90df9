import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fail, ok } from "../../src/base/result.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { engine, pastFrom, type Engine, type EngineOptions } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const yes: EngineOptions = { consent: { yes: true } };

/** A read that is ok, fails or is unknown, as its argument says. */
const look: Kind = fakeKind({
  name: "look",
  execute: async ({ name }) => {
    if (name === "well") return await Promise.resolve(ok({ count: 1n }));
    if (name === "bad") return await Promise.resolve(ok({ count: 99n }));
    const message = `${name} is out of reach`;
    return await Promise.resolve(fail({ type: "denied", target: name, message }));
  },
});

const groupsOf = ({ events }: Engine) =>
  events.flatMap((event) =>
    event.type === "group.started"
      ? [`${event.group} begins`]
      : event.type === "group.finished"
        ? [`${event.group} ${event.status}: ${event.message}`]
        : [],
  );
const steps = ({ events }: Engine) =>
  events.flatMap((event) => (event.type === "step.finished" ? [`${event.step} ${event.status}`] : []));

describe("a group in order", () => {
  test("runs under its title, and what it is to others is the worst of it", async () => {
    const run = await engine(
      `
steps:
  - id: services
    title: Services
    steps:
      - { id: one, title: One, look: well, expect: count < 10 }
      - id: deep
        steps: [{ id: two, title: Two, look: well, when: "false" }]
  - { id: last, look: well, expect: steps.services.outcome == "ok" && steps.one.count == 1 && steps.deep.outcome == "skipped" }
`,
      [look],
    );
    expect([run.end.outcome, run.end.exitCode]).toEqual(["completed", 0]);
    expect(groupsOf(run)).toEqual([
      "services begins",
      "deep begins",
      "deep skipped: every step was skipped",
      "services ok: 1 of 2 ok, 1 skipped",
    ]);
    expect(run.events.find((event) => event.type === "step.finished" && event.step === "two")).toMatchObject({
      groups: ["services", "deep"],
    });
  });

  test("ends at its first step that is not well, and so does the list that it stands in", async () => {
    const run = await engine(
      `
steps:
  - id: services
    steps:
      - { id: one, title: One, look: bad, expect: count < 10 }
      - { id: two, title: Two, look: well }
  - { id: last, look: well }
`,
      [look],
    );
    expect([run.end.outcome, steps(run)]).toEqual(["failed", ["one failed"]]);
    expect(groupsOf(run).at(-1)).toBe(
      "services failed: 1 of 2: One: expected count < 10; count is 99; 1 skipped",
    );
  });

  test("is left out with all that is in it when its condition is false, and says so once", async () => {
    const run = await engine(
      `
steps:
  - id: services
    title: Services
    when: 1 > 2
    steps: [{ id: one, look: bad, expect: count < 10 }]
  - { id: last, look: well, expect: steps.services.outcome == "skipped" && steps.one.outcome == "skipped" }
`,
      [look],
    );
    expect([run.end.outcome, steps(run)]).toEqual(["completed", ["last ok"]]);
    expect(groupsOf(run)).toEqual(["services skipped: 1 > 2 is false"]);
  });

  test("whose condition cannot be evaluated begins none of its steps", async () => {
    const world = new Counters();
    const run = await engine(
      `
steps:
  - id: services
    when: 1 / 0 > 2.0
    steps: [{ id: one, count.up: a }]
  - { id: last, look: well }
`,
      [look, world.kind()],
      yes,
    );
    expect([run.end.outcome, world.of("a"), steps(run)]).toEqual(["failed", 0, ["one failed"]]);
  });
});

describe("a group of the diagnosis", () => {
  test("has its steps side by side; needs lead into it, out of it and to all of it", async () => {
    const order: string[] = [];
    const told: Kind = fakeKind({
      name: "tell",
      execute: async ({ name }) => {
        order.push(name);
        return await Promise.resolve(ok({ count: 1n }));
      },
    });
    const run = await engine(
      `
diagnose:
  - { id: after_all, needs: all, tell: after_all }
  - { id: after_inner, needs: second, tell: after_inner }
  - id: all
    needs: first
    steps:
      - { id: second, needs: outer, tell: second }
      - { id: third, needs: second, tell: third }
  - { id: outer, tell: outer }
  - { id: first, needs: outer, tell: first }
`,
      [told],
    );
    expect(run.end.outcome).toBe("healthy");
    const before = (one: string, other: string) => order.indexOf(one) < order.indexOf(other);
    expect(order.toSorted()).toEqual(["after_all", "after_inner", "first", "outer", "second", "third"]);
    expect([
      before("first", "second"),
      before("second", "after_inner"),
      before("third", "after_all"),
    ]).toEqual([true, true, true]);
  });

  test("is a finding of a rung by its id; measured again, its outcome is the new one", async () => {
    const world = new Counters();
    world.counts.set("db", 0);
    const up: Kind = fakeKind({
      name: "count.of",
      execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(world.of(name)) })),
    });
    const run = await engine(
      `
diagnose:
  - id: stores
    steps: [{ id: db, title: Database, count.of: db, expect: count > 0 }]
resolve:
  - rung: up
    steps: [{ count.up: db }, { id: same, look: well, expect: steps.stores.outcome == "failed" }]
    verify: { findings: [stores], within: 1m, every: 10ms, hold: 0s }
`,
      [up, look, world.kind()],
      yes,
    );
    expect([run.end.outcome, steps(run)]).toEqual([
      "resolved",
      ["db failed", "count_up ok", "same ok", "db ok"],
    ]);
  });
});

describe("the time of a group", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  /** Lets the time of the group pass, and what that sets off take place. */
  const pass = async (): Promise<void> => {
    vi.advanceTimersByTime(60_000);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const endless: Kind = fakeKind({
    name: "wait",
    execute: async ({ name }, { signal }) => {
      const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await pass();
      await ended;
      return fail({ type: "interrupted", target: name, message: "broken off" });
    },
  });

  test("ends a read that is under way, and nothing more of it begins", async () => {
    const run = await engine(
      `
steps:
  - id: services
    title: Services
    timeout: 1m
    steps: [{ id: one, wait: x, timeout: 1h }, { id: two, look: well }]
`,
      [look, endless],
    );
    expect([run.end.outcome, steps(run)]).toEqual(["unknown", ["one unknown"]]);
    expect(groupsOf(run).at(-1)).toBe(
      "services unknown: 1 of 2: one: the group Services exceeded its deadline of 1m while wait; 1 skipped",
    );
  });

  test("does not end a change that is under way, and the next one is not begun", async () => {
    const world = new Counters();
    const change = world.kind({
      execute: async ({ name }, { signal }) => {
        await pass();
        return signal.aborted
          ? fail({ type: "interrupted", target: name, message: "broken off" })
          : ok({ count: BigInt(world.up(name)) });
      },
    });
    const run = await engine(
      `
steps:
  - id: services
    title: Services
    timeout: 1m
    steps: [{ id: one, count.up: a, timeout: 1h }, { id: two, count.up: b }]
`,
      [change],
      yes,
    );
    expect([run.end.outcome, world.of("a"), world.of("b")]).toEqual(["failed", 1, 0]);
    expect(steps(run)).toEqual(["one ok", "two failed"]);
    expect(run.events.at(-1)).toMatchObject({
      message: expect.stringContaining("the group Services exceeded its deadline of 1m"),
    });
  });

  test("ends a question, and nobody has said no", async () => {
    const world = new Counters();
    const asked = await engine(
      `
steps:
  - id: services
    title: Services
    timeout: 1m
    steps: [{ id: one, count.up: a, timeout: 1h }]
`,
      [
        world.kind({
          preview: async () => (await pass(), ok({ lines: [], binding: 1, counters: {}, confirm: "x" })),
        }),
      ],
      { answers: [] },
    );
    expect([asked.end.outcome, world.of("a")]).toEqual(["failed", 0]);
    expect(groupsOf(asked).at(-1)).toContain(
      "the group Services exceeded its deadline of 1m at the question",
    );
  });

  test("is none of the findings' when they are measured again", async () => {
    const world = new Counters();
    let looks = 0;
    const late: Kind = fakeKind({
      name: "late",
      execute: async (args, context) =>
        looks++ > 0 ? ok({ count: 1n }) : await endless.execute({ ...args }, context),
    } as Parameters<typeof fakeKind>[0]);
    const count = fakeKind({
      name: "count.of",
      execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(world.of(name)) })),
    });
    const run = await engine(
      `
diagnose:
  - { id: bad, count.of: a, expect: count > 0 }
  - id: stores
    timeout: 1m
    steps: [{ id: slow, late: x, timeout: 1h, expect: count == 1 }]
resolve:
  - rung: up
    steps: [count.up: a]
    verify: { findings: all, within: 1m, every: 10ms, hold: 0s }
`,
      [late, count, world.kind()],
      yes,
    );
    expect([run.end.outcome, steps(run).toSorted()]).toEqual([
      "resolved",
      ["bad failed", "bad ok", "count_up ok", "slow ok", "slow unknown"],
    ]);
  });
});

test("a resumed run carries on in the group that it was in, although its condition is false by now", async () => {
  const world = new Counters();
  const count: Kind = fakeKind({
    name: "count.of",
    execute: async ({ name }) => await Promise.resolve(ok({ count: BigInt(world.of(name)) })),
  });
  const book = `
steps:
  - { id: down, count.of: a }
  - id: mend
    when: steps.down.count == 0
    steps: [{ id: one, count.up: a }, { id: two, count.up: b }]
`;
  const first = await engine(book, [count, world.kind()], yes);
  expect(first.end.outcome).toBe("completed");
  const at = first.records.findIndex(({ type, data }) => type === "step.outcome" && data.step === "one");
  const killed = { ...first, records: first.records.slice(0, at + 1) };
  world.counts.set("b", 0);
  const second = await engine(book, [count, world.kind()], { ...yes, past: pastFrom(killed) });
  expect([second.end.outcome, world.of("a"), world.of("b")]).toEqual(["completed", 1, 1]);
});

test("an include that is left out leaves the steps of the runbook around it as they are", async () => {
  const included = "runbook: other\nsteps: [{ id: one, look: bad }]\n";
  const run = await engine(
    `
steps:
  - { id: one, look: well }
  - { id: other, include: other, section: steps, when: 1 > 2 }
  - { id: last, look: well, expect: steps.one.count == 1 && steps.other.outcome == "skipped" }
`,
    [look],
    { includes: { other: included } },
  );
  expect([run.end.outcome, steps(run)]).toEqual(["completed", ["one ok", "last ok"]]);
});
