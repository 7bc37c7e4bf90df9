// The disk fills up while the sender lives: alerts go out, once, and are recorded when there is room.
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findBlocks } from "../../../src/app/incident/block-text.ts";
import { blockOf } from "../../../src/app/incident/block.ts";
import { appendRecords } from "../../../src/app/incident/chain.ts";
import { noTexts } from "../../../src/app/incident/own-texts.ts";
import { readScene } from "../../../src/app/incident/scene.ts";
import { cancel } from "../../../src/app/incident/statements.ts";
import { ok } from "../../../src/base/result.ts";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import type { Policy } from "../../../src/events/incident-policy.ts";
import { asChainRecord } from "../../../src/app/incident/tailed-record.ts";
import { inOrder, type ChainRecord } from "../../../src/incident/order.ts";
import { statusOf } from "../../../src/incident/status.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { readJournal } from "../../../src/store/journal-record.ts";
import { incidentFolder, journalIn } from "../../../src/store/layout.ts";
import type { Store } from "../../../src/store/store.ts";
import { declared, minute, policy } from "../../incident/chains.ts";
import { incident, queued } from "../../incident/records.ts";
import { temporaryFolder } from "../../program.ts";
import { handClock, type HandClock } from "./hand-clock.ts";
import { messageRecords, outboxIn, write } from "./queue.ts";
import { sendAll } from "./send.ts";
import { Providers } from "./stand-ins.ts";

const clock = { on: true, from: "declared", within: {}, every: {}, after: [] };
const rules: Policy = {
  ...policy,
  severities: { P0: { name: "Critical", means: "all", page: ["war-room"] } },
  teams: { risk: ["rosa"] },
  clocks: [
    {
      ...clock,
      name: "answered",
      until: "answered",
      within: { P0: 15 * minute },
      after: [{ at: 5 * minute, page: "next-level" }],
    },
    {
      ...clock,
      name: "updates",
      until: "update",
      every: { P0: 15 * minute },
      after: [{ at: 10 * minute, remind: "commander" }],
    },
  ],
  escalation: {
    L1: { who: "On call", to: ["on-call"], answer: 5 * minute, next: "L2" },
    L2: { who: "Risk", to: ["sms:risk"] },
  },
};
const plan = incidentPlanOf(
  {
    people: { rosa: { name: "Rosa", phone: "+15550102" } },
    channels: {
      "war-room": { slack: { token: "${secrets.SLACK_TOKEN}", channel: "C042" } },
      "on-call": { pagerduty: { routing_keys: ["${secrets.PD}"] } },
      sms: { twilio: { account: "AC1", token: "${secrets.SMS}", from: "+15550100" } },
    },
  },
  {},
);
const opening: IncidentRecord = { type: "incident.declared", data: declared({ policy: rules }) };

let providers: Providers;
let state: string;
let time: HandClock;
let full: boolean;
beforeEach(async () => {
  [providers, state, time, full] = [
    await Providers.start(),
    join(temporaryFolder(), "state"),
    handClock(),
    false,
  ];
  await write(state, [opening, queued({ key: "page/war-room/ny1-1", channel: "war-room" })]);
});
afterEach(async () => await providers[Symbol.asyncDispose]());

/** The store on a disk that is full while `full` is. */
function store(): Store {
  const files = fileStore({ state, actor: "sender", host: "h" }, time);
  const orFull = async <T>(act: () => Promise<T>): Promise<T> => {
    if (full) throw new Error("the disk is full");
    return await act();
  };
  return {
    ...files,
    journal: async (of, writing) => {
      const journal = await files.journal(of, writing);
      return {
        path: journal.path,
        attach: async (name, text) => await journal.attach(name, text),
        close: () => journal.close(),
        append: async (record, options) => await orFull(async () => await journal.append(record, options)),
        appendTogether: async (records, following) =>
          await orFull(async () => await journal.appendTogether(records, following)),
      };
    },
  };
}

/** A sender that runs until it is stopped. */
function start(): { readonly stop: () => Promise<readonly string[]> } {
  const stop = new AbortController();
  const said = sendAll(state, providers, {
    plan,
    clock: time,
    once: false,
    stop: stop.signal,
    store: store(),
  });
  return {
    stop: async () => {
      stop.abort();
      return await said;
    },
  };
}

const summaries = (): readonly string[] => providers.duty.incidents.map(({ summary }) => summary);
const texts = (): readonly string[] => providers.twilio.messages.map(({ body }) => body);
const lines = () => readJournal(journalIn(incidentFolder(state, incident))).records;
/** As whoever reads the journal places them, what it says of the wall clock taken off. */
const chain = (): readonly ChainRecord[] =>
  lines().flatMap((line) => asChainRecord(JSON.stringify(line), undefined) ?? []);

