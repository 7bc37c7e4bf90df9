import { describe, expect, test } from "vitest";
import type { Json } from "../../src/base/json.ts";
import { fail, ok } from "../../src/base/result.ts";
import { engine, pastFrom, type EngineOptions } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const three = `
steps:
  - { id: one, count.up: a }
  - { id: two, count.up: b }
  - { id: three, count.up: c }
`;
const yes: EngineOptions = { consent: { yes: true } };

test("the disk is waited for before a change, behind it, and not once more", async () => {
  const said: string[] = [];
  const world = new Counters();
  const kind = world.kind({
    execute: async ({ name }) => {
      said.push("the change");
      return await Promise.resolve(ok({ count: BigInt(world.up(name)) }));
    },
  });
  const wrote = (type: string, durable: boolean): void => void said.push(durable ? `${type}: disk` : type);
  await engine("steps: [{ count.up: a }]", [kind], { ...yes, wrote });
  expect(said).toEqual([
    "run.started: disk",
    "step.started",
    "preview",
    "approval",
    "step.intent: disk",
    "the change",
    "step.outcome: disk",
    "step.finished",
    "run.finished: disk",
  ]);
});

describe("a run whose journal ends at any record", () => {
  test("is resumed with each change made exactly once, when its kind can look whether it was", async () => {
    const whole = await engine(three, [new Counters().kind()], yes);
    expect(whole.end.outcome).toBe("completed");
    for (let fullAt = 2; fullAt <= whole.records.length; fullAt++) {
      const world = new Counters();
      const first = await engine(three, [world.kind()], { ...yes, fullAt });
      expect([first.records.length, first.end.exitCode === 0]).toEqual([
        fullAt - 1,
        fullAt > whole.records.length - 1,
      ]);
      const second = await engine(three, [world.kind()], { ...yes, past: pastFrom(first) });
      expect([second.end.outcome, world.of("a"), world.of("b"), world.of("c")]).toEqual([
        "completed",
        1,
        1,
        1,
      ]);
    }
  });

  test("a change that cannot be looked at is unknown, and what follows does not run", async () => {
    const kind = (world: Counters) => world.kind({ happened: async () => await Promise.resolve("unknown") });
    const whole = await engine(three, [kind(new Counters())], yes);
    const outcome = whole.records.findIndex(({ type }) => type === "step.outcome") + 1;
    const world = new Counters();
    const first = await engine(three, [kind(world)], { ...yes, fullAt: outcome });
    expect([first.end, world.of("a")]).toEqual([{ outcome: "unknown", exitCode: 4 }, 1]);
    const second = await engine(three, [kind(world)], { ...yes, past: pastFrom(first) });
    expect([second.end.exitCode, world.of("a"), world.of("b")]).toEqual([4, 1, 0]);
  });

  test("a kind that looks is handed what was recorded before, and when", async () => {
    const seen: unknown[] = [];
    const world = new Counters();
    world.up("a");
    const kind = world.kind({
      happened: async (args, before, since) => {
        seen.push(args, before, since instanceof Date);
        return await Promise.resolve("yes");
      },
    });
    const whole = await engine("steps: [{ count.up: a }]", [world.kind()], yes);
    const intent = whole.records.findIndex(({ type }) => type === "step.intent") + 1;
    const first = { ...whole, records: whole.records.slice(0, intent) };
    const second = await engine("steps: [{ count.up: a }]", [kind], { ...yes, past: pastFrom(first) });
    expect([second.end.outcome, world.of("a")]).toEqual(["completed", 2]);
    expect(seen).toEqual([{ name: "a" }, { count: 1 }, true]);
  });

  test("in a list, what was done is kept and the rest is asked for again", async () => {
    const list = `steps: [{ id: each, foreach: "['a', 'b', 'c']", count.up: "\${item}" }]`;
    const world = new Counters();
    const whole = await engine(list, [new Counters().kind()], yes);
    const intents = whole.records.flatMap(({ type }, index) => (type === "step.intent" ? [index + 1] : []));
    const first = await engine(list, [world.kind()], { ...yes, fullAt: intents[1] ?? 0 });
    expect([first.end.outcome, world.of("a"), world.of("b")]).toEqual(["failed", 1, 0]);
    const second = await engine(list, [world.kind()], { past: pastFrom(first), answers: [true] });
    expect(second.end.outcome).toBe("completed");
    expect(["a", "b", "c"].map((name) => world.of(name))).toEqual([1, 1, 1]);
    expect(second.questions[0]).toContain("2 times: count.up: b; count.up: c");
  });
});

