import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import type { Policy } from "../../../src/events/incident-policy.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { readJournal } from "../../../src/store/journal-record.ts";
import { incidentFolder, journalIn } from "../../../src/store/layout.ts";
import { declared, minute, policy } from "../../incident/chains.ts";
import { incident, queued } from "../../incident/records.ts";
import { temporaryFolder } from "../../program.ts";
import { handClock, type HandClock } from "./hand-clock.ts";
import { write } from "./queue.ts";
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
      ends: "resolved",
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
const opening: readonly IncidentRecord[] = [
  { type: "incident.declared", data: declared({ policy: rules }) },
  queued({ key: "page/war-room/ny1-1", channel: "war-room" }),
];

let providers: Providers;
let state: string;
let time: HandClock;
beforeEach(async () => {
  [providers, state, time] = [await Providers.start(), join(temporaryFolder(), "state"), handClock()];
  await write(state, opening);
});
afterEach(async () => await providers[Symbol.asyncDispose]());

/** A sender that runs until it is stopped. */
function start(): { readonly stop: () => Promise<readonly string[]> } {
  const stop = new AbortController();
  const said = sendAll(state, providers, { plan, clock: time, once: false, stop: stop.signal });
  return {
    stop: async () => {
      stop.abort();
      return await said;
    },
  };
}

const keys = (): readonly string[] => providers.duty.incidents.map(({ key }) => key);
const texts = (): readonly string[] => providers.twilio.messages.map(({ body }) => body);
const fired = (): readonly string[] =>
  readJournal(journalIn(incidentFolder(state, incident))).records.flatMap(({ type, data }) =>
    type === "clock.fired" ? [`${data.clock} ${data.n}${data.after === undefined ? " missed" : ""}`] : [],
  );

test("nobody answers: the next level is paged, then the one behind it, each once; the commander is reminded", async () => {
  const sender = start();
  await expect.poll(() => providers.slack.posts).toHaveLength(1);
  expect(keys()).toEqual([]);
  time.pass(5 * minute);
  await expect.poll(keys).toEqual(["INC-2026-0042/L1"]);
  time.pass(5 * minute);
  await expect.poll(texts).toHaveLength(1);
  expect(texts()[0]).toContain("No answer for 5m: escalated to L2, Risk");
  await expect.poll(() => providers.slack.posts).toHaveLength(2);
  expect(providers.slack.posts[1]?.text).toContain("REMINDER INC-2026-0042: updates");
  // A reminder calls nobody.
  expect(providers.slack.posts[1]?.text).not.toContain("<!channel>");
  time.pass(6 * minute);
  await expect
    .poll(fired)
    .toEqual([
      "answered 1",
      "answer L1 1",
      "updates 1",
      "answer L1 1 missed",
      "answered 1 missed",
      "updates 1 missed",
    ]);
  expect(await sender.stop()).toContain(`${incident}: clock answered 1: page next-level, 1 message queued`);
  expect([keys(), texts().length]).toEqual([["INC-2026-0042/L1"], 1]);
});

test("after a restart, and a night of the machine, what is due is done once, and nothing again", async () => {
  const first = start();
  await expect.poll(() => providers.slack.posts).toHaveLength(1);
  time.pass(5 * minute);
  await expect.poll(keys).toHaveLength(1);
  await first.stop();
  const [before] = [fired()];
  const second = start();
  time.pass(8 * 60 * minute);
  await expect.poll(texts).toHaveLength(1);
  await expect.poll(fired).toContain("answered 1 missed");
  await second.stop();
  expect(fired().slice(0, before.length)).toEqual(before);
  const all = fired();
  expect(new Set(all).size).toBe(all.length);
  // A third one has nothing to do.
  const third = start();
  await third.stop();
  expect(fired()).toEqual(all);
  expect([keys(), texts().length]).toEqual([["INC-2026-0042/L1"], 1]);
});

test("an answer in time keeps everybody asleep", async () => {
  const sender = start();
  await expect.poll(() => providers.slack.posts).toHaveLength(1);
  await write(state, [{ type: "incident.answer", data: { person: "rosa", by: "phone", told_by: "ada" } }]);
  time.pass(16 * minute);
  await expect.poll(fired).toContain("updates 1 missed");
  await sender.stop();
  expect([keys(), texts()]).toEqual([[], []]);
  expect(fired()).not.toContain("answered 1 missed");
});

test("a wall clock that steps by hours is put on record, and no clock rings for it", async () => {
  const sender = start();
  await expect.poll(() => providers.slack.posts).toHaveLength(1);
  const hours = 3 * 60 * minute;
  time.step(hours);
  const clocks = () =>
    readJournal(journalIn(incidentFolder(state, incident))).records.flatMap(({ type, data }) =>
      type === "desk.clock" ? [data] : [],
    );
  await expect.poll(clocks).toHaveLength(1);
  expect(clocks()).toMatchObject([{ source: "monotonic" }]);
  expect(Math.abs((clocks()[0]?.step_ms ?? 0) - hours)).toBeLessThan(minute);
  time.pass(5 * minute);
  await expect.poll(keys).toHaveLength(1);
  expect(await sender.stop()).toContainEqual(expect.stringMatching(/clock is 10800 s fast; it has stepped/));
  expect(fired()).toEqual(["answered 1"]);
});