test("clocks page and remind, each once and NOT RECORDED; with room again all of it is on record as of then", async () => {
  const sender = start();
  await expect.poll(() => messageRecords(state)).toContain("result page/war-room/ny1-1 accepted");
  full = true;
  const before = lines().length;
  time.pass(5 * minute);
  await expect.poll(summaries).toEqual([expect.stringContaining("NOT RECORDED")]);
  time.pass(5 * minute);
  await expect.poll(texts).toEqual([expect.stringMatching(/NOT RECORDED: 🚨[^]*escalated to L2/)]);
  await expect.poll(() => providers.slack.posts).toHaveLength(2);
  expect(providers.slack.posts[1]?.text).toContain("NOT RECORDED: REMINDER INC-2026-0042: updates");
  time.pass(2 * minute);
  expect(lines()).toHaveLength(before);
  full = false;
  time.pass(6000);
  await expect.poll(() => lines().length).toBeGreaterThan(before);
  const said = await sender.stop();
  // Nothing went out again, neither before nor behind that.
  expect([summaries().length, texts().length, providers.slack.posts.length]).toEqual([1, 1, 2]);
  expect(said).toEqual(
    expect.arrayContaining([
      `${incident}: NOT RECORDED: the disk is full; alerts go out, and are recorded once the disk has room`,
      expect.stringMatching(/the disk has room again; \d+ records are written, each at its own time$/),
    ]),
  );
  const late = lines().slice(before);
  expect(late.map(({ type }) => type)).toEqual(expect.arrayContaining(["clock.fired", "message.result"]));
  expect(new Set(late.map(({ imported }) => imported?.by))).toEqual(new Set(["sender"]));
  const [first] = late;
  expect(Date.parse(first?.imported?.at ?? "") - Date.parse(first?.time ?? "")).toBeGreaterThan(6 * minute);
  const { messages } = outboxIn(state);
  expect(messages.map(({ state: one }) => one.state)).toEqual(Array(4).fill("accepted"));
  // What is on record is known by what went out.
  const tags = messages.map(({ tag }) => tag);
  const sent = [...providers.slack.posts.map(({ text }) => text), ...summaries(), ...texts()];
  expect(sent.map((text) => tags.filter((tag) => text.includes(tag)).length)).toEqual([1, 1, 1, 1]);
  // And another sender has nothing to do.
  const next = start();
  await next.stop();
  expect([summaries().length, texts().length, providers.slack.posts.length]).toEqual([1, 1, 2]);
});

test.each([-60, 60])(
  "a wall clock that steps by %i minutes meanwhile moves nothing of it",
  async (minutes) => {
    const sender = start();
    await expect.poll(() => messageRecords(state)).toContain("result page/war-room/ny1-1 accepted");
    full = true;
    const before = lines().length;
    time.step(minutes * minute);
    time.pass(5 * minute);
    await expect.poll(summaries).toEqual([expect.stringContaining("NOT RECORDED")]);
    full = false;
    time.pass(6000);
    await expect.poll(() => lines().length).toBeGreaterThan(before);
    await sender.stop();
    const fired = inOrder(chain()).find(
      ({ read, record }) => read?.type === "clock.fired" && record.imported !== undefined,
    );
    const { due = "" } = (fired?.record.data ?? {}) as { readonly due?: string };
    expect(Math.abs((fired?.at ?? NaN) - Date.parse(due)) / minute).toBeLessThan(10);
  },
);

test("a page that was queued before goes out too; an update waits for the disk", async () => {
  await write(state, [queued({ key: "u", channel: "war-room", kind: "update" })]);
  full = true;
  const sender = start();
  await expect
    .poll(() => providers.slack.posts.map(({ text }) => text))
    .toEqual([expect.stringContaining("NOT RECORDED: Orders rejected")]);
  time.pass(minute);
  full = false;
  time.pass(minute);
  await expect.poll(() => providers.slack.posts).toHaveLength(2);
  await expect.poll(() => messageRecords(state)).toContain("result u accepted");
  await sender.stop();
  expect(providers.slack.posts[1]?.text).not.toContain("NOT RECORDED");
  expect(outboxIn(state).messages.map(({ state: one }) => one.state)).toEqual(["accepted", "accepted"]);
});

test("a provider's refusals are waited for as ever", async () => {
  full = true;
  providers.slack.faults.add({ fault: "rate-limit", seconds: 7, times: 1 });
  const sender = start();
  await expect.poll(() => providers.slack.requests.length).toBe(1);
  expect(providers.slack.posts).toEqual([]);
  time.pass(10_000);
  await expect.poll(() => providers.slack.posts).toHaveLength(1);
  full = false;
  await sender.stop();
  expect(messageRecords(state)).toEqual([
    "queued page/war-room/ny1-1",
    "attempt page/war-room/ny1-1",
    "result page/war-room/ny1-1 refused",
    "attempt page/war-room/ny1-1",
    "result page/war-room/ny1-1 accepted",
  ]);
});

test("one that ends with a full disk prints what is missing, as a block", async () => {
  full = true;
  const sender = start();
  await expect.poll(() => providers.slack.posts).toHaveLength(1);
  const said = await sender.stop();
  const found = findBlocks(said.join("\n"));
  const [block] = found.ok ? found.value.map(blockOf) : [];
  expect(block).toMatchObject({
    ok: true,
    value: {
      incident,
      uid: lines()[0]?.sum.slice(0, 12),
      actor: "sender",
      records: [
        { record: { type: "message.attempt", data: { n: 1 } } },
        { record: { type: "message.result", data: { outcome: "accepted" } } },
      ],
    },
  });
});

test("a pager's key that a sender took with it, because no disk had a record of it, is resolved at the end", async () => {
  await sendAll(state, providers, { plan, clock: time });
  full = true;
  const sender = start();
  time.pass(5 * minute);
  await expect.poll(() => providers.duty.incidents).toHaveLength(1);
  // What it prints is kept by nobody, as of one that is killed.
  await sender.stop();
  full = false;
  expect(messageRecords(state).filter((line) => line.includes("on-call"))).toEqual([]);
  const place = { store: store(), incident };
  const own = { platform: undefined, missing: undefined, me: "ada", own: noTexts };
  const scene = await readScene({ plan, text: (typed) => ok(typed), ...own }, place);
  const now = time.now().getTime();
  const made = cancel({ ...scene, now, status: statusOf(scene.fold, now, incident) }, "over", {});
  if (!made.ok) throw new Error(made.failure.message);
  await appendRecords(place, made.value.records, made.value.quoting);
  await sendAll(state, providers, { plan, clock: time });
  expect(providers.duty.incidents).toMatchObject([{ key: `${incident}/L1`, status: "resolved" }]);
});
