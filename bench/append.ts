import { fdatasync, openSync, closeSync, writeSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClock } from "../src/drivers/clock.ts";
import type { JournalRecord } from "../src/events/record.ts";
import { openJournal } from "../src/store/journal.ts";
import type { Place } from "./place.ts";
import type { Row } from "./report.ts";
import { spread } from "./statistics.ts";

const sync = promisify(fdatasync);

const place = { run: "RUN-1", key: "steps//act", step: "act", section: "steps" } as const;
const outcome: JournalRecord = { type: "step.outcome", data: { ...place, status: "ok", outputs: {} } };
const intent: JournalRecord = {
  type: "step.intent",
  data: {
    ...place,
    action: "http.post: POST http://127.0.0.1/act",
    args: {},
    digest: "d",
    idempotency_key: "i",
  },
};

/** Records that are on the disk before the next one is written, against a bare loop of the same bytes. */
export async function appending({ folder }: Place, pairs: number): Promise<readonly Row[]> {
  const state = join(folder, "append");
  mkdirSync(state, { mode: 0o700 });
  const measure = async (record: JournalRecord): Promise<readonly number[]> => {
    const over: number[] = [];
    for (let at = 0; at <= pairs; at++) {
      const ratio = await one(state, record);
      // The first makes the key, and warms up.
      if (at > 0) over.push(ratio);
    }
    return over;
  };
  const note = "500 records, each on the disk; the same bytes by write and fdatasync";
  return [
    {
      what: "append, over a bare loop",
      unit: "×",
      spread: spread(await measure(outcome)),
      atMost: 1.25,
      note,
    },
    { what: "append and sign, over a bare loop", unit: "×", spread: spread(await measure(intent)), note },
  ];
}

let count = 0;
/** How many times as long the journal takes. */
async function one(state: string, record: JournalRecord): Promise<number> {
  const own = join(state, "runs", String(count++));
  const journal = await openJournal({
    folder: own,
    root: state,
    actor: "ana",
    host: "ops-1",
    clock: createClock(),
    shared: false,
  });
  const line = Buffer.from(`${JSON.stringify({ ...record, more: "x".repeat(300) })}\n`);
  const bare = openSync(join(own, "bare"), "w");
  // Turn by turn: what the disk does meanwhile falls on both.
  let [ours, theirs] = [0, 0];
  for (let at = 0; at < 500; at++) {
    const begun = performance.now();
    await journal.append(record, { sync: true });
    const between = performance.now();
    writeSync(bare, line);
    await sync(bare);
    ours += between - begun;
    theirs += performance.now() - between;
  }
  journal.close();
  closeSync(bare);
  return ours / theirs;
}
