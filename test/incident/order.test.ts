import fc from "fast-check";
import { expect, test } from "vitest";
import { foldIncident } from "../../src/incident/fold.ts";
import { inOrder } from "../../src/incident/order.ts";
import { holderOf } from "../../src/incident/people.ts";
import { eventOf } from "../../src/incident/key-events.ts";
import { severityOf } from "../../src/incident/severity.ts";
import { statusOf } from "../../src/incident/status.ts";
import { timelineOf } from "../../src/incident/timeline.ts";
import { at, declared, Desks, minute, zero } from "./chains.ts";

/** Desks with clocks apart that write, and read each other, at random. */
const story = fc.array(
  fc.record({
    desk: fc.constantFrom("ny1", "ldn", "sgp"),
    sync: fc.option(fc.constantFrom("ny1", "ldn", "sgp"), { nil: undefined }),
    what: fc.constantFrom("note", "answer", "role", "severity", "fact", "clock"),
    minutes: fc.integer({ min: 0, max: 300 }),
    person: fc.constantFrom("ada", "bob", "cy"),
  }),
  { maxLength: 25 },
);

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

function told(steps: Story): Desks {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.sync("ldn", "ny1");
  desks.sync("sgp", "ny1");
  for (const { desk, sync, what, minutes, person } of steps) {
    if (sync !== undefined && sync !== desk) desks.sync(desk, sync);
    const when = { at: new Date(zero + minutes * minute).toISOString() };
    if (what === "note") desks.write(desk, minutes, "incident.note", { text: person }, person);
    if (what === "answer") desks.write(desk, minutes, "incident.answer", { person, by: "desk" }, person);
    if (what === "role")
      desks.write(desk, minutes, "incident.role", { role: "commander", person, how: "taken" }, person);
    if (what === "severity")
      desks.write(desk, minutes, "incident.severity", {
        from: "P0",
        to: person === "ada" ? "P0" : "P1",
        why: "x",
      });
    if (what === "fact")
      desks.write(desk, minutes, "incident.fact", { name: "started", at: when, how: "typed" });
    if (what === "clock")
      desks.write(desk, minutes, "desk.clock", { offset_ms: minutes * 1000, error_ms: 1, source: "store" });
  }
  return desks;
}

test("the arrival order does not matter, nor does what came twice", () => {
  fc.assert(
    fc.property(story, fc.infiniteStream(fc.nat()), (steps, random) => {
      const { records } = told(steps);
      const shuffled = [...records, ...records.slice(0, 3)]
        .map((record) => ({ record, key: random.next().value as number }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ record }) => record);
      const now = zero + 400 * minute;
      expect(statusOf(foldIncident(shuffled), now, "x")).toEqual(statusOf(foldIncident(records), now, "x"));
    }),
  );
});

test("no effect comes before its cause, however far clocks are apart", () => {
  fc.assert(
    fc.property(story, (steps) => {
      const order = inOrder(told(steps).records);
      const place = new Map(order.map(({ ref }, index) => [ref, index]));
      expect(order).toHaveLength(place.size);
      for (const [index, { record, knew }] of order.entries()) {
        for (const [desk, seq] of knew) {
          if (desk === record.desk) continue;
          expect(place.get(`${desk}-${seq}`) ?? -1).toBeLessThan(index);
        }
        if (record.seq > 1) expect(place.get(`${record.desk}-${record.seq - 1}`)).toBeLessThan(index);
      }
    }),
  );
});

test("a chain that claims to have seen what follows it does not keep the order from ending", () => {
  const one = { desk: "a", seq: 1, time: "2026-11-30T09:00:00.000Z", actor: "x", type: "t", data: {} };
  const circle = [
    { ...one, seen: { b: 1 } },
    { ...one, desk: "b", seen: { a: 1 } },
    { ...one, desk: "c", seen: { nobody: 7 }, time: "no time" },
  ];
  expect(inOrder(circle)).toHaveLength(3);
});

