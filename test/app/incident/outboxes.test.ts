import { fileStore } from "../../../src/store/file-store.ts";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Outboxes } from "../../../src/app/incident/outboxes.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import { queued } from "../../incident/records.ts";
import { temporaryFolder } from "../../program.ts";
import { opened, write } from "./queue.ts";

const over: IncidentRecord = { type: "incident.resolved", data: { message: "over" } };
const again: IncidentRecord = { type: "incident.reopened", data: { why: "it is back" } };

function ago(ms: number): { readonly clock: Clock } {
  const real = createClock();
  return { clock: { ...real, now: () => new Date(real.now().getTime() - ms) } };
}

function outboxesOf(state: string): { readonly keys: () => Promise<readonly string[]> } {
  const begun = Date.now();
  const store = fileStore({ state, actor: "ada", host: "h" }, createClock());
  const outboxes = new Outboxes(store, { now: () => begun, wall: () => begun }, () => false);
  return {
    keys: async () => (await outboxes.read()).flatMap(({ outbox }) => outbox.messages.map(({ id }) => id)),
  };
}

test("open incidents and those that ended a short time ago have an outbox, the others none", async () => {
  const state = join(temporaryFolder(), "state");
  await write(state, [opened, queued()], { id: "INC-2026-0001" });
  await write(state, [opened, queued(), over], { id: "INC-2026-0002" });
  await write(state, [opened, queued(), over], { id: "INC-2026-0003", ...ago(3_600_000) });
  expect(await outboxesOf(state).keys()).toEqual([
    "INC-2026-0001 page/war-room/ny1-1",
    "INC-2026-0002 page/war-room/ny1-1",
  ]);
});

test("one that is new, one that grows and one that is reopened are noticed", async () => {
  const state = join(temporaryFolder(), "state");
  const { keys } = outboxesOf(state);
  expect(await keys()).toEqual([]);
  await write(state, [opened, over], ago(3_600_000));
  expect(await keys()).toEqual([]);
  await write(state, [again]);
  expect(await keys()).toEqual([]);
  await write(state, [queued({ key: "a" })]);
  await write(state, [queued({ key: "b" })]);
  expect(await keys()).toEqual(["INC-2026-0042 a", "INC-2026-0042 b"]);
});

test("a drill is followed like an incident", async () => {
  const state = join(temporaryFolder(), "state");
  await write(state, [opened, queued()], { id: "DRILL-2026-0003" });
  expect(await outboxesOf(state).keys()).toEqual(["DRILL-2026-0003 page/war-room/ny1-1"]);
});

test("an incident that ends is followed until its notices are out, though the wall clock is hours off", async () => {
  const state = join(temporaryFolder(), "state");
  const begun = Date.now();
  const store = fileStore({ state, actor: "ada", host: "h" }, createClock());
  const outboxes = new Outboxes(store, { now: () => begun, wall: () => begun - 7_200_000 }, () => false);
  await write(state, [opened, queued()]);
  expect(await outboxes.read()).toHaveLength(1);
  await write(state, [queued({ key: "n", kind: "notice" }), over], ago(7_200_000));
  expect(await outboxes.read()).toMatchObject([{ outbox: { messages: [{}, { key: "n" }] } }]);
  // And by a sender that begins only then.
  const another = new Outboxes(store, { now: () => begun, wall: () => begun - 7_200_000 }, () => false);
  expect(await another.read()).toHaveLength(1);
});

describe("what one reading finds was written one after the other", () => {
  const begun = Date.parse("2026-11-30T09:42:00.000Z");
  const second = 1000;
  const at = (seconds: number): { readonly clock: Clock } => ({
    clock: { ...createClock(), now: () => new Date(begun + seconds * second) },
  });
  /** Seconds at which an answer and a page count that are written at these by the wall clock, and found at 60. */
  async function counted(answered: number, paged: number): Promise<readonly unknown[]> {
    const state = join(temporaryFolder(), "state");
    let now = begun + 10 * second;
    const store = fileStore({ state, actor: "ada", host: "h" }, createClock());
    const outboxes = new Outboxes(store, { now: () => now, wall: () => now }, () => false);
    await write(state, [opened], at(0));
    await outboxes.read();
    await write(state, [{ type: "incident.answer", data: { person: "rosa", by: "desk" } }], at(answered));
    await write(state, [queued()], at(paged));
    now = begun + 60 * second;
    const [{ fold } = { fold: undefined }] = await outboxes.read();
    const times = [fold?.answers[0], fold?.messages.get("page/war-room/ny1-1")?.queued];
    return times.map((one) => one && (one.at - begun) / second);
  }

  test("an answer is no answer to the page behind it", async () => {
    expect(await counted(20, 21)).toEqual([20, 21]);
  });

  test.each([
    ["hours ahead", [7200, 7201], [60, 60]],
    ["hours behind", [-7200, -7199], [10, 10]],
    ["set back between the two", [20, -7200], [20, 20]],
  ] as const)("though the wall clock is %s, between the readings", async (_how, [one, other], seen) => {
    expect(await counted(one, other)).toEqual(seen);
  });
});
