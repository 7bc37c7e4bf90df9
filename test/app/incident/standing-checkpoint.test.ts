import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readStanding } from "../../../src/app/incident/standing.ts";
import type { JournalRecord } from "../../../src/events/record.ts";
import { keyedSum } from "../../../src/store/journal-index.ts";
import type { Origin } from "../../../src/store/journal-line.ts";
import type { Store } from "../../../src/store/store.ts";
import { zero } from "../../incident/chains.ts";
import { queued } from "../../incident/records.ts";
import { first, incident, Kept } from "./kept-status.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: zero + 3_600_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const message = (key: string): JournalRecord =>
  ({
    ...queued({ key, channel: "sms", ...(key.includes("bob") ? { person: "bob" } : {}) }),
  }) as JournalRecord;
const taken = (key: string): JournalRecord => ({
  type: "message.result",
  data: { key, n: 1, outcome: "accepted" },
});

test("behind a cache no record of a message is read again, and what comes behind counts", async () => {
  const kept = new Kept();
  kept.begin([first, message("page/sms/ny1-1"), message("page/sms/bob/ny1-1"), taken("page/sms/ny1-1")]);
  await kept.holds();
  const read: unknown[] = [];
  const store: Store = {
    ...kept.store,
    readSelected: async (...of) => {
      const selected = await kept.store.readSelected(...of);
      read.push(selected?.records.map(({ seq }) => seq));
      return selected;
    },
  };
  await readStanding({ store, incident }, "1.0.0");
  kept.append([taken("page/sms/bob/ny1-1"), message("update/war-room/ny1-5")]);
  expect((await readStanding({ store, incident }, "1.0.0")).status.messages).toEqual({
    accepted: 2,
    queued: 1,
  });
  expect(read).toEqual([[1], [1, 5, 6]]);
  await kept.holds();
});

test.each<readonly [string, JournalRecord & { readonly origin?: Origin }]>([
  [
    "a correction of a page's time",
    {
      type: "incident.correct",
      data: { record: "ny1-2", field: "at", value: { at: new Date(zero - 60_000).toISOString() }, why: "x" },
    },
  ],
  [
    "a page that was withdrawn",
    { type: "incident.correct", data: { record: "ny1-2", withdraw: true, why: "x" } },
  ],
  [
    "a word on the clock, which was ahead",
    { type: "desk.clock", data: { offset_ms: 600_000, error_ms: 1, source: "monotonic" } },
  ],
  [
    "an answer that is imported, of before the page",
    {
      type: "incident.answer",
      data: { person: "bob", by: "desk" },
      origin: {
        time: new Date(zero - 60_000).toISOString(),
        actor: "bob",
        host: "ops-1",
        imported: { at: new Date(zero).toISOString(), by: "bob" },
      },
    },
  ],
])("behind a cache, and in it: %s", async (_what, record) => {
  const kept = new Kept();
  kept.begin([first, message("page/sms/bob/ny1-1"), taken("page/sms/bob/ny1-1")]);
  await kept.holds();
  kept.append([record]);
  await kept.holds();
  await kept.holds();
  kept.append([message("page/sms/rosa/ny1-4")]);
  await kept.holds();
});

test("a cache whose columns do not fit each other is not used", async () => {
  const kept = new Kept();
  kept.begin([first, message("page/sms/bob/ny1-1"), taken("page/sms/bob/ny1-1")]);
  await kept.standing();
  const [, body = ""] = readFileSync(kept.cache, "utf8").split("\n");
  for (const [from, to] of [
    ['"figures":[0,', '"figures":[7,'],
    ['"figures":[0,', '"figures":['],
    ['"numbers":["1"]', '"numbers":[]'],
    ['"likenesses":[', '"likenesses":7,"x":['],
  ] as const) {
    const other = body.replace(from, to);
    expect(other).not.toBe(body);
    writeFileSync(kept.cache, `${keyedSum(kept.state, other)}\n${other}\n`, { mode: 0o600 });
    await kept.holds();
  }
});
