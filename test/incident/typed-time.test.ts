import fc from "fast-check";
import { expect, test } from "vitest";
import { readTyped } from "../../src/incident/typed-time.ts";

const noon = Date.parse("2026-11-30T12:00:00Z");

function read(typed: string, zone = "Europe/London", now = noon): string {
  const when = readTyped(typed, zone, now);
  return when.ok ? when.value.at : when.failure;
}

test.each([
  ["11:50", "2026-11-30T11:50:00.000Z"],
  ["11:50:07", "2026-11-30T11:50:07.000Z"],
  ["9:31", "2026-11-30T09:31:00.000Z"],
  ["23:50", "2026-11-29T23:50:00.000Z"],
  ["12:00", "2026-11-30T12:00:00.000Z"],
  ["2026-11-28 07:05", "2026-11-28T07:05:00.000Z"],
  ["5m ago", "2026-11-30T11:55:00.000Z"],
  ["2026-11-30T12:30:00+01:00", "2026-11-30T11:30:00.000Z"],
])("%s is read", (typed, instant) => {
  expect(read(typed)).toBe(instant);
});

test("in the incident's zone, and it is said how exactly", () => {
  expect(readTyped("18:50", "Asia/Tokyo", noon)).toEqual({
    ok: true,
    value: { at: "2026-11-30T09:50:00.000Z", zone: "Asia/Tokyo", typed: "18:50", within_s: 60 },
  });
});

test.each([
  ["25:00", '"25:00" is not a time of day'],
  ["soon", '"soon" is not a time: write 23:50, "2026-11-29 23:50", "5m ago" or 2026-11-29T23:50:00Z'],
  ["x ago", '"x ago" is not a time: x is not a duration such as 5m'],
  [
    "2026-12-01 10:00",
    '"2026-12-01 10:00" is in the future: read as 2026-12-01 10:00:00 Europe/London, 10:00:00 UTC; it is now 2026-11-30 12:00:00 Europe/London, 12:00:00 UTC',
  ],
  [
    "2026-11-30T12:00:01Z",
    '"2026-11-30T12:00:01Z" is in the future: read as 2026-11-30 12:00:01 Europe/London, 12:00:01 UTC; it is now 2026-11-30 12:00:00 Europe/London, 12:00:00 UTC',
  ],
])("%s is refused", (typed, why) => {
  expect(read(typed)).toBe(why);
});

test("the hour that is there twice is refused with both readings, the one that is not with why", () => {
  const back = Date.parse("2026-10-25T06:00:00Z");
  expect(read("01:30", "Europe/London", back)).toBe(
    '"01:30" is ambiguous because the clocks went back: 2026-10-25 01:30:00 Europe/London, 00:30:00 UTC, or 2026-10-25 01:30:00 Europe/London, 01:30:00 UTC; write it in UTC',
  );
  // What the clocks will skip later today was there yesterday.
  expect(read("02:00", "Australia/Lord_Howe", Date.parse("2027-10-02T13:30:00Z"))).toBe(
    "2027-10-01T15:30:00.000Z",
  );
  // Between the two, only one of them is past.
  expect(read("01:30", "Europe/London", Date.parse("2026-10-25T00:45:00Z"))).toBe("2026-10-25T00:30:00.000Z");
  expect(read("01:30", "Europe/London", Date.parse("2026-03-29T06:00:00Z"))).toBe(
    '"01:30" does not exist in Europe/London: the clocks skipped it when they went forward; write it in UTC',
  );
});

test("a time that was shown is read as that instant, in every zone, or refused", () => {
  const zones = fc.constantFrom(
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
  );
  const seconds = fc.integer({ min: Date.parse("2026-01-01") / 1000, max: Date.parse("2027-12-31") / 1000 });
  fc.assert(
    fc.property(zones, seconds, fc.integer({ min: 0, max: 86_000 }), (zone, second, later) => {
      const wall = new Date(second * 1000).toLocaleTimeString("en-GB", { timeZone: zone });
      const when = readTyped(wall, zone, (second + later) * 1000);
      if (when.ok) expect(Date.parse(when.value.at)).toBe(second * 1000);
      else expect(when.failure).toMatch(/ambiguous|within the last 24/);
    }),
  );
});