describe("before a change", () => {
  test("no intent is written when what it replaces cannot be recorded", async () => {
    const world = new Counters();
    const kind = world.kind({
      capture: async () =>
        await Promise.resolve(fail({ type: "timeout", target: "x", after: 5, doing: "looking" })),
    });
    const { end, records } = await engine("steps: [{ count.up: a }]", [kind], yes);
    expect([end.exitCode, world.of("a")]).toEqual([1, 0]);
    expect(records.some(({ type }) => type === "step.intent")).toBe(false);
    expect(records.find(({ type }) => type === "step.finished")?.data).toMatchObject({
      status: "failed",
      failure: { type: "timeout", effect: "none" },
    });
  });

  test("a preview that cannot be made is a failure without effect, and nobody is asked", async () => {
    const world = new Counters();
    const kind = world.kind({
      preview: async () =>
        await Promise.resolve(fail({ type: "timeout", target: "x", after: 5, doing: "looking" })),
    });
    const { end, events, questions } = await engine("steps: [{ count.up: a }]", [kind], { answers: [true] });
    expect([end.exitCode, world.of("a"), questions]).toEqual([1, 0, []]);
    const finished = events.find(({ type }) => type === "step.finished");
    expect(finished).toMatchObject({ status: "failed", failure: { effect: "none" } });
  });

  test("the intent is on record with its consent, its action and its key", async () => {
    const { records } = await engine("steps: [{ count.up: a }]", [new Counters().kind()], yes);
    const at = (wanted: string) => records.findIndex(({ type }) => type === wanted);
    expect(at("approval")).toBeLessThan(at("step.intent"));
    expect(at("step.intent")).toBeLessThan(at("step.outcome"));
    const consent = records.flatMap(({ type, data }) => (type === "approval" ? [data.digest] : []));
    expect(records[at("step.intent")]?.data).toMatchObject({
      key: "steps//count_up",
      action: "count.up: a",
      digest: consent[0],
      before: { count: 0 },
    });
  });
});

