import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Policy } from "../../src/events/incident-policy.ts";
import { firedRecords } from "../../src/incident/fired.ts";
import { firingId, firingsOf } from "../../src/incident/firing.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import { incidentPlanOf } from "../../src/platform/incident-plan.ts";
import { declared, Desks, minute, policy, zero } from "./chains.ts";

const plan = incidentPlanOf(
  {
    people: {
      bob: { name: "Bob", phone: "+15550101" },
      cy: { name: "Cy", phone: "+15550102" },
      max: { name: "Max", phone: "+15550103" },
    },
    channels: {
      "war-room": { slack: { token: "${secrets.SLACK}", channel: "C1" } },
      "on-call": { pagerduty: { routing_keys: ["${secrets.PD}"] } },
      architects: { slack: { token: "${secrets.SLACK}", channel: "C2" } },
      sms: { twilio: { account: "AC1", token: "${secrets.SMS}", from: "+15550100" } },
      phone: { call: {} },
    },
  },
  {},
);

const clock = { on: true, from: "declared", within: {}, every: {}, after: [] };
const rules: Policy = {
  ...policy,
  severities: {
    P0: { name: "Critical", means: "all", page: ["war-room"] },
    P1: { name: "High", means: "much", page: ["on-call"] },
  },
  teams: { deputies: ["bob", "cy"], engineers: ["bob"], cto: ["max"] },
  clocks: [
    {
      ...clock,
      name: "answered",
      until: "answered",
      within: { P0: 15 * minute, P1: 60 * minute },
      after: [{ at: 5 * minute, page: "next-level" }],
    },
    {
      ...clock,
      name: "commander",
      until: "commander",
      within: { P0: 15 * minute },
      after: [{ at: 10 * minute, page: "deputies" }],
    },
    {
      ...clock,
      name: "updates",
      until: "update",
      every: { P0: 15 * minute },
      ends: "resolved",
      after: [{ at: 10 * minute, remind: "commander" }],
    },
    { ...clock, name: "rto", from: "started", until: "recovered", within: { P0: 240 * minute } },
  ],
  escalation: {
    L1: { who: "On call", to: ["on-call"], answer: 5 * minute, next: "L2" },
    L2: { who: "Engineers", to: ["sms:engineers", "phone:cto"], answer: 5 * minute, next: "L3" },
    L3: { who: "Architects", to: ["architects"] },
  },
};

/** A desk whose sender looks at its records at these minutes. */
class Night {
  readonly desks = new Desks();
  readonly log: string[] = [];
  private looked = -1;

  constructor(more: Parameters<typeof declared>[0] = {}) {
    this.desks.write("ny1", 0, "incident.declared", declared({ policy: rules, ...more }));
  }

  /** What a sender does at that minute, in words. */
  look(minutes: number): readonly string[] {
    const from = this.log.length;
    for (;;) {
      const now = zero + minutes * minute;
      const fold = foldIncident(this.desks.records);
      const [first] = firingsOf(fold, now).due;
      if (first === undefined) return this.log.slice(from);
      const head = { desk: "ny1", seq: 1, sum: "3fa9c1d20b7e" };
      const { records, call } = firedRecords(fold, first, { plan, number: "INC-2026-0042", head, now });
      for (const { type, data } of records) this.desks.put("ny1", minutes, type, data, "sender");
      const fired = records.at(-1);
      const { did, missed } = fired?.type === "clock.fired" ? fired.data : { did: [], missed: undefined };
      const called = call.map(({ id }) => `call ${id}`);
      const times = missed === undefined ? [] : [`missed ${missed}`];
      this.log.push([firingId(first), ...times, ...did, ...called].join("  "));
    }
  }

  /** Looks each minute from the last one on. */
  until(minutes: number): readonly string[] {
    const from = this.log.length;
    while (this.looked < minutes) this.look((this.looked += 1));
    return this.log.slice(from);
  }
}

test("nobody answers a P0: it climbs the escalation, reminds, and says what was missed", () => {
  const night = new Night();
  expect(night.until(21)).toEqual([
    "answered.P0.1.1  page/on-call/answered.P0.1.1",
    // The next level's time begins when that one was paged.
    "commander.P0.1.1  page/sms/bob/commander.P0.1.1  page/sms/cy/commander.P0.1.1  call bob  call cy",
    "answer-L1.P0.1.1  page/sms/bob/answer-L1.P0.1.1  call max",
    "updates.P0.1.1  reminder/war-room/updates.P0.1.1",
    "answer-L1.P0.1",
    "answer-L2.P0.1.1  page/architects/answer-L2.P0.1.1",
    "answered.P0.1",
    "commander.P0.1",
    "updates.P0.1  missed 1",
    "answer-L2.P0.1",
  ]);
  const { messages } = foldIncident(night.desks.records);
  const bodies = [...messages.values()].map(({ queued }) => queued.data);
  expect(bodies.map(({ level }) => level)).toEqual(["L1", "P0.2", "P0.2", "L2", "P0", "L3"]);
  expect(bodies[0]?.body).toContain("No answer for 5m: escalated to L1, On call");
  expect(bodies[1]?.body).toContain("Clock commander: not done after 10m: paged deputies");
  expect(bodies[4]?.body).toBe(
    "REMINDER INC-2026-0042: updates (update): not done 10m after it began, due 09:57 UTC. lav-ir status shows the current state.",
  );
});

