import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fail, ok } from "../../src/base/result.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import { engine, pastFrom, type Engine, type EngineOptions } from "./engine.ts";
import { Counters, fakeKind } from "./fakes.ts";

const yes: EngineOptions = { consent: { yes: true } };

/** A read of a counter. */
const count = (world: Counters): Kind =>
  fakeKind({
    name: "count.of",
    execute: async ({ name }) =>
      await Promise.resolve(
        name === "away"
          ? fail({ type: "denied", target: name, message: "no login" })
          : ok({ count: BigInt(world.of(name)) }),
      ),
  });

const steps = ({ events }: Engine) =>
  events.flatMap((event) => (event.type === "step.finished" ? [`${event.step} ${event.status}`] : []));
const end = ({ end: { outcome, exitCode }, events }: Engine) => {
  const last = events.at(-1);
  return [outcome, exitCode, last?.type === "run.finished" ? last.message : ""];
};
const run = async (world: Counters, book: string, options: EngineOptions = yes) =>
  await engine(book, [count(world), world.kind()], options);

const ladder = `
diagnose: [{ id: up, count.of: a, expect: count > 0, save: { first: count } }]
resolve:
  - rung: mend
    steps: [{ id: mend, count.up: a }]
    verify: { findings: all, within: 1m, every: 10ms, hold: 0s }
`;

describe("what comes after", () => {
  test("runs when the outcome is known, and sees it with all that was measured", async () => {
    const world = new Counters();
    const book = `${ladder}
after:
  - id: told
    when: run.outcome == "resolved" && run.rung == "mend" && run.elapsed < duration("1h") && steps.mend.outcome == "ok"
    finding: "\${run.operator} in \${run.id}: \${vars.first}, now \${count}"
    count.of: a
`;
    const ended = await run(world, book);
    expect([...end(ended), steps(ended)]).toEqual([
      "resolved",
      0,
      "resolved by rung mend",
      ["up failed", "mend ok", "up ok", "told ok"],
    ]);
  });

  test("says in its sentence what it found, or what it did not", async () => {
    const book = `${ladder}
after:
  - { id: told, count.of: a, finding: "\${count} now" }
  - { id: judged, count.of: a, expect: count > 7, tolerate: true, finding: "\${count} of 8" }
  - { id: plain, count.of: a, expect: count > 7, tolerate: true }
`;
    const { events } = await run(new Counters(), book);
    const said = events.flatMap((event) =>
      event.type === "step.finished" && event.section === "after" ? [event.message] : [],
    );
    expect(said).toEqual(["1 now", "1 of 8", "expected count > 7; count is 1"]);
  });

  test("runs behind a procedure that failed, and makes its exit code no better", async () => {
    const ended = await run(
      new Counters(),
      `
steps: [{ id: bad, count.of: a, expect: count > 0 }, { id: never, count.of: a }]
after: [{ id: told, when: run.outcome == "failed", count.of: a }]
`,
    );
    expect([...end(ended).slice(0, 2), steps(ended)]).toEqual(["failed", 1, ["bad failed", "told ok"]]);
  });

  test.each([
    [
      "failed",
      "{ id: last, title: Last, count.of: b, expect: count > 0 }",
      1,
      "expected count > 0; count is 0",
    ],
    ["unknown", "{ id: last, title: Last, count.of: away }", 4, "away refused access: no login"],
  ])("that is %s keeps the outcome's name and makes the exit code worse", async (_how, step, code, why) => {
    const ended = await run(new Counters(), `${ladder}\nafter: [${step}, { id: never, count.of: a }]\n`);
    expect(end(ended)).toEqual(["resolved", code, `resolved by rung mend; after: Last: ${why}`]);
    expect(steps(ended)).not.toContain("never ok");
  });

  test("is not begun after a refusal, and is named as owed; the resumed run pays it", async () => {
    const world = new Counters();
    const book = `steps: [{ id: act, title: Act, count.up: a }]\nafter: [{ id: told, title: Tell, count.up: b }]\n`;
    const refused = await run(world, book, {});
    expect([...end(refused).slice(0, 2), world.of("b")]).toEqual(["approval-needed", 3, 0]);
    expect(end(refused)[2]).toMatch(/^Act: needs consent, .*; not run yet: after \(Tell\)$/);
    const resumed = await run(world, book, { ...yes, past: pastFrom(refused) });
    expect([...end(resumed).slice(0, 2), world.of("a"), world.of("b")]).toEqual(["completed", 0, 1, 1]);
  });

  test("that waits for a person makes a run that can be resumed, and only that is done then", async () => {
    const world = new Counters();
    const book = `diagnose: [{ id: up, count.of: a }]\nsteps: [{ id: note, count.of: a }]\nafter: [{ id: told, title: Tell, count.up: b }]\n`;
    const waits = await run(world, book, {});
    expect(end(waits).slice(0, 2)).toEqual(["approval-needed", 3]);
    expect(end(waits)[2]).toMatch(/; after: Tell: needs consent/);
    const resumed = await run(world, book, { ...yes, past: pastFrom(waits) });
    expect([...end(resumed).slice(0, 2), steps(resumed), world.of("b")]).toEqual([
      "completed",
      0,
      ["told ok"],
      1,
    ]);
  });

  test("runs although the run's own deadline is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const endless: Kind = fakeKind({
      name: "wait",
      execute: async ({ name }, { signal }) => {
        const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        vi.advanceTimersByTime(60_000);
        await ended;
        return fail({ type: "interrupted", target: name, message: "broken off" });
      },
    });
    const world = new Counters();
    const ended = await engine(
      `timeout: 1m\nsteps: [{ id: first, count.of: a }, { id: long, timeout: 1h, wait: a }, { id: never, count.of: a }]\nafter: [{ id: told, when: run.outcome == "failed", count.of: a }]\n`,
      [endless, count(world)],
    );
    expect([...end(ended), steps(ended).at(-1)]).toEqual([
      "failed",
      1,
      "the run exceeded its deadline of 1m after 1 of 3 steps; timeout: of a runbook is of the whole run, a group or a step has its own",
      "told ok",
    ]);
  });

  test("goes on behind what it tolerates", async () => {
    const ended = await run(
      new Counters(),
      `steps: [count.of: a]\nafter: [{ id: bad, title: Bad, tolerate: true, count.of: away }, { id: told, count.of: a }]\n`,
    );
    expect(end(ended)).toEqual([
      "completed",
      4,
      "every step completed; after: 1 step is unknown: Bad: away refused access: no login",
    ]);
    expect(steps(ended).at(-1)).toBe("told ok");
  });
});

