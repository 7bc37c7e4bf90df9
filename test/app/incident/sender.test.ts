import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import { takeLock } from "../../../src/store/lock.ts";
import { senderLock } from "../../../src/store/layout.ts";
import { queued } from "../../incident/records.ts";
import { temporaryFolder } from "../../program.ts";
import { everyWay, messageRecords, opened, outboxIn, write } from "./queue.ts";
import { sendAll } from "./send.ts";
import { directoryOf, Providers } from "./stand-ins.ts";

function stateFolder(): string {
  return join(temporaryFolder(), "state");
}

const states = (state: string): readonly string[] =>
  outboxIn(state).messages.map(({ state: one }) => one.state);

test("each message goes out once, the attempt on record before it and the result after", async () => {
  await using providers = await Providers.start();
  const state = stateFolder();
  await write(state, [opened, ...everyWay]);
  expect(await sendAll(state, providers)).toEqual([]);
  expect(providers.slack.posts.map(({ text }) => text)).toEqual([
    "<!channel> [INC-2026-0042 #1] Orders rejected\nny1-2 3fa9c1d20b7e",
    "[INC-2026-0042 #4] Orders rejected\nny1-2 3fa9c1d20b7e",
  ]);
  expect(providers.twilio.messages).toMatchObject([{ to: "+15550102" }]);
  expect(providers.duty.incidents).toMatchObject([{ key: "INC-2026-0042/P0", notified: 1 }]);
  const records = messageRecords(state).filter((text) => text.includes(" slack"));
  expect(records).toEqual(["queued slack", "attempt slack", "result slack accepted"]);
  expect(outboxIn(state).messages[0]?.state).toMatchObject({ providerId: providers.slack.posts[0]?.ts });
  // Another one has nothing to do.
  expect(await sendAll(state, providers)).toEqual([]);
  expect(providers.slack.posts).toHaveLength(2);
});

describe("a fault at a provider", () => {
  test.each([
    ["a rate limit", { fault: "rate-limit", seconds: 7, times: 2 }, false],
    [
      "a reset after accepting: it is looked for and found",
      { fault: "reset", effect: true, times: 1 },
      false,
    ],
    ["a reset before: it is looked for, not found, and sent marked", { fault: "reset", times: 1 }, true],
    ["500 after accepting", { fault: "error", effect: true, times: 1 }, false],
    ["a page instead of JSON", { fault: "wrong-json", times: 1 }, false],
  ])("%s", async (_what, fault, repeat) => {
    await using providers = await Providers.start();
    const state = stateFolder();
    providers.slack.faults.add(fault);
    await write(state, [opened, queued({ key: "a", channel: "war-room" })]);
    await sendAll(state, providers);
    expect(states(state)).toEqual(["accepted"]);
    expect(providers.slack.posts.map(({ text }) => text.includes("(may be a repeat)"))).toEqual([repeat]);
  });

  test("of one channel stops no other", async () => {
    await using providers = await Providers.start();
    const state = stateFolder();
    providers.slack.faults.add({ fault: "hang" });
    await write(state, [opened, ...everyWay]);
    const stop = new AbortController();
    const sending = sendAll(state, providers, { stop: stop.signal });
    await expect
      .poll(() => [providers.twilio.messages.length, providers.duty.incidents.length])
      .toEqual([1, 1]);
    expect(providers.slack.posts).toEqual([]);
    // What hangs ends at once where its server goes.
    stop.abort();
    await providers.slack[Symbol.asyncDispose]();
    await sending;
    expect(states(state)).toEqual(["unknown", "accepted", "accepted", "queued"]);
  });
});

describe("a channel's secret", () => {
  test("that is missing holds its messages and no others, until there is one", async () => {
    await using providers = await Providers.start();
    const state = stateFolder();
    await write(state, [opened, ...everyWay]);
    let token: string | undefined;
    const directory = directoryOf(providers.urls, undefined, () => token);
    const said = await sendAll(state, providers, { directory });
    expect(said).toEqual(["channel war-room is broken: SLACK_TOKEN is not set; its messages are held"]);
    expect(states(state)).toEqual(["queued", "accepted", "accepted", "queued"]);
    token = "xoxb-stand-in-token";
    await sendAll(state, providers, { directory });
    expect(states(state)).toEqual(["accepted", "accepted", "accepted", "accepted"]);
  });

  test("that is refused is tried once, and again when it is another one", async () => {
    await using providers = await Providers.start();
    const state = stateFolder();
    await write(state, [
      opened,
      queued({ key: "a", channel: "war-room" }),
      queued({ key: "b", channel: "war-room" }),
    ]);
    let token = "xoxb-old-token";
    const directory = directoryOf(providers.urls, undefined, () => token);
    const stop = new AbortController();
    const sending = sendAll(state, providers, { directory, once: false, stop: stop.signal });
    await expect
      .poll(() => messageRecords(state))
      .toEqual(["queued a", "queued b", "attempt a", "result a refused", "result b refused"]);
    expect(outboxIn(state).messages.map(({ state: one }) => one)).toMatchObject([
      { held: "secret: invalid_auth" },
      { held: "secret: invalid_auth" },
    ]);
    expect(providers.slack.requests).toHaveLength(1);
    token = "xoxb-stand-in-token";
    await expect.poll(() => states(state)).toEqual(["accepted", "accepted"]);
    stop.abort();
    await sending;
  });
});

