import { expect, test } from "vitest";
import { dayAhead, dayOf, nextWorkingDay, readReviewDate } from "../../src/incident/review-date.ts";

const now = Date.parse("2026-11-27T22:30:00Z");

test.each([
  ["a Friday evening: Monday", "2026-11-27T22:30:00Z", "Europe/London", "2026-11-30T10:00:00.000Z"],
  ["already Saturday there", "2026-11-27T22:30:00Z", "Asia/Tokyo", "2026-11-30T01:00:00.000Z"],
  ["a Tuesday: Wednesday", "2026-12-01T09:00:00Z", "Europe/London", "2026-12-02T10:00:00.000Z"],
  ["over the change of the clocks", "2026-10-23T12:00:00Z", "Europe/London", "2026-10-26T10:00:00.000Z"],
  ["in summer", "2026-07-31T12:00:00Z", "Europe/London", "2026-08-03T09:00:00.000Z"],
  ["over the year", "2026-12-31T12:00:00Z", "America/New_York", "2027-01-01T15:00:00.000Z"],
])("the next working day at ten: %s", (_what, from, zone, wanted) => {
  expect(new Date(nextWorkingDay(Date.parse(from), zone)).toISOString()).toBe(wanted);
});

test.each([
  ["2026-12-01", "2026-12-01T10:00:00.000Z"],
  ["2026-12-01 14:30", "2026-12-01T14:30:00.000Z"],
  ["2026-07-01", undefined],
  ["2027-07-01", "2027-07-01T09:00:00.000Z"],
  ["2026-12-01T14:30:00+02:00", "2026-12-01T12:30:00.000Z"],
  ["next", "2026-11-30T10:00:00.000Z"],
  ["2026-02-30", undefined],
  ["2026-12-01 25:00", undefined],
  ["tomorrow", undefined],
])("a review on %j", (typed, wanted) => {
  const read = readReviewDate(typed, "Europe/London", now);
  expect(read.ok ? new Date(read.value).toISOString() : undefined).toBe(wanted);
});

test("a day of the calendar, and the one in so many days", () => {
  expect([dayOf("2026-12-10"), dayOf("2026-02-30"), dayOf("10.12.2026"), dayOf("2026-13-01")]).toEqual([
    "2026-12-10",
    undefined,
    undefined,
    undefined,
  ]);
  expect([dayAhead(now, "Europe/London", 7), dayAhead(now, "Asia/Tokyo", 0)]).toEqual([
    "2026-12-04",
    "2026-11-28",
  ]);
});
