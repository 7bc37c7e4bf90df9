import { expect, test } from "vitest";
import { DeskClock } from "../../../src/app/incident/desk-clock.ts";
import { Unwritten } from "../../../src/app/incident/unwritten.ts";
import type { OpenJournal } from "../../../src/store/journal.ts";
import type { NewRecord } from "../../../src/store/journal-line.ts";
import { attempt, incident } from "../../incident/records.ts";

const began = Date.parse("2026-11-30T09:42:00.000Z");
const hour = 3_600_000;

test("what was kept by a clock that turns out to be wrong is at its right time, once it is written", async () => {
  let passed = 0;
  let full = true;
  const written: NewRecord[] = [];
  // The wall clock is an hour behind.
  const clock = {
    now: () => new Date(began - hour + passed),
    monotonic: () => passed,
    sleep: async () => {},
  };
  const deskClock = new DeskClock(clock, (by) => unwritten.shift(by));
  const journal = {
    appendTogether: async (records: readonly NewRecord[]) => {
      if (full) throw new Error("the disk is full");
      written.push(...records);
      return await Promise.resolve([]);
    },
  } as unknown as OpenJournal;
  const unwritten = new Unwritten({
    clock,
    now: deskClock.now,
    ahead: () => 0,
    host: "h",
    say: () => {},
    journal: async () => await Promise.resolve(journal),
    uid: async () => await Promise.resolve(undefined),
  });
  await unwritten.put(incident, [attempt("a")]);
  const before = unwritten.of(incident);
  passed = 1000;
  for (const host of ["a", "b"]) deskClock.hear(new Date(began + passed), 0, host);
  passed = 2000;
  await unwritten.put(incident, [attempt("b")]);
  // Whoever counts them sees that they are others.
  expect(unwritten.of(incident)).not.toBe(before);
  full = false;
  await unwritten.flush(true);
  const seconds = written.map(({ origin }) => (Date.parse(origin?.time ?? "") - began) / 1000);
  // A Date has whole seconds.
  expect(seconds.map(Math.floor)).toEqual([0, 2]);
});
