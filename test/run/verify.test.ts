import { beforeEach, describe, expect, test } from "vitest";
import { fail, ok } from "../../src/base/result.ts";
import type { RunEvent } from "../../src/events/run.ts";
import { pastOf, type Past } from "../../src/run/resume-state.ts";
import { engine, type Engine, type EngineOptions } from "./engine.ts";
import { fakeKind } from "./fakes.ts";
import { VirtualClock } from "./virtual-clock.ts";

// faults 0.3: "resolved", exit 0, and dead a second later. Time here is the tests' own: no second is waited for.

const seconds = 1000;

/** What is measured: 1 is well, 0 is not, undefined cannot be measured. Seconds are since the last change. */
type Condition = (since: number | undefined) => number | undefined;

let clock: VirtualClock;
let changes: string[];
let changedAt: number | undefined;
let measured: Record<string, number>;
beforeEach(() => {
  clock = new VirtualClock();
  changes = [];
  changedAt = undefined;
  measured = {};
});

const since = (): number | undefined =>
  changedAt === undefined ? undefined : (clock.at - changedAt) / seconds;
/** Failing until something is changed, and well from then on. */
const mended: Condition = (time) => (time === undefined ? 0 : 1);
/** Mended, and ill again after so many seconds. */
const backAfter =
  (after: number): Condition =>
  (time) =>
    time === undefined || time >= after ? 0 : 1;

async function run(
  text: string,
  conditions: Readonly<Record<string, Condition>>,
  options: EngineOptions = {},
): Promise<Engine> {
  const probe = fakeKind({
    name: "probe",
    outputs: {
      count: { type: "int", doc: "1 is well" },
      newest: { type: "timestamp", doc: "The newest message" },
    } as never,
    execute: async ({ name }) => {
      measured[name] = (measured[name] ?? 0) + 1;
      const count = conditions[name]?.(since());
      await Promise.resolve();
      if (count === undefined) return fail({ type: "denied", target: name, message: "no entry" });
      return ok({ count: BigInt(count), newest: clock.now() });
    },
  });
  const change = fakeKind({
    name: "change",
    effect: "change",
    execute: async ({ name }) => {
      changes.push(name);
      changedAt = clock.at;
      await Promise.resolve();
      return name === "refused"
        ? fail({ type: "rejected", target: name, message: "no", effect: "none" })
        : ok({ count: 1n });
    },
  });
  return await engine(text, [probe, change], { clock, consent: { yes: true }, ...options });
}

const diagnose = (...names: readonly string[]): string =>
  `timeout: 2h\ndiagnose:\n${names.map((name) => `  - { id: ${name}, probe: ${name}, expect: count == 1 }`).join("\n")}\nresolve:\n`;
const rung = (name: string, verify: string, more = ""): string =>
  `  - { rung: ${name}, ${more}steps: [{ id: ${name}_step, change: ${name} }], verify: ${verify} }\n`;

const outcome = ({ events }: Engine): unknown =>
  events.flatMap((event) => (event.type === "run.finished" ? [[event.outcome, event.exit_code]] : []))[0];
const message = ({ events }: Engine): string =>
  events.flatMap((event) => (event.type === "run.finished" ? [event.message] : [])).join();
const rungs = ({ events }: Engine): unknown =>
  events.flatMap((event) => (event.type === "rung.finished" ? [[event.rung, event.status]] : []));
const ofType = <T extends RunEvent["type"]>({ events }: Engine, type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);

const strict = "{ findings: all, within: 30s, every: 1s, hold: 30s }";

describe("a fault that comes back", () => {
  test.each([0.5, 1, 5, 10, 25, 29])("after %d s is not resolved", async (after) => {
    const ended = await run(diagnose("health") + rung("restart", strict), { health: backAfter(after) });
    expect(outcome(ended)).toEqual(["exhausted", 1]);
    expect(rungs(ended)).toEqual([["restart", "persist"]]);
  });

  test("after more than the hold is another fault", async () => {
    const ended = await run(diagnose("health") + rung("restart", strict), { health: backAfter(31) });
    expect(outcome(ended)).toEqual(["resolved", 0]);
    expect(clock.at).toBe(30 * seconds);
  });

  test("30 s is how long, where nothing is written", async () => {
    const text = diagnose("health") + rung("restart", "{ findings: all }");
    expect(outcome(await run(text, { health: backAfter(29) }))).toEqual(["exhausted", 1]);
    clock = new VirtualClock();
    changedAt = undefined;
    expect(outcome(await run(text, { health: mended }))).toEqual(["resolved", 0]);
    expect(clock.at).toBe(30 * seconds);
  });

  test("in a finding that was ok at first breaks it just so", async () => {
    const ended = await run(diagnose("health", "queue") + rung("restart", strict), {
      health: mended,
      queue: (time) => (time === undefined || time < 10 ? 1 : 0),
    });
    expect(outcome(ended)).toEqual(["exhausted", 1]);
    expect(ofType(ended, "rung.finished")[0]?.message).toMatch(/^was ok and no longer is: queue; queue: /);
  });

  test("and cannot be measured any more is not well either", async () => {
    const ended = await run(diagnose("health", "queue") + rung("restart", strict), {
      health: mended,
      queue: (time) => (time === undefined || time < 10 ? 1 : undefined),
    });
    expect(outcome(ended)).toEqual(["exhausted", 1]);
  });
});