test("it sends what is queued while it runs, and ends with the last open incident", async () => {
  await using providers = await Providers.start();
  const state = stateFolder();
  await write(state, [opened]);
  const sending = sendAll(state, providers, { once: false });
  await write(state, [queued({ key: "a", channel: "war-room" })]);
  await expect.poll(() => states(state)).toEqual(["accepted"]);
  const over: IncidentRecord = { type: "incident.resolved", data: { message: "the venue is back" } };
  await write(state, [queued({ key: "n", channel: "on-call", kind: "notice" }), over]);
  expect(await sending).toEqual([]);
  expect(states(state)).toEqual(["accepted", "accepted"]);
});

test("what ends while the journals are read is not taken for a dead sender's", async () => {
  await using providers = await Providers.start();
  const state = stateFolder();
  await write(state, [opened, ...everyWay]);
  const directory = directoryOf(providers.urls);
  const entries = async () => {
    // The journals are read; what is under way comes to its end before anything is decided.
    await expect.poll(() => states(state)).not.toContain("attempt");
    return await directory.entries();
  };
  await sendAll(state, providers, { directory: { ...directory, entries } });
  expect(messageRecords(state).filter((text) => text.startsWith("result"))).toEqual([
    expect.stringMatching(/accepted$/),
    expect.stringMatching(/accepted$/),
    expect.stringMatching(/accepted$/),
    expect.stringMatching(/accepted$/),
  ]);
});

test("what is queued while it is about to end is sent: whoever queued it saw its lock", async () => {
  await using providers = await Providers.start();
  const state = stateFolder();
  await write(state, [opened]);
  const directory = directoryOf(providers.urls);
  let late = true;
  const entries = async () => {
    // It has read the journals, and sees nothing to do.
    if (late) await write(state, [queued({ key: "a", channel: "war-room" })]);
    late = false;
    return await directory.entries();
  };
  await sendAll(state, providers, { directory: { ...directory, entries } });
  expect(states(state)).toEqual(["accepted"]);
});

test("an SMS is asked after until it is delivered", async () => {
  await using providers = await Providers.start();
  const state = stateFolder();
  await write(state, [opened, queued({ key: "a", channel: "sms", person: "rosa" })]);
  const stop = new AbortController();
  const sending = sendAll(state, providers, { once: false, stop: stop.signal });
  await expect.poll(() => states(state)).toEqual(["accepted"]);
  providers.twilio.settle("delivered");
  await expect.poll(() => states(state)).toEqual(["delivered"]);
  stop.abort();
  await sending;
});

test("one sends for a desk: a second one is told who", async () => {
  await using providers = await Providers.start();
  const state = stateFolder();
  mkdirSync(state, { mode: 0o700 });
  const lock = await takeLock(senderLock(state), 0);
  expect(await sendAll(state, providers)).toEqual([`held by ${process.pid}`]);
  if ("release" in lock) await lock.release();
});

test("a damaged journal stops no message; a clock that stepped back delays none", async () => {
  await using providers = await Providers.start();
  const state = stateFolder();
  const journal = join(state, "incidents", "INC-2026-0042", "journal.ndjson");
  await write(state, [opened]);
  writeFileSync(journal, '{"type":"message.queued","data":{"key":"broken"}}\nnot a record\n', { flag: "a" });
  const real = createClock();
  await write(state, [queued({ key: "a", channel: "war-room" })]);
  const behind = { ...real, now: () => new Date(real.now().getTime() - 3_600_000) };
  await sendAll(state, providers, { clock: behind }, { host: hostname() });
  expect(providers.slack.posts).toHaveLength(1);
});
