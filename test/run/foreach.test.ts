import { describe, expect, test } from "vitest";
import { fail, ok } from "../../src/base/result.ts";
import { celDuration } from "../../src/language/expression.ts";
import type { Kind, KindDefinition } from "../../src/kinds/kind.ts";
import type { StepFinished } from "../../src/events/run.ts";
import { engine, pastFrom, type Engine, type EngineOptions } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

/*
 * faults 0.8: `expect`, `finding`, `save` and `retry.until` beside a foreach saw no outputs, and a resumed
 * run made its list anew.
 */

const yes: EngineOptions = { consent: { yes: true } };

/** What names the world holds, for lists that change. */
const names = (list: () => readonly unknown[]): Kind =>
  ({
    ...fakeKind({ name: "all.names" }),
    args: fakeKind({}).args,
    outputs: { list: { type: "dyn", doc: "Names" } },
    execute: async () => await Promise.resolve(ok({ list: list() })),
  }) as unknown as Kind;

/** A read that gives the count of a name, or fails as it is told. */
const look = (counts: Readonly<Record<string, number>>): Kind =>
  fakeKind({
    name: "count.of",
    execute: async ({ name }) => {
      const count = counts[name];
      return await Promise.resolve(
        count === undefined
          ? fail({ type: "unreachable", target: name, cause: "refused", message: "unreachable" })
          : ok({ count: BigInt(count) }),
      );
    },
  });

function finished({ events }: Engine, id: string): StepFinished {
  const found = events.findLast((event) => event.type === "step.finished" && event.step === id);
  if (found?.type !== "step.finished") throw new Error(`${id} did not end`);
  return found;
}

const itemsOf = (run: Engine, id: string) => finished(run, id).outputs?.["items"];
const finding = ({ events }: Engine) => events.findLast(({ type }) => type === "finding");
const asked = ({ events }: Engine) => events.filter(({ type }) => type === "approval").length;