describe("the times", () => {
  test("broken, the hold begins anew", async () => {
    const text = diagnose("health") + rung("restart", "{ within: 30s, hold: 10s }");
    const ended = await run(text, {
      health: (time) => (time === undefined || (time >= 5 && time < 8) ? 0 : 1),
    });
    expect(outcome(ended)).toEqual(["resolved", 0]);
    expect(clock.at).toBe(18 * seconds);
  });

  test.each([
    [29, "resolved"],
    [30, "resolved"],
    [31, "exhausted"],
  ])("a hold that begins after %d s of 30: %s", async (begins, expected) => {
    const text = diagnose("health") + rung("restart", "{ within: 30s, hold: 10s }");
    const ended = await run(text, { health: (time) => (time === undefined || time < begins ? 0 : 1) });
    expect(ended.end.outcome).toBe(expected);
  });

  test("it is over at within + hold, however often it is broken", async () => {
    const text = diagnose("health") + rung("restart", "{ within: 20s, hold: 10s }");
    const ended = await run(text, { health: (time) => (time === undefined || time % 9 === 8 ? 0 : 1) });
    expect(outcome(ended)).toEqual(["exhausted", 1]);
    expect(clock.at).toBeLessThanOrEqual(30 * seconds);
  });

  test("hold: 0s is one look", async () => {
    const ended = await run(diagnose("health") + rung("restart", "{ hold: 0s }"), { health: backAfter(1) });
    expect(outcome(ended)).toEqual(["resolved", 0]);
    expect(measured["health"]).toBe(2);
  });

  test("stable: n is a hold of n − 1 times every", async () => {
    const text = diagnose("health") + rung("restart", "{ every: 2s, stable: 5 }");
    expect(outcome(await run(text, { health: mended }))).toEqual(["resolved", 0]);
    expect(clock.at).toBe(8 * seconds);
  });

  test("a parameter sets them", async () => {
    const text = `params: { settle: { type: duration, default: 7s } }\n${diagnose("health")}`;
    const ended = await run(
      text + rung("restart", '{ hold: "${params.settle}" }'),
      { health: mended },
      { params: { settle: 3 * seconds } },
    );
    expect(outcome(ended)).toEqual(["resolved", 0]);
    expect(clock.at).toBe(3 * seconds);
  });

  test("a step that failed leaves no time: the first look that is not well ends it", async () => {
    const ended = await run(diagnose("health") + rung("refused", strict), { health: backAfter(5) });
    expect(rungs(ended)).toEqual([["refused", "failed"]]);
    expect(clock.at).toBe(5 * seconds);
  });
});

describe("the findings that decide", () => {
  const text =
    diagnose("health", "data") +
    rung("restart", "{ findings: [health], hold: 5s }") +
    rung("reload", "{ findings: [data], hold: 5s }");

  test("hold and others do not: mitigated, the climb goes on, and ends resolved where the next mends the rest", async () => {
    const ended = await run(text, { health: mended, data: () => (changes.includes("reload") ? 1 : 0) });
    expect(rungs(ended)).toEqual([
      ["restart", "mitigated"],
      ["reload", "held"],
    ]);
    expect(outcome(ended)).toEqual(["resolved", 0]);
  });

  test("hold and others never do: the run is mitigated, exit 1", async () => {
    const ended = await run(text, { health: mended, data: () => 0 });
    expect(outcome(ended)).toEqual(["mitigated", 1]);
    expect(message(ended)).toBe("mitigated by rung restart: data still not ok");
  });

  test("hold, and the others a little later, which then hold as long: resolved", async () => {
    const ended = await run(text, {
      health: mended,
      data: (time) => (time === undefined || time < 3 ? 0 : 1),
    });
    expect(outcome(ended)).toEqual(["resolved", 0]);
    expect(clock.at).toBe(8 * seconds);
    expect(changes).toEqual(["restart"]);
  });

  test("all hold at a rung's turn: it is skipped", async () => {
    const ended = await run(
      diagnose("health", "data") +
        rung("restart", "{ findings: [health], hold: 5s }") +
        rung("again", "{ findings: [health], hold: 5s }") +
        rung("reload", "{ findings: [data], hold: 5s }"),
      { health: mended, data: () => 0 },
    );
    expect(rungs(ended)).toEqual([
      ["restart", "mitigated"],
      ["again", "skipped"],
      ["reload", "persist"],
    ]);
    expect(changes).toEqual(["restart", "reload"]);
  });

  test("were ok and a rung breaks one that is not named: not mitigated", async () => {
    const broken =
      diagnose("health", "data") + rung("restart", "{ findings: [health], within: 3s, hold: 5s }");
    const ended = await run(broken, { health: mended, data: (time) => (time === undefined ? 1 : 0) });
    expect(rungs(ended)).toEqual([["restart", "persist"]]);
  });

  test("are steps of the diagnosis: another name is refused", async () => {
    await expect(run(diagnose("health") + rung("restart", "{ findings: [helth] }"), {})).rejects.toThrow(
      "no step of the diagnosis is named helth (did you mean health?)",
    );
  });
});

