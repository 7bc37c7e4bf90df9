import fc from "fast-check";
import { expect, test } from "vitest";
import { clocksOf, type ClockState } from "../../src/incident/clocks.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import { declared, Desks, minute, zero } from "./chains.ts";

function states(desks: Desks, minutes: number): Readonly<Record<string, ClockState>> {
  const readings = clocksOf(foldIncident(desks.records), zero + minutes * minute);
  return Object.fromEntries(
    readings.filter(({ current }) => current).map(({ name, state }) => [name, state]),
  );
}

function queued(key: string, kind: "page" | "update", more: { person?: string; level?: string } = {}) {
  const head = { desk: "ny1", seq: 1, sum: "00" };
  return { key, kind, channel: "war", level: "P0", body: "x", head, ...more };
}

test("nothing has happened: what runs, what waits, what is off", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  expect(states(desks, 1)).toMatchObject({
    alerted: { is: "running", left: minute },
    updates: { is: "running", left: 14 * minute },
    // Not said when it began: since the declaration at the latest.
    rto: { is: "running", left: 239 * minute },
    dora: { is: "off", why: "waits for classified major" },
    asleep: { is: "off", why: "switched off" },
  });
});

test("on the very instant it is met, a millisecond later missed, and with no event missed until now", () => {
  for (const [late, is] of [
    [0, "met"],
    [1, "missed"],
  ] as const) {
    const desks = new Desks();
    desks.write("ny1", 0, "incident.declared", declared());
    desks.put("ny1", 5 + late / minute, "halt.receipt", { halt: "HALT-1", outcome: "PROVEN" });
    expect(states(desks, 30)["halted"]).toMatchObject({ is });
  }
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.put("ny1", 1, "halt.receipt", { halt: "HALT-1", outcome: "PARTIAL" });
  expect(states(desks, 5)["halted"]).toMatchObject({ is: "running", left: 0 });
  expect(states(desks, 8)["halted"]).toEqual({ is: "missed", due: zero + 5 * minute, by: 3 * minute });
});

test("what happened before the declaration, and was adopted, is met at once", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared({ adopted: ["HALT-1"] }));
  const before = new Date(zero - 4 * minute).toISOString();
  desks.write("ny1", 0, "incident.fact", {
    name: "halted",
    at: { at: before },
    value: "HALT-1",
    how: "measured",
  });
  expect(states(desks, 1)["halted"]).toEqual({ is: "met", took: 0, by: "ny1-2" });
});

test("a page counts when a provider took it, and nobody's answer is the declarer's", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 0, "message.queued", queued("p", "page"));
  desks.write("ny1", 1, "message.result", { key: "p", n: 1, outcome: "unknown" });
  expect(states(desks, 1)["alerted"]).toMatchObject({ is: "running" });
  desks.write("ny1", 1.5, "message.result", { key: "p", n: 2, outcome: "accepted" });
  desks.write("ny1", 2, "incident.answer", { person: "ada", by: "desk" });
  expect(states(desks, 3)).toMatchObject({
    alerted: { is: "met", took: 1.5 * minute },
    answered: { is: "running" },
  });
  desks.write("ny1", 4, "incident.answer", { person: "rosa", by: "phone", told_by: "ada" });
  expect(states(desks, 5)["answered"]).toEqual({ is: "met", took: 4 * minute, by: "ny1-6" });
});

test("with --mine the declarer's command is an answer", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 0, "incident.role", { role: "commander", person: "ada", how: "taken" });
  expect(states(desks, 1)).toMatchObject({
    answered: { is: "met", took: 0 },
    commander: { is: "met", took: 0 },
  });
});

test("a raised severity starts its clocks then, and wants an answer of its own; a lowered one ends them", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared({ severity: "P1" }));
  desks.write("ny1", 3, "incident.answer", { person: "bob", by: "desk" });
  expect(states(desks, 10)["answered"]).toEqual({ is: "met", took: 3 * minute, by: "ny1-2" });
  expect(states(desks, 10)["halted"]).toBeUndefined();
  desks.write("ny1", 20, "incident.severity", { from: "P1", to: "P0", why: "all venues" });
  expect(states(desks, 21)).toMatchObject({
    answered: { is: "running", due: zero + 35 * minute },
    halted: { is: "running", due: zero + 25 * minute },
  });
  desks.write("ny1", 40, "incident.severity", { from: "P0", to: "P1", why: "one venue" });
  const all = clocksOf(foldIncident(desks.records), zero + 41 * minute);
  const told = all.map(
    ({ name, severity, current, state }) => `${name} ${severity} ${String(current)} ${state.is}`,
  );
  expect(told).toContain("answered P1 true met");
  expect(told).toContain("answered P0 false missed");
  expect(told).toContain("halted P0 false missed");
  // It was missed by so much when the severity was lowered, and grows no more.
  const late = clocksOf(foldIncident(desks.records), zero + 500 * minute).find(
    ({ name, severity }) => name === "halted" && severity === "P0",
  );
  expect(late?.state).toEqual({ is: "missed", due: zero + 25 * minute, by: 15 * minute });
});