describe("the question", () => {
  /** Previews one after the other; the last one stays. */
  const previewing = (
    world: Counters,
    previews: readonly { binding: Json; count: number; moving?: Readonly<Record<string, number>> }[],
  ) => {
    let next = 0;
    return world.kind({
      effect: "destructive",
      preview: async () => {
        const { binding, count, moving } = previews[Math.min(next++, previews.length - 1)] ?? {
          binding: "",
          count: 0,
        };
        const lines = [`ends ${count} sessions of ${typeof binding === "string" ? binding : "it"}`];
        return await Promise.resolve(
          ok({
            lines,
            binding,
            counters: { sessions: count },
            confirm: String(count),
            ...(moving === undefined ? {} : { moving }),
          }),
        );
      },
    });
  };
  const book = "steps: [{ count.up: a }]";

  test("is asked again when what it would touch moved before the answer", async () => {
    const world = new Counters();
    const kind = previewing(world, [
      { binding: "p1", count: 5 },
      { binding: "p2", count: 5 },
    ]);
    const { end, questions } = await engine(book, [kind], { answers: ["5", "5"] });
    expect([end.outcome, world.of("a"), questions.length]).toEqual(["completed", 1, 2]);
    expect(questions[0]).toContain("ends 5 sessions of p1");
    expect(questions[0]).not.toContain("has changed since");
    expect(questions[1]).toContain("what it would change has moved since the last question");
    expect(questions[1]).toContain("ends 5 sessions of p2");
  });

  test("is asked again when a number grew by more than a tenth, and not for less", async () => {
    const more = previewing(new Counters(), [
      { binding: "p", count: 100 },
      { binding: "p", count: 111 },
    ]);
    expect((await engine(book, [more], { answers: ["100", "111"] })).questions).toHaveLength(2);
    const less = previewing(new Counters(), [
      { binding: "p", count: 100 },
      { binding: "p", count: 110 },
    ]);
    expect((await engine(book, [less], { answers: ["100"] })).questions).toHaveLength(1);
  });

  test("is asked again when an amount moved by more than a tenth, up or down", async () => {
    for (const [gross, questions] of [
      [109, 1],
      [111, 2],
      [91, 1],
      [89, 2],
    ] as const) {
      const kind = previewing(new Counters(), [
        { binding: "p", count: 5, moving: { gross: 100 } },
        { binding: "p", count: 5, moving: { gross } },
      ]);
      expect((await engine(book, [kind], { answers: ["5", "5"] })).questions).toHaveLength(questions);
    }
  });

  test("--approve says that what it was given for has moved", async () => {
    const world = new Counters();
    const asked = await engine(book, [
      previewing(world, [{ binding: "p", count: 5, moving: { gross: 100 } }]),
    ]);
    const shown = asked.events.find(({ type }) => type === "preview");
    const consent = { approve: [shown?.type === "preview" ? shown.approve : ""] };
    const far = previewing(world, [{ binding: "p", count: 5, moving: { gross: 120 } }]);
    const { end, events } = await engine(book, [far], { consent });
    expect(end.exitCode).toBe(3);
    expect(events.find(({ type }) => type === "run.finished")).toMatchObject({
      message: expect.stringContaining("has moved since the --approve") as string,
    });
    const near = previewing(world, [{ binding: "p", count: 5, moving: { gross: 105 } }]);
    expect([(await engine(book, [near], { consent })).end.exitCode, world.of("a")]).toEqual([0, 1]);
  });

  test("cannot be used to steer the terminal", async () => {
    const kind = previewing(new Counters(), [{ binding: "\u001b[2Jp", count: 5 }]);
    const { questions } = await engine(book, [kind], { answers: ["5"] });
    expect(questions[0]).toContain("ends 5 sessions of ␛[2Jp");
  });

  test("wants the number shown, nothing else", async () => {
    for (const answer of ["4", "y", "", "yes", "55"]) {
      const world = new Counters();
      const kind = previewing(world, [{ binding: "p", count: 5 }]);
      const { end } = await engine(book, [kind], { answers: [answer, ""] });
      expect([end.outcome, world.of("a")]).toEqual(["declined", 0]);
    }
  });

  test("that nobody answered is not a success, and nothing changed", async () => {
    const world = new Counters();
    const { end } = await engine(book, [world.kind()], { answers: [] });
    expect([end.outcome, world.of("a")]).toEqual(["failed", 0]);
  });

  test("--approve with the code of one preview is void for another", async () => {
    const world = new Counters();
    const asked = await engine(book, [previewing(world, [{ binding: "p1", count: 5 }])]);
    expect(asked.end.exitCode).toBe(3);
    const shown = asked.events.find(({ type }) => type === "preview");
    const digest = shown?.type === "preview" ? shown.approve : "";
    const moved = previewing(world, [{ binding: "p2", count: 5 }]);
    expect((await engine(book, [moved], { consent: { approve: [digest] } })).end.exitCode).toBe(3);
    const same = previewing(world, [{ binding: "p1", count: 500 }]);
    expect((await engine(book, [same], { consent: { approve: [digest] } })).end.exitCode).toBe(0);
    expect(world.of("a")).toBe(1);
  });

  test.each<[string, Json, Json, number]>([
    ["a list", [{ pid: 1 }, { pid: 2 }], [{ pid: 2 }, { pid: 1 }], 0],
    ["a list in a map", { at: "x", pids: [1, 2] }, { at: "x", pids: [2, 1] }, 0],
    ["a list of others", [{ pid: 1 }, { pid: 2 }], [{ pid: 3 }, { pid: 1 }], 3],
    ["a list of fewer", [1, 1, 2], [1, 2], 3],
    ["a list within what is bound", [{ path: ["a", "b"] }], [{ path: ["b", "a"] }], 3],
  ])("a code is of the same set in any order: %s", async (_, before, now, exit) => {
    const world = new Counters();
    const asked = await engine(book, [previewing(world, [{ binding: before, count: 5 }])]);
    const shown = asked.events.find(({ type }) => type === "preview");
    const approve = [shown?.type === "preview" ? shown.approve : ""];
    const again = previewing(world, [{ binding: now, count: 5 }]);
    expect((await engine(book, [again], { consent: { approve } })).end.exitCode).toBe(exit);
  });
});

test("a kind that throws is a bug: the run ends by throwing it, and not by an outcome", async () => {
  const kind = fakeKind({
    name: "count.up",
    execute: () => {
      throw new TypeError("a bug");
    },
  });
  await expect(engine("steps: [{ count.up: a }]", [kind])).rejects.toThrow("a bug");
});
