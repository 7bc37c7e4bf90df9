import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { readJournal } from "../../../src/store/journal-record.ts";
import { incidentFolder, journalIn } from "../../../src/store/layout.ts";
import { declared } from "../../incident/chains.ts";
import { incident, queued } from "../../incident/records.ts";
import { temporaryFolder } from "../../program.ts";
import { handClock, type HandClock } from "./hand-clock.ts";
import { outboxIn, write } from "./queue.ts";
import { sendAll } from "./send.ts";
import { Providers } from "./stand-ins.ts";

const plan = incidentPlanOf(
  {
    people: {
      bob: { name: "Bob", slack: "U02", pagerduty: "PBOB" },
      rosa: { name: "Rosa", phone: "+15550102", slack: "U03", pagerduty: "PROSA" },
    },
    channels: {
      "war-room": { slack: { token: "${secrets.SLACK_TOKEN}", channel: "C042" } },
      "on-call": { pagerduty: { routing_keys: ["${secrets.PD}"], token: "${secrets.PD_TOKEN}" } },
      sms: { twilio: { account: "AC1", token: "${secrets.SMS}", from: "+15550100" } },
    },
  },
  {},
);
const opening: IncidentRecord = {
  type: "incident.declared",
  data: declared({ policy: { ...declared().policy, clocks: [] } }),
};
const pages = [
  queued({ key: "slack", channel: "war-room" }),
  queued({ key: "pager", channel: "on-call" }),
  queued({ key: "sms", channel: "sms", person: "rosa" }),
];
const other = "INC-2026-0043";
const rosa = "+15550102";

let providers: Providers;
let state: string;
let time: HandClock;
beforeEach(async () => {
  [providers, state, time] = [await Providers.start(), join(temporaryFolder(), "state"), handClock()];
});
afterEach(async () => await providers[Symbol.asyncDispose]());

/** A sender that has sent the pages, and runs until it is stopped. */
async function sending(ids: readonly string[] = [incident]) {
  const stop = new AbortController();
  const said = sendAll(state, providers, { plan, clock: time, once: false, stop: stop.signal });
  const states = () => ids.flatMap((id) => outboxIn(state, id).messages.map(({ state: one }) => one.state));
  await expect.poll(() => states().every((one) => one === "accepted")).toBe(true);
  return {
    /** All answers are read once more. */
    read: async () => {
      const before = reads();
      time.pass(6000);
      await expect.poll(() => reads() > before).toBe(true);
    },
    stop: async () => {
      stop.abort();
      return await said;
    },
  };
}

/** How often somebody looked for answers, at the provider that was asked least. */
function reads(): number {
  const of = (
    one: { readonly requests: readonly { readonly path: string; readonly method: string }[] },
    path: string,
  ) => one.requests.filter((asked) => asked.method === "GET" && asked.path.includes(path)).length;
  return Math.min(
    of(providers.slack, "reactions.get"),
    of(providers.slack, "conversations.replies"),
    of(providers.duty, "/incidents"),
    of(providers.twilio, "Messages.json"),
  );
}

function answers(id = incident): readonly string[] {
  return readJournal(journalIn(incidentFolder(state, id))).records.flatMap(({ type, data }) =>
    type === "incident.answer"
      ? [[data.person, data.by, data.page, ...(data.text === undefined ? [] : [data.text])].join(" ")]
      : [],
  );
}