describe("each item", () => {
  test("is judged by its own outputs; the sentence counts and names, the outcome is the worst", async () => {
    const book = `diagnose: [{ id: held, foreach: [OPX, LSE, NEWS], count.of: "\${item}", expect: count < 10, finding: "holds \${count}" }]`;
    const some = await engine(book, [look({ OPX: 5301, LSE: 2 })]);
    expect(finding(some)).toMatchObject({ status: "unknown" });
    expect(finding(some)).toHaveProperty(
      "sentence",
      expect.stringMatching(/^2 of 3: OPX holds 5301; NEWS: .*unreachable/),
    );
    expect(itemsOf(some, "held")).toEqual([
      { item: "OPX", outcome: "failed", sentence: "holds 5301", count: 5301n },
      { item: "LSE", outcome: "ok", sentence: "holds 2", count: 2n },
      { item: "NEWS", outcome: "unknown", sentence: expect.stringContaining("unreachable") },
    ]);
    const all = await engine(book, [look({ OPX: 1, LSE: 2, NEWS: 3 })]);
    expect(finding(all)).toMatchObject({
      status: "ok",
      sentence: "3 of 3 ok: OPX holds 1; LSE holds 2; NEWS holds 3",
    });
  });

  test("has its outputs in steps.ID.items, for whatever comes later", async () => {
    const world = new Counters();
    const book = `
steps:
  - { id: held, foreach: [a, b], count.of: "\${item}" }
  - { id: act, foreach: "steps.held.items.filter(i, i.count > 5)", when: steps.held.outcome == "ok", count.up: "\${item.item}" }
`;
    const run = await engine(book, [look({ a: 3, b: 7 }), world.kind()], yes);
    expect([run.end.outcome, world.of("a"), world.of("b")]).toEqual(["completed", 0, 1]);
  });

  test("is called by label, by itself, by its name or id, or by its number", async () => {
    const of = async (list: string, label = "") => {
      const book = `diagnose: [{ id: held, foreach: ${list}, ${label} count.of: x, expect: count < 0 }]`;
      const told = finding(await engine(book, [look({ x: 1 })]));
      return told?.type === "finding" ? told.sentence.replaceAll(/: expected[^;]*; count is 1/g, "") : "";
    };
    expect(await of("[{ name: n, id: i }, { id: i }, { other: 1 }, null, 7, true, '']")).toBe(
      "7 of 7: n; i; #2; #3; 7; and 2 more",
    );
    expect(await of("[{ name: n }]", 'label: "venue ${item.name}",')).toBe("1 of 1: venue n");
    expect(await of("[{ name: n }]", 'label: "${item.nothing}",')).toMatch(/^1 of 1: /);
  });

  test("may be left out by a when that reads it", async () => {
    const world = new Counters();
    const book = `steps: [{ id: each, foreach: [a, b, c], when: item != 'b', count.up: "\${item}" }]`;
    const run = await engine(book, [world.kind()], yes);
    expect([run.end.outcome, world.of("a"), world.of("b"), world.of("c")]).toEqual(["completed", 1, 0, 1]);
    expect(itemsOf(run, "each")).toMatchObject([
      { outcome: "ok" },
      { outcome: "skipped" },
      { outcome: "ok" },
    ]);
    const none = await engine(book.replace("item != 'b'", "item == 'z'"), [world.kind()], yes);
    expect([none.end.outcome, finished(none, "each").status, asked(none)]).toEqual([
      "completed",
      "skipped",
      0,
    ]);
  });

  test("may be anything: maps, unlike kinds, the same twice, null", async () => {
    const counts = { a: 1, "1": 1, true: 1, "1.5": 1 };
    const book = `diagnose: [{ id: each, foreach: [a, a, 1, 1.5, true], count.of: "\${item}", expect: count == 1 }]`;
    expect(finding(await engine(book, [look(counts)]))).toMatchObject({
      status: "ok",
      sentence: "5 of 5 ok",
    });
    const numbers = `diagnose: [{ id: each, foreach: [1, 2], count.of: a, expect: item + index < 3 }]`;
    expect(finding(await engine(numbers, [look(counts)]))).toMatchObject({ status: "failed" });
    const nothing = `diagnose: [{ id: each, foreach: [null], count.of: a, expect: item == null }]`;
    expect(finding(await engine(nothing, [look(counts)]))).toMatchObject({ status: "ok" });
  });
});

describe("a list", () => {
  const over = (list: string, section = "steps", kind = "count.up") =>
    `${section}: [{ id: each, foreach: ${list}, ${kind}: a ${section === "diagnose" ? ", expect: count >= 0" : ""} }]`;

  test("that is empty is skipped in steps, and unknown in a finding", async () => {
    const steps = await engine(over("[]"), [new Counters().kind()], yes);
    expect([steps.end, finished(steps, "each").status]).toMatchObject([{ exitCode: 0 }, "skipped"]);
    const diagnosed = await engine(over("[]", "diagnose", "count.of"), [look({ a: 1 })]);
    expect([diagnosed.end.exitCode, finished(diagnosed, "each").status]).toEqual([4, "unknown"]);
  });

  test("that cannot be made out is unknown, and nothing of it runs", async () => {
    const world = new Counters();
    const run = await engine(over("'[1, 2].map(i, i / 0)'"), [world.kind()], yes);
    expect([run.end.exitCode, finished(run, "each").status, world.of("a")]).toEqual([4, "unknown", 0]);
    expect(finished(run, "each").message).toContain("in [1, 2].map(i, i / 0)");
  });

  test("that is none is refused with what it is", async () => {
    const world = new Counters();
    for (const [list, what] of [
      ["platform.name", "bench"],
      ["platform.services", "a map"],
      ["'1'", "1"],
    ]) {
      const run = await engine(over(list ?? ""), [world.kind()], yes);
      expect([run.end.exitCode, finished(run, "each").message]).toEqual([
        1,
        expect.stringContaining(`is ${what}`),
      ]);
    }
    expect(world.of("a")).toBe(0);
  });

  test("has ten thousand items at most", async () => {
    let size = 10_000;
    const list = names(() => Array.from({ length: size }, (_, at) => at));
    const book = (kind: string) =>
      `steps: [{ id: all, all.names: x }, { id: each, foreach: steps.all.list, ${kind}: a }]`;
    const most = await engine(book("count.of"), [list, look({ a: 1 })]);
    expect([most.end.outcome, finished(most, "each").message]).toEqual(["completed", "10000 of 10000 ok"]);
    size++;
    const world = new Counters();
    const more = await engine(book("count.up"), [list, world.kind()], yes);
    expect([more.end.exitCode, world.of("a"), finished(more, "each").message]).toEqual([
      1,
      0,
      expect.stringContaining("at most 10000 items, but steps.all.list has 10001"),
    ]);
    const read = await engine(book("count.of"), [list, look({ a: 1 })]);
    expect([read.end.exitCode, finished(read, "each").status]).toEqual([4, "unknown"]);
  });

  test("of secrets is not written down, so no change runs over it", async () => {
    const world = new Counters();
    const book = `steps: [{ id: all, all.names: x }, { id: each, foreach: steps.all.list, count.up: a }]`;
    const run = await engine(
      book,
      [names(() => [{ id: "a", password: "hunter2hunter2" }]), world.kind()],
      yes,
    );
    expect([run.end.exitCode, world.of("a"), asked(run)]).toEqual([1, 0, 0]);
    expect(finished(run, "each").message).toContain("steps.all.list.map(i, i.id)");
    expect(JSON.stringify(run.records)).not.toContain("hunter2");
  });
});

