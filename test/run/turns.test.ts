/** A group with a foreach: all of it runs for each item, in turn, and each change is asked for in its turn. */
import { describe, expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import { engine, pastFrom, type Engine } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const yes = { consent: { yes: true } };

function world() {
  const counters = new Counters();
  const asked: string[] = [];
  const look = fakeKind({
    name: "look",
    execute: async ({ name }) => {
      asked.push(name);
      return await Promise.resolve(ok({ count: BigInt(counters.of(name)) }));
    },
  });
  return { counters, asked, kinds: [counters.kind(), look] };
}

const book = (more = "", inside = ""): string => `steps:
  - id: switch
    foreach: [a, b, c]
${more}    steps:
      - { id: up, count.up: "\${item}" }
      - { id: seen, look: "\${item}", expect: "count == 1 && steps.up.count == 1"${inside} }
  - { id: all, look: all, expect: "steps.switch.items.map(i, i.seen.count).sum() == 3" }
`;

const ends = ({ events }: Engine): readonly string[] =>
  events.flatMap((one) => {
    if (one.type === "step.finished") return [`${one.step} ${one.status}`];
    return one.type === "group.finished" ? [`${one.group} ${one.status} ${one.message}`] : [];
  });

test("runs in order for each item, whose ids are its own, and is seen by its items from outside", async () => {
  const { counters, asked, kinds } = world();
  const run = await engine(book(), kinds, yes);
  expect(run.end.outcome).toBe("completed");
  expect(["a", "b", "c"].map((name) => counters.of(name))).toEqual([1, 1, 1]);
  expect(asked).toEqual(["a", "b", "c", "all"]);
  expect(ends(run)).toEqual([
    "switch[0].up ok",
    "switch[0].seen ok",
    "switch[0] ok 2 of 2 ok",
    "switch[1].up ok",
    "switch[1].seen ok",
    "switch[1] ok 2 of 2 ok",
    "switch[2].up ok",
    "switch[2].seen ok",
    "switch[2] ok 2 of 2 ok",
    "switch ok 3 of 3 ok",
    "all ok",
  ]);
});

test("each change is asked for in its turn, by the item's label", async () => {
  const { counters, kinds } = world();
  const label = '    label: "${item}!"\n';
  const run = await engine(book(label), kinds, { answers: [true, false] });
  expect(run.questions.map((question) => question.split("\n")[0])).toEqual(["1 of 3: a!", "2 of 3: b!"]);
  expect([run.end.outcome, counters.of("a"), counters.of("b"), counters.of("c")]).toEqual([
    "declined",
    1,
    0,
    0,
  ]);
  expect(ends(run)).toContain("switch[0] ok 2 of 2 ok");
});

test("a step that does not end well ends the list; the sentence counts and names", async () => {
  const { counters, kinds } = world();
  counters.up("b");
  const run = await engine(book(), kinds, yes);
  expect([run.end.outcome, counters.of("c")]).toEqual(["failed", 0]);
  expect(ends(run).at(-1)).toMatch(/^switch failed 1 of 3: b: 1 of 2: seen: .*; 1 skipped$/);
});

test("tolerated, the next item has its turn", async () => {
  const { counters, kinds } = world();
  counters.up("b");
  const run = await engine(
    `steps:
  - id: switch
    foreach: [a, b, c]
    tolerate: true
    steps: [{ id: up, count.up: "\${item}" }, { id: seen, look: "\${item}", expect: count == 1 }]
`,
    kinds,
    yes,
  );
  expect([run.end.exitCode, counters.of("c")]).toEqual([1, 1]);
  expect(ends(run).find((line) => line.startsWith("switch "))).toMatch(/^switch failed 1 of 3: b: /);
});

test("a condition that reads the item is asked for each, another one once", async () => {
  const each = world();
  const some = await engine(
    `steps:
  - id: switch
    foreach: [a, b]
    when: item != "a"
    steps: [{ id: up, count.up: "\${item}" }]
  - { id: all, look: all, expect: 'steps.switch.outcome == "ok" && steps.switch.items.map(i, i.outcome) == ["skipped", "ok"]' }
`,
    each.kinds,
    yes,
  );
  expect([some.end.outcome, each.counters.of("a"), each.counters.of("b")]).toEqual(["completed", 0, 1]);
  const none = world();
  const run = await engine(
    'steps:\n  - { id: s, foreach: [a], when: 1 > 2, steps: [{ count.up: "${item}" }] }\n  - { look: x, expect: \'steps.s.items == [] && steps.s.outcome == "skipped"\' }\n',
    none.kinds,
    yes,
  );
  expect([run.end.outcome, none.counters.of("a")]).toEqual(["completed", 0]);
});

test("an empty list is skipped; what is no list is not begun", async () => {
  const { kinds } = world();
  const list = (what: string): string =>
    `steps:\n  - { id: a, look: a }\n  - { id: s, foreach: "${what}", steps: [{ id: up, count.up: "\${item}" }] }\n`;
  const empty = await engine(list("[1].filter(x, x > 1)"), kinds, yes);
  expect([empty.end.outcome, ends(empty).at(-1)]).toEqual([
    "completed",
    "s skipped [1].filter(x, x > 1) is empty",
  ]);
  const none = await engine(list("steps.a.count"), kinds, yes);
  expect(none.end.outcome).toBe("failed");
  expect(ends(none)).toContain("up failed");
});

describe("a run that is killed and resumed", () => {
  const text = `steps:
  - { id: list, look: n }
  - id: switch
    foreach: 'lists.range(steps.list.count + 2).map(i, "x" + string(i))'
    steps:
      - { id: up, count.up: "\${item}" }
      - { id: seen, look: "\${item}", expect: count == 1 }
`;

  test("works on the list that was written down, and does nothing twice, wherever it was killed", async () => {
    const whole = await engine(text, world().kinds, yes);
    expect(whole.end.outcome).toBe("completed");
    const from = whole.records.findIndex(({ type }) => type === "group.list");
    const list = whole.records[from];
    expect(list?.data).toMatchObject({ key: "steps//switch", group: "switch", items: ["x0", "x1"] });
    expect(from).toBeLessThan(whole.records.findIndex(({ type }) => type === "step.intent"));
    for (let at = from + 1; at <= whole.records.length; at++) {
      const records = whole.records.slice(0, at);
      const after = world();
      // What had been done by then; and the list would be another one now.
      after.counters.counts.set("n", 3);
      for (const { type, data } of records)
        if (type === "step.intent") after.counters.up(/\[(\d)\]/.exec(data.key)?.[1] === "0" ? "x0" : "x1");
      const past = pastFrom({ ...whole, records });
      const again = await engine(text, after.kinds, { ...yes, past });
      expect([at, again.end.outcome]).toEqual([at, "completed"]);
      expect(["x0", "x1", "x2", "x3"].map((name) => after.counters.of(name))).toEqual([1, 1, 0, 0]);
    }
  });
});

test("a list of unlike items has a turn for each, named as far as it can be", async () => {
  const { kinds, asked } = world();
  const list = '[1, "two", true, { name: three }, { id: 4 }, [5], 6.5]';
  const run = await engine(
    `steps:\n  - { id: s, foreach: ${list}, steps: [{ id: x, look: "is \${item}" }] }\n`,
    kinds,
  );
  expect(run.end.outcome).toBe("completed");
  expect(asked.map((name) => name.slice(3))).toEqual([
    "1",
    "two",
    "true",
    '{"name":"three"}',
    '{"id":4}',
    "[5]",
    "6.5",
  ]);
  const titles = run.events.flatMap((one) => (one.type === "group.started" ? [one.title] : []));
  expect(titles).toEqual([
    "s",
    "1 of 7: 1",
    "2 of 7: two",
    "3 of 7: true",
    "4 of 7: three",
    "5 of 7: 4",
    "6 of 7: #5",
    "7 of 7: 6.5",
  ]);
});

test.each([
  ["of secrets is not written down", "steps.word.list", "contains a secret"],
  ["of more than 10000 items is refused", "lists.range(10000) + [1]", "at most 10000 items"],
])("a list %s, and no change of it is begun", async (_what, list, why) => {
  const { counters, kinds } = world();
  const word = fakeKind({
    name: "word",
    outputs: { list: { type: "list<dyn>", doc: "" } },
    execute: async () => await Promise.resolve(ok({ list: [{ id: "a", password: "hunter2hunter2" }] })),
  } as unknown as Parameters<typeof fakeKind>[0]);
  const run = await engine(
    `steps:\n  - { id: word, word: a }\n  - { id: s, foreach: "${list}", steps: [{ id: up, count.up: "\${item}" }] }\n`,
    [...kinds, word],
    yes,
  );
  expect([run.end.outcome, counters.counts.size]).toEqual(["failed", 0]);
  expect(ends(run).join("\n")).toContain(why);
  expect(JSON.stringify(run.records)).not.toContain("hunter2");
});