test("two commanders who did not know of each other are a conflict, until somebody who knows of both writes", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.sync("ldn", "ny1");
  desks.write("ny1", 2, "incident.role", { role: "commander", person: "ada", how: "taken" });
  desks.write("ldn", 3, "incident.role", { role: "commander", person: "bob", how: "taken" }, "bob");
  const holder = () => {
    const { holders, conflict } = holderOf(foldIncident(desks.records), "commander");
    return [holders.map(({ who }) => who), conflict];
  };
  expect(holder()).toEqual([["ada", "bob"], true]);
  desks.sync("ny1", "ldn");
  desks.write("ny1", 5, "incident.note", { text: "bob commands" });
  expect(holder()).toEqual([["bob"], false]);
  desks.write("ny1", 6, "incident.role", { role: "commander", person: "cy", how: "given" });
  expect(holder()).toEqual([["cy"], false]);
});

test("of two severities that crossed the more urgent one holds", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared({ severity: "P1" }));
  desks.sync("ldn", "ny1");
  desks.write("ny1", 2, "incident.severity", { from: "P1", to: "P0", why: "a" });
  desks.write("ldn", 3, "incident.severity", { from: "P1", to: "P2", why: "b" });
  expect(severityOf(foldIncident(desks.records))).toBe("P0");
});

test("an answer at a desk that was cut off meets the clock once it is known", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.sync("ldn", "ny1");
  desks.write("ny1", 16, "clock.fired", {
    clock: "answered",
    n: 1,
    due: "2026-11-30T09:57:00.000Z",
    did: [],
  });
  desks.write("ldn", 7, "incident.answer", { person: "rosa", by: "desk" }, "rosa");
  expect(eventOf(foldIncident(desks.records), "answered")?.ref).toBe("ldn-1");
});

test("a record of a newer version is counted, and with `must` the status is incomplete", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.put("ny1", 1, "incident.teleported", {});
  expect(statusOf(foldIncident(desks.records), zero, "x")).toMatchObject({ unknown: 1, incomplete: false });
  const must = { ...desks.records.at(-1)!, seq: 3, must: true };
  expect(statusOf(foldIncident([...desks.records, must]), zero, "x")).toMatchObject({
    unknown: 2,
    incomplete: true,
  });
});

test("an incident of before there was `declare`: its number is its folder's, its times are the latest", () => {
  const desks = new Desks();
  desks.put("ny1", 0, "incident.note", { text: "begun by a run" });
  desks.put("ny1", 9, "incident.resolved", { incident: "INC-2026-0007", message: "back" });
  expect(statusOf(foldIncident(desks.records), zero, "INC-2026-0007")).toMatchObject({
    number: "INC-2026-0007",
    severity: undefined,
    state: "resolved",
    declared: { at: zero, atLatest: true },
    events: { started: { atLatest: true }, resolved: { at: zero + 9 * minute } },
    unknown: 0,
  });
});

test("what a stepped clock wrote counts as no later than the record that says that it stepped", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 5, "incident.note", { text: "by a clock that is right" });
  desks.write("ny1", 70, "incident.note", { text: "by the same, an hour ahead" });
  desks.write("ny1", 70, "incident.fact", { name: "bridge", at: { at: at(70) }, how: "typed" });
  desks.write("ny1", 70, "incident.fact", { name: "detected", at: { at: at(-3) }, how: "typed" });
  const clock = { offset_ms: 60 * minute, error_ms: 1, source: "monotonic", step_ms: 60 * minute } as const;
  desks.write("ny1", 71, "desk.clock", clock);
  desks.write("ny1", 75, "incident.note", { text: "known to be ahead" });
  const fold = foldIncident(desks.records);
  expect(fold.all.map(({ at: when }) => (when - zero) / minute)).toEqual([0, 5, 11, 11, 11, 11, 15]);
  expect(eventOf(fold, "bridge")?.at).toBe(zero + 11 * minute);
  expect(eventOf(fold, "detected")?.at).toBe(zero - 3 * minute);
  expect(timelineOf(fold).find(({ ref }) => ref === "ny1-4")).toEqual(
    expect.not.objectContaining({ before: expect.anything() as string }),
  );
});

test("a clock that was set back moves nothing that was written before", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 20, "incident.note", { text: "right" });
  desks.write("ny1", -39, "incident.note", { text: "an hour behind" });
  desks.write("ny1", -38, "desk.clock", { offset_ms: -60 * minute, error_ms: 1, source: "monotonic" });
  const { all } = foldIncident(desks.records);
  expect(all.map(({ at: when }) => (when - zero) / minute)).toEqual([0, 20, -39, 22]);
});
