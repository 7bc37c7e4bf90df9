import { beforeEach, expect, test } from "vitest";
import { DeskClock } from "../../../src/app/incident/desk-clock.ts";
import type { Clock } from "../../../src/ports/ports.ts";

const hour = 3_600_000;
const truth = Date.parse("2026-11-30T09:42:00.000Z");

let wall: number;
let passed: number;
let changes: number;
const clock: Clock = {
  now: () => new Date(wall + passed),
  monotonic: () => passed,
  sleep: async () => {},
};
beforeEach(() => {
  [wall, passed, changes] = [truth, 0, 0];
});

const begun = (): DeskClock => new DeskClock(clock, () => (changes += 1));
/** A header has whole seconds. */
const header = (at: number): Date => new Date(Math.floor(at / 1000) * 1000);

test("a step of the wall clock changes no time, and is to be put on record", () => {
  const desk = begun();
  expect(desk.correction(0)).toBeUndefined();
  passed = 60_000;
  wall += hour;
  expect(desk.now()).toBe(truth + 60_000);
  const record = { offset_ms: hour, error_ms: 5000, source: "monotonic", step_ms: hour };
  expect(desk.correction(0)).toEqual(record);
  expect([desk.correction(hour), changes]).toEqual([undefined, 0]);
  // Back again.
  wall -= hour;
  expect(desk.correction(hour)).toEqual({ offset_ms: 0, error_ms: 5000, source: "monotonic" });
});

test("two answers of providers say what time it is; one alone is not believed", () => {
  wall = truth - hour;
  const desk = begun();
  desk.hear(header(truth), 200, "slack.com");
  expect([desk.now(), changes]).toEqual([truth - hour, 0]);
  passed = 5000;
  desk.hear(header(truth + 5000), 200, "slack.com");
  expect(Math.abs(desk.now() - (truth + 5000))).toBeLessThanOrEqual(1000);
  expect(changes).toBe(1);
  expect(desk.correction(0)).toMatchObject({ source: "date-header", error_ms: 600 });
  expect(Math.abs((desk.correction(0)?.offset_ms ?? 0) + hour)).toBeLessThanOrEqual(1000);
  // One that says something else alone.
  desk.hear(new Date(0), 200, "slack.com");
  desk.hear(header(truth + 5000), 200, "slack.com");
  desk.hear(header(truth + 5000), 200, "slack.com");
  expect(changes).toBe(1);
});

test("what the records say holds until a provider says something", () => {
  wall = truth + hour;
  const desk = begun();
  desk.assume(hour);
  expect([desk.now(), desk.correction(hour)]).toEqual([truth, undefined]);
  desk.hear(header(truth + hour), 100, "slack.com");
  desk.hear(header(truth + hour), 100, "slack.com");
  desk.assume(hour);
  expect(Math.abs(desk.now() - (truth + hour))).toBeLessThanOrEqual(1000);
});

test("seconds apart are nobody's matter", () => {
  const desk = begun();
  wall += 4000;
  desk.hear(header(truth - 4000), 200, "slack.com");
  desk.hear(header(truth - 4000), 200, "slack.com");
  expect([desk.now(), desk.correction(0), changes]).toEqual([truth, undefined, 0]);
});

test("a provider whose clock is wrong is not believed against the others, or against one and the wall clock", () => {
  const desk = begun();
  const wrong = (): void => desk.hear(header(truth + 3 * hour), 100, "receiver.internal");
  // Alone it knows better than the machine does.
  wrong();
  wrong();
  expect([Math.round((desk.now() - truth) / hour), changes]).toEqual([3, 1]);
  for (let at = 0; at < 2; at += 1) desk.hear(header(truth), 100, "slack.com");
  expect(Math.abs(desk.now() - truth)).toBeLessThanOrEqual(1000);
  for (let at = 0; at < 3; at += 1) wrong();
  desk.hear(header(truth), 100, "events.pagerduty.com");
  expect([Math.abs(desk.now() - truth) <= 1000, changes]).toEqual([true, 2]);
});

test("two providers know better than the wall clock, whatever a third one says", () => {
  wall = truth - hour;
  const desk = begun();
  desk.hear(header(truth + 5 * hour), 100, "receiver.internal");
  desk.hear(header(truth), 100, "slack.com");
  expect(changes).toBe(0);
  desk.hear(header(truth), 100, "events.pagerduty.com");
  expect(Math.abs(desk.now() - truth)).toBeLessThanOrEqual(1000);
});