describe("with retry", () => {
  /** Its count goes up with each look. */
  const rising = (
    world: Counters,
    more: Partial<KindDefinition<{ readonly name: string }, { readonly count: bigint }>> = {},
  ) => world.kind({ effect: "read", ...more });

  test("only those that do not hold are read again", async () => {
    const world = new Counters();
    world.up("b");
    const book = `diagnose: [{ id: each, foreach: [a, b], count.up: "\${item}", retry: { until: count >= 2, every: 10ms, within: 30s } }]`;
    const run = await engine(book, [rising(world)]);
    expect([finding(run), world.of("a"), world.of("b")]).toMatchObject([{ status: "ok" }, 2, 2]);
    expect(finished(run, "each").attempts).toBe(2);
  });

  test("a change whose until holds is made once, and the next begins when it does", async () => {
    const world = new Counters();
    const kind = world.kind({ retrySafe: "by the test" });
    const book = `steps: [{ id: each, foreach: [a, b], count.up: "\${item}", retry: { until: count >= 1, every: 10ms, within: 30s } }]`;
    const once = await engine(book, [kind], yes);
    expect([once.end.outcome, world.of("a"), world.of("b"), asked(once)]).toEqual(["completed", 1, 1, 1]);
    const order: string[] = [];
    const twice = world.kind({
      retrySafe: "by the test",
      execute: async ({ name }) => {
        order.push(name);
        return await Promise.resolve(ok({ count: BigInt(world.up(name)) }));
      },
    });
    await engine(book.replace("count >= 1", "count >= 3"), [twice], yes);
    expect(order).toEqual(["a", "a", "b", "b"]);
  });
});