test("a repeated clock is due so long after each, and counts the missed ones", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  const update = (minutes: number, key: string): void => {
    desks.write("ny1", minutes, "message.queued", queued(key, "update"));
    desks.write("ny1", minutes, "message.result", { key, n: 1, outcome: "accepted" });
  };
  const reading = (minutes: number) =>
    clocksOf(foldIncident(desks.records), zero + minutes * minute).find(({ name }) => name === "updates");
  update(14, "u1");
  expect(reading(20)).toMatchObject({
    repeated: { n: 2, missed: 0 },
    state: { is: "running", due: zero + 29 * minute },
  });
  // The machine slept for an hour: four were missed, and it is said once.
  expect(reading(80)).toMatchObject({
    repeated: { n: 2, missed: 4 },
    state: { is: "missed", by: 51 * minute },
  });
  update(80, "u2");
  expect(reading(81)).toMatchObject({ repeated: { n: 3, missed: 1 }, state: { is: "running" } });
  desks.write("ny1", 90, "incident.resolved", { message: "back" });
  expect(reading(200)).toMatchObject({ repeated: { n: 3, missed: 1 }, state: { is: "met" } });
});

test("a correction moves the verdict, a withdrawn one moves it back; both are kept", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  const fact = desks.write("ny1", 250, "incident.fact", {
    name: "recovered",
    at: { at: new Date(zero + 245 * minute).toISOString() },
    how: "typed",
  });
  expect(states(desks, 260)["rto"]).toMatchObject({ is: "missed", by: 5 * minute, event: fact });
  const correction = desks.write("ny1", 251, "incident.correct", {
    record: fact,
    field: "at",
    value: { at: new Date(zero + 200 * minute).toISOString() },
    why: "the other log",
  });
  expect(states(desks, 260)["rto"]).toMatchObject({ is: "met", took: 200 * minute });
  desks.write("ny1", 252, "incident.correct", { record: correction, withdraw: true, why: "no" });
  expect(states(desks, 260)["rto"]).toMatchObject({ is: "missed", by: 5 * minute });
  desks.write("ny1", 253, "incident.correct", { record: fact, withdraw: true, why: "it never was" });
  expect(states(desks, 260)["rto"]).toEqual({ is: "missed", due: zero + 240 * minute, by: 20 * minute });
});

test("the earlier of two limits holds, once what it waits for is so", () => {
  const desks = new Desks();
  const when = (minutes: number) => ({ at: new Date(zero + minutes * minute).toISOString() });
  desks.write("ny1", 0, "incident.declared", declared({ severity: "P1" }));
  desks.write("ny1", 1, "incident.fact", { name: "classified", at: when(1), value: "minor", how: "typed" });
  expect(states(desks, 2)["dora"]).toMatchObject({ is: "off" });
  desks.write("ny1", 1300, "incident.fact", {
    name: "classified",
    at: when(1300),
    value: "major",
    how: "typed",
  });
  expect(states(desks, 1301)["dora"]).toMatchObject({ is: "running", due: zero + 1440 * minute });
  desks.write("ny1", 1302, "incident.fact", { name: "reported-initial", at: when(1302), how: "typed" });
  expect(states(desks, 1400)["dora"]).toMatchObject({ is: "met" });
});

test("a clock that was not due ends with the incident; opened again it runs on", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 3, "incident.cancelled", { why: "a test alert" });
  expect(states(desks, 60)["halted"]).toEqual({ is: "ended", due: zero + 5 * minute });
  desks.write("ny1", 61, "incident.reopened", { why: "it was none" });
  expect(states(desks, 62)["halted"]).toMatchObject({ is: "missed", by: 57 * minute });
});

test("the policy of the declaration holds, and an incident of before there was one has no clocks", () => {
  const desks = new Desks();
  desks.put("ny1", 0, "run.started", { run: "RUN-1" });
  expect(clocksOf(foldIncident(desks.records), zero)).toEqual([]);
});

/** One clock of one severity, as a person would look it up: the events one by one, second by second. */
function lookedUp(events: readonly number[], limit: number, end: number | undefined, now: number): string {
  for (let second = 0; second <= now; second++) {
    const happened = events.find((event) => event <= second);
    if (happened !== undefined)
      return happened <= limit ? `met ${Math.max(0, happened)}` : `missed ${happened - limit}`;
    if (end !== undefined && second >= end) return end > limit ? `missed ${end - limit}` : "ended";
  }
  return now > limit ? `missed ${now - limit}` : `running ${limit - now}`;
}

test("every figure equals one that is looked up independently", () => {
  const seconds = fc.integer({ min: 0, max: 1200 });
  fc.assert(
    fc.property(
      fc.array(seconds, { maxLength: 4 }),
      fc.option(seconds, { nil: undefined }),
      seconds,
      (events, end, now) => {
        const past = events.filter((event) => event <= now && (end === undefined || event < end));
        const over = end !== undefined && end <= now ? end : undefined;
        const desks = new Desks();
        desks.write("ny1", 0, "incident.declared", declared());
        const steps = past.map((event) => ({ second: event, type: "answer" }));
        if (over !== undefined) steps.push({ second: over, type: "end" });
        for (const { second, type } of steps.toSorted((a, b) => a.second - b.second)) {
          if (type === "end") desks.write("ny1", second / 60, "incident.resolved", { message: "x" });
          else desks.write("ny1", second / 60, "incident.answer", { person: "bob", by: "desk" });
        }
        const state = states(desks, now / 60)["answered"];
        const figure =
          state?.is === "met"
            ? state.took
            : state?.is === "missed"
              ? state.by
              : state?.is === "running"
                ? state.left
                : undefined;
        const told = figure === undefined ? state?.is : `${state?.is} ${Math.round(figure / 1000)}`;
        expect(told).toBe(lookedUp(past, 900, over, now));
      },
    ),
  );
});