test("killed at any record behind the outcome, the resumed run does each change of it once, by what was known", async () => {
  const book = `${ladder}
after:
  - id: one
    when: run.outcome == "resolved" && steps.up.outcome == "ok" && vars.first == 1
    count.up: one
  - { id: two, count.up: two }
`;
  const whole = await run(new Counters(), book);
  const types = whole.records.map(({ type }) => type);
  const from = types.indexOf("run.outcome") + 1;
  expect([types.filter((type) => type === "run.outcome").length, from > 0]).toEqual([1, true]);
  for (let at = from; at < whole.records.length; at++) {
    const world = new Counters();
    world.counts.set("a", 1);
    const records = whole.records.slice(0, at);
    for (const { type, data } of records)
      if (type === "step.outcome" && data.step !== "mend") world.up(data.step);
    // What was known then, and not what would be found now.
    world.counts.set("a", 7);
    const resumed = await run(world, book, { ...yes, past: pastFrom({ ...whole, records }) });
    const open =
      types.slice(0, at).lastIndexOf("step.intent") > types.slice(0, at).lastIndexOf("step.outcome");
    const what = `killed after record ${at}, ${types[at - 1]}`;
    expect([what, ...end(resumed).slice(0, 2), world.of("a")]).toEqual([what, "resolved", 0, 7]);
    if (!open) expect([what, world.of("one"), world.of("two")]).toEqual([what, 1, 1]);
  }
});