test("an answer stops it, for the levels that were paged too", () => {
  const night = new Night();
  night.until(6);
  night.desks.write("ny1", 7, "incident.answer", { person: "max", by: "phone", told_by: "ada" });
  night.desks.write("ny1", 8, "incident.role", { role: "commander", person: "bob", how: "taken" });
  expect(night.look(12)).toEqual(["updates.P0.1.1  reminder/sms/bob/updates.P0.1.1"]);
});

test("who was paged for the severity itself is not paged as the level as well", () => {
  const night = new Night({ severity: "P1" });
  const head = { desk: "ny1", seq: 1, sum: "00" };
  const page = { kind: "page" as const, channel: "on-call", level: "P1", body: "x", head };
  night.desks.write("ny1", 0, "message.queued", { key: "page/on-call/ny1-1", ...page });
  expect(night.until(11)).toEqual([
    "answered.P1.1.1  page/sms/bob/answered.P1.1.1  call max",
    "answer-L1.P1.1.1",
    "answer-L1.P1.1",
    "answer-L2.P1.1.1  page/architects/answer-L2.P1.1.1",
    "answer-L2.P1.1",
  ]);
});

test("a raised severity has clocks of its own; a lowered one fires none", () => {
  const night = new Night({ severity: "P1" });
  night.desks.write("ny1", 1, "incident.answer", { person: "bob", by: "desk" });
  night.desks.write("ny1", 20, "incident.severity", { from: "P1", to: "P0", why: "all venues" });
  expect(night.look(24)).toEqual([]);
  expect(night.look(25)).toEqual(["answered.P0.1.1  page/on-call/answered.P0.1.1"]);
  night.desks.write("ny1", 26, "incident.severity", { from: "P0", to: "P1", why: "one venue" });
  expect(night.look(90)).toEqual([]);
});

test("after a sleep pages go first, and a repeated clock fires once with the number missed", () => {
  const night = new Night();
  night.look(1);
  expect(night.look(62)).toEqual([
    "answered.P0.1.1  page/on-call/answered.P0.1.1",
    "commander.P0.1.1  page/sms/bob/commander.P0.1.1  page/sms/cy/commander.P0.1.1  call bob  call cy",
    "answered.P0.1",
    "commander.P0.1",
    "updates.P0.4  missed 4",
  ]);
  // The level that was paged has its time from then on.
  expect(night.look(66)).toEqual([]);
  expect(night.look(67)).toEqual(["answer-L1.P0.1.1  page/sms/bob/answer-L1.P0.1.1  call max"]);
  expect(night.look(71)).toEqual(["answer-L1.P0.1", "updates.P0.5.1  reminder/war-room/updates.P0.5.1"]);
});

test("an update begins the next period; none that was said late makes one fire again", () => {
  const night = new Night();
  night.desks.write("ny1", 1, "incident.answer", { person: "bob", by: "desk" });
  night.desks.write("ny1", 1, "incident.role", { role: "commander", person: "bob", how: "taken" });
  const update = (minutes: number, at: number): void => {
    const when = { at: new Date(zero + at * minute).toISOString() };
    night.desks.write("ny1", minutes, "incident.fact", { name: "update", at: when, how: "typed" });
  };
  update(8, 8);
  expect(night.look(17)).toEqual([]);
  expect(night.look(18)).toEqual(["updates.P0.2.1  reminder/sms/bob/updates.P0.2.1"]);
  expect(night.look(24)).toEqual(["updates.P0.2  missed 1"]);
  // Noted afterwards: it was in time, the clock is not late, and rings when its time comes anew.
  update(25, 22);
  expect(night.look(26)).toEqual([]);
  expect(night.look(32)).toEqual(["updates.P0.3.1  reminder/sms/bob/updates.P0.3.1"]);
});

test("a repeated clock's reminders are all sent, though the severity was lowered and raised in between", () => {
  const night = new Night();
  night.until(16);
  night.desks.write("ny1", 17, "incident.severity", { from: "P0", to: "P1", why: "one venue" });
  night.desks.write("ny1", 18, "incident.severity", { from: "P1", to: "P0", why: "all venues" });
  const reminders = (log: readonly string[]) => log.filter((line) => line.startsWith("updates"));
  night.look(27);
  expect(reminders(night.look(28))).toEqual(["updates.P0.2.1  reminder/war-room/updates.P0.2.1"]);
  const { messages } = foldIncident(night.desks.records);
  expect([...messages.keys()].filter((key) => key.startsWith("reminder"))).toEqual([
    "reminder/war-room/updates.P0.1.1",
    "reminder/war-room/updates.P0.2.1",
  ]);
});

