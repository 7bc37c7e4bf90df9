import { expect, test } from "vitest";
import { timeOfLine } from "../../../src/kinds/file/line-time.ts";

const now = new Date("2026-11-30T18:00:00Z");
const local = (...parts: readonly [number, number, number, number, number, number]): number =>
  new Date(...parts).getTime();

test.each<[string, string | number]>([
  ["2026-11-30T17:00:01Z started", "2026-11-30T17:00:01Z"],
  ["2026-11-30T17:00:01.123456789Z x", "2026-11-30T17:00:01.123Z"],
  ["2026-11-30 17:00:01,5 +0200 ERROR", "2026-11-30T15:00:01.500Z"],
  ["2026-11-30T17:00:01-05:30 x", "2026-11-30T22:30:01Z"],
  ["2026-11-30 17:00:01.123 UTC [42] LOG: x", "2026-11-30T17:00:01.123Z"],
  ['{"level":"error","time":"2026-11-30T17:00:01Z"}', "2026-11-30T17:00:01Z"],
  ['10.0.0.1 - - [30/Nov/2026:17:00:01 +0100] "GET / HTTP/1.1" 200 5', "2026-11-30T16:00:01Z"],
  ["2026/11/30 17:00:01 [error] 12#12: x", local(2026, 10, 30, 17, 0, 1)],
  ["Nov 30 17:00:01 host sshd[1]: x", local(2026, 10, 30, 17, 0, 1)],
  ["<34>Nov  3 07:00:01 host su: x", local(2026, 10, 3, 7, 0, 1)],
  // No year is written: the last that is not in the future.
  ["Dec 24 17:00:01 host x", local(2025, 11, 24, 17, 0, 1)],
])("%s", (line, time) => {
  expect(timeOfLine(line, now)).toBe(typeof time === "number" ? time : Date.parse(time));
});

test.each([
  // Nobody says in which zone: it could be hours apart.
  "2026-11-30 17:00:01,123 INFO x",
  "2026-11-30T17:00:01 x",
  "2026/11/30 17:00:01 x",
  "17:00:01 x",
  "2026-13-45T99:00:01Z x",
  "[30/Foo/2026:17:00:01 +0100] x",
  "    at Object.run (file.js:12:34)",
  "",
  `${"x".repeat(500)} 2026-11-30T17:00:01Z`,
])("has none that is read: %s", (line) => {
  expect(timeOfLine(line, now)).toBeUndefined();
});