describe("a list of changes", () => {
  const book = `steps: [{ id: each, foreach: [a, b, c], count.up: "\${item}", expect: count < 2 }]`;

  test("ends at the first that fails, by its kind or by what was expected; the rest is skipped", async () => {
    const world = new Counters();
    world.up("b");
    const run = await engine(book, [world.kind()], yes);
    expect([run.end, ["a", "b", "c"].map((name) => world.of(name))]).toEqual([
      { outcome: "failed", exitCode: 1 },
      [1, 2, 0],
    ]);
    expect(itemsOf(run, "each")).toMatchObject([
      { outcome: "ok" },
      { outcome: "failed" },
      { outcome: "skipped" },
    ]);
    expect(finished(run, "each").message).toMatch(/^1 of 3: b: expected count < 2; count is 2; 1 skipped$/);
  });

  test("is one question; a no leaves all of it undone", async () => {
    const world = new Counters();
    const run = await engine(book, [world.kind()], { answers: [false] });
    expect([run.end.outcome, run.questions.length, world.of("a")]).toEqual(["declined", 1, 0]);
    expect(run.questions[0]).toContain("3 times: count.up: a; count.up: b; count.up: c");
    expect(run.records.some(({ type }) => type === "step.list")).toBe(false);
  });

  test("is bound by --approve, item by item: another list is another question", async () => {
    const world = new Counters();
    let list: readonly unknown[] = [{ id: 1 }, { id: 2 }];
    const kinds = () => [names(() => list), world.kind({ effect: "destructive" })];
    const loop = `steps: [{ id: all, all.names: x }, { id: each, foreach: steps.all.list, count.up: a }]`;
    const shown = (await engine(loop, kinds())).events.find(({ type }) => type === "preview");
    const approve = shown?.type === "preview" ? [shown.approve] : [];
    list = [{ id: 1 }, { id: 3 }];
    expect((await engine(loop, kinds(), { consent: { approve } })).end.exitCode).toBe(3);
    expect(world.of("a")).toBe(0);
    list = [{ id: 1 }, { id: 2 }];
    expect((await engine(loop, kinds(), { consent: { approve } })).end.exitCode).toBe(0);
    expect(world.of("a")).toBe(2);
  });
});

