import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { approvalRecords } from "../../src/approval/record.ts";
import type { JournalRecord } from "../../src/events/record.ts";
import { recordsOf, type RunData } from "../../src/events/run-record.ts";
import { createClock } from "../../src/drivers/clock.ts";
import { pastOf } from "../../src/run/resume-state.ts";
import { genesis, sealed } from "../../src/store/chain.ts";
import { openJournal } from "../../src/store/journal.ts";
import { readJournal } from "../../src/store/journal-record.ts";

// A history is folded to the same state, whichever version of the tool wrote which part of it; and whatever is
// done to its bytes, what is read is a beginning of what was written.

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "lav-ir-formats-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = fc.constantFrom("RUN-1", "RUN-2");
const key = fc.constantFrom("steps//one", "steps//two", "steps//each[0]");
const place = { step: fc.constantFrom("one", "two"), section: fc.constant("steps" as const) };
const word = fc.string({ maxLength: 12, unit: "grapheme" });
const value = fc.jsonValue({ maxDepth: 2 });
const digest = fc.constantFrom("d1", "d2");

const records: fc.Arbitrary<JournalRecord> = fc.oneof(
  data("step.intent", {
    run,
    ...place,
    key,
    action: word,
    args: fc.constant({}),
    before: value,
    digest,
    idempotency_key: word,
  }),
  data("step.outcome", {
    run,
    ...place,
    key,
    status: fc.constantFrom("ok", "failed", "unknown"),
    outputs: fc.dictionary(fc.constantFrom("a", "$b", "json"), value),
  }),
  data("step.list", {
    run,
    ...place,
    key,
    items: fc.array(value, { maxLength: 3 }),
    left_out: fc.constant([1]),
    digest,
  }),
  data("undo", { run, ...place, key }),
  data("rung.finished", {
    run,
    rung: fc.constantFrom("first", "second"),
    title: word,
    status: fc.constantFrom("held", "persist", "failed", "unknown", "skipped", "declined"),
    message: word,
    duration_ms: fc.nat(),
  }),
  data("approval", {
    run,
    ...place,
    digest,
    decision: fc.constantFrom("granted", "declined", "refused"),
    how: fc.constantFrom("prompt", "second-person"),
    request: fc.constantFrom("APR-1", "APR-2"),
  }),
  word.map((text): JournalRecord => ({ type: "incident.note", data: { text } })),
);

function data<T extends "step.intent" | "step.outcome" | "step.list" | "undo" | "rung.finished" | "approval">(
  type: T,
  fields: { readonly [K in keyof RunData<T>]: fc.Arbitrary<RunData<T>[K]> },
): fc.Arbitrary<JournalRecord> {
  return fc
    .record(fields as Record<string, fc.Arbitrary<unknown>>)
    .map((of) => ({ type, data: of }) as JournalRecord);
}

/** The lines as format 1 had them. */
function formatOne(history: readonly JournalRecord[]): string {
  let prev = genesis;
  return history
    .map(({ type, data: of }, at) => {
      const when = { seq: at + 1, time: "2026-01-31T14:15:02.007Z", mono: at };
      const { line, sum } = sealed(
        JSON.stringify({ v: 1, ...when, actor: "ana", host: "ops-1", type, data: of, prev }),
      );
      prev = sum;
      return `${line}\n`;
    })
    .join("");
}

let count = 0;
/** Writes so many records in format 1 and the rest in today's. @returns the journal's path */
async function write(history: readonly JournalRecord[], old: number): Promise<string> {
  const own = join(folder, String(count++));
  mkdirSync(own, { mode: 0o700 });
  const path = join(own, "journal.ndjson");
  writeFileSync(path, formatOne(history.slice(0, old)), { mode: 0o600 });
  const journal = await openJournal({
    folder: own,
    actor: "ana",
    host: "ops-1",
    clock: createClock(),
    shared: false,
  });
  for (const record of history.slice(old)) await journal.append(record);
  journal.close();
  return path;
}

/** What the readers make of it, but for when it was written. */
function folded(path: string): unknown {
  const { records: all, problem, unread } = readJournal(path);
  const past = pastOf(
    recordsOf(all, "RUN-1").map((record) => ({ ...record, time: "2026-01-31T00:00:00.000Z" })),
  );
  const approvals = approvalRecords(all).map(({ type, data: of }) => [type, of]);
  return { past, approvals, problem, unread, count: all.length };
}

test("a history in format 1, in today's, or begun in one and continued in the other: one state", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(records, { maxLength: 12 }), fc.nat({ max: 12 }), async (history, at) => {
      const all = await write(history, history.length);
      const mixed = await write(history, Math.min(at, history.length));
      const none = await write(history, 0);
      expect(folded(mixed)).toEqual(folded(all));
      expect(folded(none)).toEqual(folded(all));
      expect(folded(all)).toMatchObject({ problem: undefined, unread: [], count: history.length });
    }),
    { numRuns: 60 },
  );
});

test("torn, cut, turned or with garbage in it: what is read is a beginning of what was written", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(records, { minLength: 1, maxLength: 6 }),
      fc.nat({ max: 6 }),
      fc.nat(),
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom("cut", "replace", "insert"),
      async (history, old, where, garbage, how) => {
        const path = await write(history, Math.min(old, history.length));
        const whole = readJournal(path);
        const bytes = readFileSync(path);
        const at = where % bytes.length;
        const rest = { cut: bytes.length, replace: at + garbage.length, insert: at }[how];
        writeFileSync(path, Buffer.concat([bytes.subarray(0, at), garbage, bytes.subarray(rest)]));
        const read = readJournal(path);
        expect(whole.sums.slice(0, read.length)).toEqual(read.sums);
        expect(read.records).toEqual(whole.records.slice(0, read.records.length));
      },
    ),
    { numRuns: 100 },
  );
});