test("answers of every way are on record once, by whom they are; what is none is not", async () => {
  await write(state, [opening, ...pages]);
  const sender = await sending();
  const [post] = providers.slack.posts;
  if (post === undefined) throw new Error("nothing was posted");
  providers.slack.react(post, "U02", "eyes");
  providers.slack.react(post, "U02", "+1::skin-tone-3");
  providers.slack.reply(post, "U02", "ack, on it\u202e");
  providers.slack.reply(post, "U99", "looks bad");
  providers.slack.reply(post, "U98", "ok");
  providers.duty.acknowledge("INC-2026-0042/P0", "PROSA");
  providers.twilio.answer(rosa, "OK 5 min");
  providers.twilio.answer("+15559999", "ok");
  await sender.read();
  const all = [
    "U98 slack slack ok",
    "bob slack slack",
    "bob slack slack ack, on it\\u{202e}",
    "rosa pagerduty pager",
    "rosa sms sms OK 5 min",
  ];
  await expect.poll(() => answers().toSorted()).toEqual(all);
  await sender.read();
  await sender.read();
  expect(await sender.stop()).toEqual([]);
  expect(answers().toSorted()).toEqual(all);
  // Another sender hears the same, and knows it.
  const next = await sending();
  await next.read();
  await next.stop();
  expect(answers().toSorted()).toEqual(all);
});

test("an SMS is for the incident that it names, else for the last page to that person", async () => {
  await write(state, [opening, ...pages]);
  const first = await sending();
  await first.stop();
  await write(state, [opening, queued({ key: "sms", channel: "sms", person: "rosa" })], { id: other });
  const sender = await sending([incident, other]);
  providers.twilio.answer(rosa, "yes");
  await expect.poll(() => (time.pass(6000), answers(other))).toEqual(["rosa sms sms yes"]);
  expect(answers()).toEqual([]);
  providers.twilio.answer(rosa, "ACK 0042");
  await expect.poll(() => (time.pass(6000), answers())).toEqual(["rosa sms sms ACK 0042"]);
  await sender.stop();
  expect(answers(other)).toHaveLength(1);
});

test("STOP is no answer: it is noted that no SMS reaches the person any more", async () => {
  await write(state, [opening, ...pages]);
  const sender = await sending();
  providers.twilio.answer(rosa, "Stop");
  await sender.read();
  const notes = () =>
    readJournal(journalIn(incidentFolder(state, incident))).records.flatMap(({ type, data }) =>
      type === "incident.note" ? [data.text] : [],
    );
  await expect
    .poll(notes)
    .toEqual([expect.stringMatching(/^rosa opted out of SMS at .* UTC: no SMS reaches them/)]);
  await sender.read();
  const said = await sender.stop();
  expect(said).toEqual([`${incident}: ${notes()[0] ?? ""}`]);
  expect([notes().length, answers()]).toEqual([1, []]);
});

test("a source that may not be read is named once, and the others are read", async () => {
  await write(state, [opening, ...pages]);
  providers.slack.faults.add({ fault: "missing-scope", path: "reactions.get" });
  const sender = await sending();
  const [post] = providers.slack.posts;
  if (post === undefined) throw new Error("nothing was posted");
  providers.slack.reply(post, "U02", "ACK");
  await expect.poll(() => (time.pass(6000), answers())).toEqual(["bob slack slack ACK"]);
  expect(await sender.stop()).toEqual([
    "channel war-room: answers cannot be read: reactions: Slack lets nobody read them: missing_scope",
  ]);
  expect(providers.slack.requests.filter(({ path }) => path.includes("reactions"))).toHaveLength(1);
});

test("a rate limit is kept to, garbage is none of an answer, and an incident that is over hears nothing", async () => {
  await write(state, [opening, ...pages]);
  providers.duty.faults.add({ fault: "rate-limit", seconds: 40, times: 1, path: "/incidents" });
  providers.twilio.faults.add({ fault: "wrong-json", times: 1, path: "Messages.json" });
  const sender = await sending();
  providers.duty.acknowledge("INC-2026-0042/P0", "PBOB");
  providers.twilio.answer(rosa, "ok");
  await expect
    .poll(() => (time.pass(6000), answers().toSorted()))
    .toEqual(["bob pagerduty pager", "rosa sms sms ok"]);
  await write(state, [{ type: "incident.resolved", data: { message: "back" } }]);
  // A reading that is under way may still be of before the end.
  await sender.stop();
  providers.twilio.answer(rosa, "ok again");
  const next = sendAll(state, providers, { plan, clock: time, once: false });
  await next;
  expect(answers()).toHaveLength(2);
});