describe("what is measured", () => {
  test("a fact keeps what it was, so that findings can be compared with it", async () => {
    const text = `diagnose:\n  - { id: first, probe: first }\n  - { id: health, probe: health, needs: [first], expect: count == 1 }\nresolve:\n${rung("restart", "{ hold: 5s }")}`;
    await run(text, { first: () => 1, health: mended });
    expect(measured).toEqual({ first: 1, health: 7 });
  });

  test("each is measured after those it needs", async () => {
    const text = `diagnose:\n  - { id: late, probe: late, needs: [early], expect: count == steps.early.count }\n  - { id: early, probe: early, expect: count == 1 }\nresolve:\n${rung("restart", "{ hold: 0s }")}`;
    const ended = await run(text, { early: mended, late: mended });
    expect(outcome(ended)).toEqual(["resolved", 0]);
  });

  test("a message is new when it came after the rung's last change, and before one nothing is", async () => {
    const fresh = "!has(changed) || newest > changed";
    const text = `diagnose:\n  - { id: health, probe: health, expect: "count == 1 && (${fresh})" }\nresolve:\n${rung("restart", "{ within: 5s, hold: 2s }")}`;
    const ended = await run(text, { health: mended });
    // The probe's own message is as old as the look: the first one is the change's own instant, and not newer.
    expect(outcome(ended)).toEqual(["resolved", 0]);
    expect(clock.at).toBe(3 * seconds);
    const missing = `diagnose:\n  - { id: health, probe: health, expect: newest > changed }\nresolve:\n${rung("restart", "{ hold: 0s }")}`;
    clock = new VirtualClock();
    expect(message(await run(missing, { health: mended }))).toMatch(/changed is missing/);
  });

  test("is told when something changes and at the end, not at every look", async () => {
    const ended = await run(diagnose("health", "queue") + rung("restart", strict), {
      health: (time) => (time === undefined || time < 4 ? 0 : 1),
      queue: () => 1,
    });
    expect(ofType(ended, "verification").map(({ state, ok: well, of }) => [state, well, of])).toEqual([
      ["waiting", 1, 2],
      ["holding", 2, 2],
    ]);
    const findings = ofType(ended, "finding").map(({ step, status }) => `${step} ${status}`);
    expect(findings).toEqual(["health failed", "queue ok", "health ok", "health ok", "queue ok"]);
    expect(measured["queue"]).toBeGreaterThan(30);
  });
});

describe("credit", () => {
  test("a rung whose every change was skipped has resolved nothing", async () => {
    const text = `${diagnose("health")}  - { rung: idle, steps: [{ id: look, probe: look }, { when: "1 > 2", change: idle }], verify: { hold: 1s } }\n`;
    let looks = 0;
    const ended = await run(text, { look: () => 1, health: () => (looks++ === 0 ? 0 : 1) });
    expect(message(ended)).toBe(
      "resolved at rung idle: the findings hold, although none of its changes took effect",
    );
  });
});

describe("after a kill in the middle of a verification", () => {
  /** What an earlier process left: the change done, its rung not ended. */
  async function killed(text: string): Promise<Past> {
    const first = await run(text, { health: mended });
    const at = first.records.findIndex(({ type }) => type === "step.outcome");
    return pastOf(first.records.slice(0, at + 1));
  }
  const text = diagnose("health") + rung("restart", "{ within: 5s, hold: 30s }");

  test("findings that hold must hold as long as the rung says; nothing is done again", async () => {
    const past = await killed(text);
    clock = new VirtualClock();
    const ended = await run(text, { health: () => 1 }, { past });
    expect(outcome(ended)).toEqual(["resolved", 0]);
    expect(message(ended)).toBe("resolved by rung restart");
    expect(clock.at).toBe(30 * seconds);
    expect(changes).toEqual(["restart"]);
  });

  test("and that come back meanwhile are not resolved", async () => {
    const past = await killed(text);
    clock = new VirtualClock();
    const ended = await run(text, { health: () => (clock.at < 10 * seconds ? 1 : 0) }, { past });
    expect(outcome(ended)).toEqual(["exhausted", 1]);
    expect(changes).toEqual(["restart"]);
  });

  test("findings still know when the change was", async () => {
    const fresh = text.replace("count == 1", '"count == 1 && has(changed)"');
    const past = await killed(fresh);
    clock = new VirtualClock();
    expect(outcome(await run(fresh, { health: () => (clock.at === 0 ? 0 : 1) }, { past }))).toEqual([
      "resolved",
      0,
    ]);
    expect(changes).toEqual(["restart"]);
  });
});
