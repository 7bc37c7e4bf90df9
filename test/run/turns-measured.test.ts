/** A group with a foreach where things are measured: in the diagnosis, and in what verifies a rung. */
import { expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import { engine, pastFrom, type Engine } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const yes = { consent: { yes: true } };

function world() {
  const counters = new Counters();
  let going = 0;
  const most = { at: 0 };
  const look = fakeKind({
    name: "look",
    execute: async ({ name }) => {
      most.at = Math.max(most.at, ++going);
      await new Promise((resolve) => setImmediate(resolve));
      going--;
      return ok({ count: BigInt(counters.of(name)) });
    },
  });
  return { counters, most, kinds: [counters.kind(), look] };
}

const findings = ({ events }: Engine) =>
  events.flatMap((one) => (one.type === "finding" ? [`${one.step} ${one.status} ${one.sentence}`] : []));
const groups = ({ events }: Engine) =>
  events.flatMap((one) =>
    one.type === "group.finished" ? [`${one.group} ${one.status} ${one.message}`] : [],
  );

const diagnose = `diagnose:
  - { id: limit, look: limit }
  - id: queues
    foreach: [a, b, c]
    needs: [limit]
    steps:
      - { id: seen, look: "\${item}", expect: count >= steps.limit.count, finding: "\${item} holds \${count}" }
      - { id: also, needs: [seen], look: "\${item}", finding: "after \${steps.seen.outcome}" }
  - id: all
    needs: [queues]
    look: a
    expect: "steps.queues.items.all(i, i.outcome == 'ok')"
    finding: "\${steps.queues.items.map(i, i.seen.count)}: \${steps.queues.sentence}"
`;

test("each step in it is a finding of its item's, and others see them by the group", async () => {
  const { counters, kinds } = world();
  counters.counts.set("limit", 1);
  for (const name of ["a", "c"]) counters.up(name);
  const run = await engine(diagnose, kinds);
  expect([run.end.outcome, run.end.exitCode]).toEqual(["findings", 1]);
  expect(findings(run).toSorted()).toEqual([
    "all failed 1, 0, 1: 1 of 3: b: 1 of 2: seen: b holds 0",
    "limit ok look: limit",
    "queues[0].also ok after ok",
    "queues[0].seen ok a holds 1",
    "queues[1].also ok after failed",
    "queues[1].seen failed b holds 0",
    "queues[2].also ok after ok",
    "queues[2].seen ok c holds 1",
  ]);
  expect(groups(run).at(-1)).toBe("queues failed 1 of 3: b: 1 of 2: seen: b holds 0");
});

const ladder = (verify: string): string => `${diagnose}resolve:
  - rung: more
    steps: [{ count.up: b }]
    verify: ${verify}
`;

test.each([
  ["all findings", "{ within: 10ms, hold: 0s }"],
  ["the group by its name", "{ findings: [queues], within: 10ms, hold: 0s }"],
])("is measured again item by item, and the group stands anew: %s", async (_what, verify) => {
  const { counters, kinds } = world();
  counters.counts.set("limit", 1);
  for (const name of ["a", "c"]) counters.up(name);
  const run = await engine(ladder(verify), kinds, yes);
  expect(run.end.outcome).toBe("resolved");
  expect(findings(run)).toContain("all ok 1, 1, 1: 3 of 3 ok");
});

test("one of an item that was ok and is not any more breaks the rung", async () => {
  const { counters, kinds } = world();
  for (const name of ["limit", "a", "c"]) counters.up(name);
  const breaking = fakeKind({
    name: "break",
    effect: "change",
    execute: async () => {
      counters.up("b");
      counters.counts.set("a", 0);
      return await Promise.resolve(ok({ count: 1n }));
    },
  });
  const text = ladder("{ findings: [queues], within: 10ms, hold: 0s }").replace("count.up: b", "break: b");
  const run = await engine(text, [...kinds, breaking], yes);
  expect(run.end.outcome).toBe("exhausted");
  const rung = run.events.find(({ type }) => type === "rung.finished");
  expect(rung).toMatchObject({
    message: expect.stringMatching(/^was ok and no longer is: queues\[0\]\.seen/),
  });
});

test("an empty list and what is none are unknown, never healthy", async () => {
  const of = (list: string): string =>
    `diagnose:\n  - { id: n, look: n }\n  - { id: g, needs: [n], foreach: "${list}", steps: [{ id: x, look: x, expect: count == 0 }] }\n`;
  for (const list of ["[1].filter(x, x > 1)", "steps.n.count"]) {
    const run = await engine(of(list), world().kinds);
    expect([run.end.outcome, run.end.exitCode]).toEqual(["unknown", 4]);
    expect(groups(run).at(-1)).toMatch(/^g unknown 1 of 1: x: /);
  }
});

test("no more are read at a time than of any list, the first time and again", async () => {
  const { most, kinds } = world();
  const text = `diagnose:
  - id: g
    foreach: lists.range(60)
    steps:
      - { look: "x\${item}", expect: count == 0 }
      - { look: "y\${item}", expect: count == 0 }
  - { look: z, expect: count == 1 }
resolve:
  - rung: up
    steps: [{ count.up: z }]
    verify: { within: 10ms, hold: 0s }
`;
  const run = await engine(text, kinds, yes);
  expect(run.end.outcome).toBe("resolved");
  expect(most.at).toBeGreaterThan(4);
  expect(most.at).toBeLessThanOrEqual(18);
});

const own = (list: string): string => `diagnose: [{ look: b, expect: count == 2 }]
resolve:
  - rung: more
    steps: [{ count.up: b }]
    verify:
      - id: each
        foreach: ${list}
        steps: [{ id: x, look: "\${item}", expect: count == 1 }, { look: "\${item}", expect: steps.x.count == 1 }]
  - rung: last
    steps: [{ count.up: b }]
    verify: { within: 10ms, hold: 0s }
`;

test("verifies a rung, item by item", async () => {
  const holds = await engine(own("[b]"), world().kinds, yes);
  const rungs = ({ events }: Engine) =>
    events.flatMap((one) => (one.type === "rung.finished" ? [`${one.rung} ${one.status}`] : []));
  expect(rungs(holds)).toEqual(["more mitigated", "last held"]);
  expect(groups(holds)).toEqual(["each[0] ok 2 of 2 ok", "each ok 1 of 1 ok"]);
  for (const list of ["[b, a]", '"[1].filter(x, x > 1)"']) {
    const run = await engine(own(list), world().kinds, yes);
    expect(rungs(run)).toEqual(["more persist", "last held"]);
  }
});

test("killed anywhere and resumed, what it finds is what is so then", async () => {
  const text = ladder("{ findings: [queues], within: 10ms, hold: 0s }");
  const first = world();
  for (const name of ["limit", "a", "c"]) first.counters.up(name);
  const whole = await engine(text, first.kinds, yes);
  for (let at = 1; at < whole.records.length; at++) {
    const records = whole.records.slice(0, at);
    const { counters, kinds } = world();
    for (const name of ["limit", "a", "c"]) counters.up(name);
    if (records.some(({ type }) => type === "step.intent")) counters.up("b");
    const again = await engine(text, kinds, { ...yes, past: pastFrom({ ...whole, records }) });
    expect([at, again.end.outcome, counters.of("b")]).toEqual([
      at,
      again.end.outcome === "healthy" ? "healthy" : "resolved",
      1,
    ]);
    expect(
      findings(again)
        .filter((one) => one.startsWith("queues[1].seen"))
        .at(-1),
    ).toBe("queues[1].seen ok b holds 1");
  }
});