test("a repeated clock's reminders are all sent, though an update was withdrawn", () => {
  const night = new Night();
  const when = { at: new Date(zero + minute).toISOString() };
  const fact = { name: "update", at: when, how: "typed" } as const;
  const update = night.desks.write("ny1", 1, "incident.fact", fact);
  night.until(12);
  night.desks.write("ny1", 13, "incident.correct", { record: update, withdraw: true, why: "it was none" });
  night.until(26);
  expect(night.log.filter((line) => line.includes("reminder"))).toEqual([
    "updates.P0.2.1  reminder/war-room/updates.P0.2.1",
    "updates.P0.3.1  reminder/war-room/updates.P0.3.1",
  ]);
});

describe("a repeated clock that rang for a time to come, by a clock that was ahead", () => {
  const repeated = (log: readonly string[]) => log.filter((line) => /^updates\.P0\.\d+ /.test(line));

  test("is not silent until then", () => {
    const night = new Night();
    expect(repeated(night.look(80))).toEqual(["updates.P0.5  missed 5"]);
    expect(repeated(night.look(31))).toEqual(["updates.P0.2  missed 2"]);
    expect(repeated(night.look(46))).toEqual(["updates.P0.3  missed 1"]);
    expect(repeated(night.look(61))).toEqual(["updates.P0.4  missed 1"]);
    // What it rang for then.
    expect(repeated(night.look(76))).toEqual([]);
    expect(repeated(night.look(91))).toEqual(["updates.P0.6  missed 2"]);
  });

  test("is not silent when that time has come, if an update has moved the limits since", () => {
    const night = new Night();
    night.look(80);
    const offset = 60 * minute;
    night.desks.write("ny1", 80, "desk.clock", { offset_ms: offset, error_ms: 500, source: "date-header" });
    const at = { at: new Date(zero + 21 * minute).toISOString() };
    night.desks.write("ny1", 81, "incident.fact", { name: "update", at, how: "typed" });
    // Nobody looked at the limits in between.
    expect(repeated(night.look(77))).toEqual(["updates.P0.6  missed 3"]);
  });

  test("does not use that number again", () => {
    const night = new Night();
    night.look(80);
    for (const minutes of [16, 17, 18]) {
      const at = { at: new Date(zero + minutes * minute).toISOString() };
      night.desks.write("ny1", minutes, "incident.fact", { name: "update", at, how: "typed" });
    }
    expect(repeated(night.look(34))).toEqual(["updates.P0.6  missed 1"]);
  });
});

describe("nothing fires", () => {
  test("in an incident that is over, and what was due before it ended is not made up for", () => {
    const night = new Night();
    night.desks.write("ny1", 4, "incident.cancelled", { why: "a test" });
    expect(night.look(300)).toEqual([]);
    expect(firingsOf(foldIncident(night.desks.records), zero + 300 * minute).next).toBeUndefined();
  });

  test("a second time because a correction moved its time", () => {
    const night = new Night();
    night.look(241);
    const before = new Date(zero - 60 * minute).toISOString();
    const after = new Date(zero + 60 * minute).toISOString();
    const fact = { name: "started", at: { at: before }, how: "typed" as const };
    const ref = night.desks.write("ny1", 242, "incident.fact", fact);
    night.look(243);
    const correct = { record: ref, field: "at" as const, value: { at: after }, why: "x" };
    night.desks.write("ny1", 244, "incident.correct", correct);
    night.look(500);
    expect(night.log.filter((line) => line.startsWith("rto"))).toEqual(["rto.P0.1"]);
  });
});

test("a sender that died between a message and the clock's record makes the same message", () => {
  const night = new Night();
  night.look(5);
  const fired = night.desks.records.pop();
  expect(fired?.type).toBe("clock.fired");
  expect(night.look(6)).toEqual(["answered.P0.1.1  page/on-call/answered.P0.1.1"]);
  expect(foldIncident(night.desks.records).messages.size).toBe(1);
});

test("whenever senders look, each fires once, and the next look is at the time that was named", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 3 }),
      (steps, updates) => {
        const night = new Night();
        let seconds = 0;
        for (const step of steps) {
          const { next = Infinity } = firingsOf(foldIncident(night.desks.records), zero + seconds * 1000);
          seconds += step;
          if (zero + seconds * 1000 < next) expect(night.look(seconds / 60)).toEqual([]);
          night.look(seconds / 60);
          if (updates.includes(step % 120)) {
            const at = { at: new Date(zero + seconds * 1000).toISOString() };
            night.desks.write("ny1", seconds / 60, "incident.fact", { name: "update", at, how: "typed" });
          }
        }
        const ids = night.log.map((line) => line.split("  ")[0]);
        expect(new Set(ids).size).toBe(ids.length);
        const passed = foldIncident(night.desks.records).fired.filter(({ data }) => data.after === undefined);
        for (const name of ["answered", "commander"])
          expect(passed.filter(({ data }) => data.clock === name)).toHaveLength(seconds > 900 ? 1 : 0);
      },
    ),
    { numRuns: 100 },
  );
});