describe("a run whose journal ends at any record", () => {
  const loop = `
steps:
  - { id: all, all.names: x }
  - { id: each, foreach: steps.all.list, count.up: "\${item.name}" }
`;
  const agents = ["a", "b", "c"].map((name) => ({ name, weight: 9007199254740993n, seen: new Date(0) }));

  test("goes on with the list that was agreed to, item by item, whatever the list is by then", async () => {
    const sick = (world: Counters) => names(() => agents.filter(({ name }) => world.of(name) === 0));
    const whole = await engine(loop, [sick(new Counters()), new Counters().kind()], yes);
    const list = whole.records.findIndex(({ type }) => type === "step.list");
    const intent = whole.records.findIndex(({ type }) => type === "step.intent");
    const consent = whole.records.findIndex(({ type }) => type === "approval");
    expect([consent < list, list < intent, list >= 0]).toEqual([true, true, true]);
    for (let fullAt = 2; fullAt <= whole.records.length; fullAt++) {
      const world = new Counters();
      const first = await engine(loop, [sick(world), world.kind()], { ...yes, fullAt });
      const second = await engine(loop, [sick(world), world.kind()], { ...yes, past: pastFrom(first) });
      expect([fullAt, second.end.outcome, ...["a", "b", "c"].map((name) => world.of(name))]).toEqual([
        fullAt,
        "completed",
        1,
        1,
        1,
      ]);
    }
  });

  test("an item in doubt is unknown, and none after it begins", async () => {
    const kind = (world: Counters) => world.kind({ happened: async () => await Promise.resolve("unknown") });
    const all = names(() => agents);
    const whole = await engine(loop, [all, kind(new Counters())], yes);
    const outcomes = whole.records.flatMap(({ type }, at) => (type === "step.outcome" ? [at + 1] : []));
    const world = new Counters();
    const first = await engine(loop, [all, kind(world)], { ...yes, fullAt: outcomes[1] ?? 0 });
    const second = await engine(loop, [all, kind(world)], { ...yes, past: pastFrom(first) });
    expect([second.end.exitCode, ...["a", "b", "c"].map((name) => world.of(name))]).toEqual([4, 1, 1, 0]);
    expect(itemsOf(second, "each")).toMatchObject([
      { outcome: "ok" },
      { outcome: "unknown" },
      { outcome: "skipped" },
    ]);
    expect(asked(second)).toBe(0);
  });

  test("keeps who was left out by its when, though the when says otherwise now", async () => {
    const world = new Counters();
    const book = `
steps:
  - { id: all, all.names: x }
  - { id: each, foreach: [a, b, c], when: "item in steps.all.list", count.up: "\${item}" }
`;
    let listed = ["a", "c"];
    const kinds = () => [names(() => listed), world.kind()];
    const whole = await engine(book, [names(() => listed), new Counters().kind()], yes);
    const second = whole.records.flatMap(({ type }, at) => (type === "step.intent" ? [at + 1] : []))[1] ?? 0;
    const first = await engine(book, kinds(), { ...yes, fullAt: second });
    listed = ["b"];
    const resumed = await engine(book, kinds(), { ...yes, past: pastFrom(first) });
    expect([resumed.end.outcome, world.of("a"), world.of("b"), world.of("c")]).toEqual([
      "completed",
      1,
      0,
      1,
    ]);
  });

  test("of an older lav-ir, without the list: the rest is done where it is the same, else it is unknown", async () => {
    const world = new Counters();
    const all = names(() => agents.filter(({ name }) => gone !== name));
    let gone = "";
    const whole = await engine(loop, [all, new Counters().kind()], yes);
    const second = whole.records.flatMap(({ type }, at) => (type === "step.intent" ? [at + 1] : []))[1] ?? 0;
    const first = await engine(loop, [all, world.kind()], { ...yes, fullAt: second });
    const old = { ...first, records: first.records.filter(({ type }) => type !== "step.list") };
    gone = "a";
    const other = await engine(loop, [all, world.kind()], { ...yes, past: pastFrom(old) });
    expect([other.end.exitCode, world.of("b")]).toEqual([4, 0]);
    expect(finished(other, "each").message).toContain("it started with count.up: a");
    gone = "";
    const same = await engine(loop, [all, world.kind()], { ...yes, past: pastFrom(old) });
    expect([same.end.outcome, ...["a", "b", "c"].map((name) => world.of(name))]).toEqual([
      "completed",
      1,
      1,
      1,
    ]);
  });

  test("has the items back as they were: whole numbers, times, durations, keys like the record's own marks", async () => {
    const list = [
      { name: "a", big: 9007199254740993n, half: 1.5, at: new Date(5), none: null, $int: "7" },
      celDuration(90_000),
      ["x", { deep: [celDuration(1), 2n] }],
      "",
      true,
    ];
    const book = `
steps:
  - { id: all, all.names: x }
  - { id: each, foreach: steps.all.list, count.up: a }
  - { id: same, foreach: steps.each.items, when: "item.item != steps.all.list[index]", count.up: differs }
`;
    const world = new Counters();
    let shown = list as readonly unknown[];
    const kinds = () => [names(() => shown), world.kind()];
    const whole = await engine(book, kinds(), yes);
    expect([whole.end.outcome, world.of("a"), world.of("differs")]).toEqual(["completed", 5, 0]);
    const last = whole.records.findLastIndex(({ type }) => type === "step.intent") + 1;
    const first = await engine(book, kinds(), { ...yes, fullAt: last });
    shown = [];
    const resumed = await engine(book, kinds(), { ...yes, past: pastFrom(first) });
    const items = (run: Engine) =>
      (itemsOf(run, "each") as readonly { readonly item: unknown }[]).map(({ item }) => item);
    expect(items(resumed)).toEqual(items(whole));
    // Durations are milliseconds in events, as outputs have them.
    expect(items(whole)).toEqual([list[0], 90_000, ["x", { deep: [1, 2n] }], "", true]);
  });
});

test("one list may be made of another's items", async () => {
  const world = new Counters();
  const book = `
steps:
  - { id: each, foreach: [a, b], count.up: "\${item}" }
  - { id: again, foreach: "steps.each.items.map(i, i.item)", count.up: "\${item}", expect: count == 2 }
`;
  const run = await engine(book, [world.kind()], yes);
  expect([run.end.outcome, world.of("a"), world.of("b")]).toEqual(["completed", 2, 2]);
});
