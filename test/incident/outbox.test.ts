import { describe, expect, test } from "vitest";
import type { IncidentRecord } from "../../src/events/incident-record.ts";
import { decide, type ChannelFacts, type Situation, type Step } from "../../src/incident/dispatch.ts";
import type { Message, Outbox } from "../../src/incident/outbox.ts";
import { attempt, incident, outboxFrom, queued, result, timed } from "./records.ts";

const key = "page/war-room/ny1-1";
/** Nothing to do, now or later. */
const nothing = { steps: [], wake: undefined, owes: false };
const slack: ChannelFacts = { settles: "look", spacing: 1000, tells: false };

function outbox(...records: readonly IncidentRecord[]): Outbox {
  return outboxFrom(timed(records), { incident, isPrivate: (channel) => channel === "on-call" });
}

function only(...records: readonly IncidentRecord[]): Message {
  const [message] = outbox(...records).messages;
  if (message === undefined) throw new Error("there is no message");
  return message;
}

function situation(now: number, facts: Partial<ChannelFacts> = {}, more: Partial<Situation> = {}): Situation {
  const channels = new Map([["war-room", { ...slack, ...facts }]]);
  return { now, channels, inFlight: new Set(), busy: new Set(), asked: new Map(), ...more };
}

/** The steps in a word each. */
function words(steps: readonly Step[]): readonly string[] {
  return steps.map((step) => {
    switch (step.do) {
      case "send":
        return `send ${step.message.key} ${step.n}${step.repeat ? " repeat" : ""}`;
      case "look":
        return `look ${step.message.key}`;
      case "ask":
        return `ask ${step.message.key}`;
      case "record":
        return `record ${step.message.key} ${step.outcome}${step.code === undefined ? "" : ` ${step.code}`}`;
    }
  });
}

describe("the state of a message", () => {
  const cases: readonly (readonly [string, readonly IncidentRecord[], object])[] = [
    ["queued", [], { state: "queued" }],
    ["attempt", [attempt(key)], { state: "attempt", n: 1 }],
    [
      "accepted",
      [attempt(key), result(key, "accepted", { provider_id: "7" })],
      { state: "accepted", providerId: "7" },
    ],
    ["failed", [attempt(key), result(key, "failed", { code: "400" })], { state: "failed", code: "400" }],
    ["queued again", [attempt(key), result(key, "refused", { retry_after_s: 7 })], { state: "queued" }],
    ["unknown", [attempt(key), result(key, "unknown")], { state: "unknown", looks: 0 }],
    [
      "found after a look",
      [attempt(key), result(key, "unknown"), result(key, "accepted")],
      { state: "accepted" },
    ],
    ["delivered", [attempt(key), result(key, "accepted"), result(key, "delivered")], { state: "delivered" }],
    ["held", [result(key, "refused", { n: 0, code: "secret: T" })], { state: "queued", held: "secret: T" }],
    ["withdrawn", [{ type: "incident.resolved", data: { message: "ok" } }], { state: "withdrawn" }],
  ];
  test.each(cases)("%s", (_what, records, state) => {
    expect(only(queued(), ...records).state).toMatchObject(state);
  });

  test("two records of one key are one message", () => {
    expect(outbox(queued(), queued({ body: "again" })).messages).toMatchObject([{ body: "Orders rejected" }]);
  });

  test("its tag counts the incident's messages, or is the one in its text", () => {
    const text = "P0 INCIDENT [INC-2026-0042 #7]\nImpact";
    const { messages } = outbox(queued(), queued({ key: "b" }), queued({ key: "c", body: text }));
    expect(messages.map(({ tag }) => tag)).toEqual([
      "[INC-2026-0042 #1]",
      "[INC-2026-0042 #2]",
      "[INC-2026-0042 #7]",
    ]);
  });
});

test("a drill's messages go to the channel's own address for drills", () => {
  const declared: IncidentRecord = {
    type: "incident.declared",
    data: {
      number: "DRILL-2026-0003",
      severity: "P1",
      impact: "none",
      affects: [],
      security: false,
      drill: true,
      triggers: [],
      adopted: [],
      policy: { severities: {}, clocks: [], escalation: {}, teams: {}, zone: "UTC" },
    },
  };
  expect(outbox(declared, queued()).messages).toMatchObject([{ channel: "drill:war-room" }]);
});

describe("a message is not wanted any more", () => {
  const states = (...records: readonly IncidentRecord[]): readonly string[] =>
    outbox(...records).messages.map(({ state }) => state.state);
  const update = (name: string, more: object = {}): IncidentRecord =>
    queued({ key: name, kind: "update", ...more });

  test("when a newer update is queued for its channel; what is being sent goes on", () => {
    expect(states(update("a"), update("b", { channel: "other" }), update("c"))).toEqual([
      "superseded",
      "queued",
      "queued",
    ]);
    expect(states(update("a"), attempt("a"), update("c"))).toEqual(["attempt", "queued"]);
    expect(states(update("a"), attempt("a"), update("c"), result("a", "refused"))).toEqual([
      "superseded",
      "queued",
    ]);
    expect(states(queued(), update("c"))).toEqual(["queued", "queued"]);
  });

  test("when the incident is resolved or cancelled; the notices of that go out", () => {
    const over: IncidentRecord = { type: "incident.cancelled", data: { why: "a drill" } };
    const notice = queued({ key: "n", kind: "notice" });
    expect(states(queued(), update("a"), over, notice)).toEqual(["withdrawn", "withdrawn", "queued"]);
    expect(outbox(queued(), over).ended).toBe(1000);
    expect(outbox(queued(), over, { type: "incident.reopened", data: { why: "x" } }).ended).toBeUndefined();
  });

  test("when the person has answered whom a clock pages; a page of a raised severity never", () => {
    const answer: IncidentRecord = { type: "incident.answer", data: { person: "bob", by: "desk" } };
    const raise: IncidentRecord = { type: "incident.severity", data: { from: "P1", to: "P0", why: "worse" } };
    const clock = { id: "answered", n: 1 };
    expect(
      states(
        queued({ key: "first", person: "bob" }),
        queued({ key: "again", person: "bob", clock, level: "P0.2" }),
        queued({ key: "other", person: "ada", clock }),
        answer,
      ),
    ).toEqual(["queued", "withdrawn", "queued"]);
    const over: IncidentRecord = { type: "incident.resolved", data: { message: "ok" } };
    expect(states(queued({ key: "p1", level: "P1" }), raise, queued(), answer, over)).toEqual([
      "withdrawn",
      "queued",
    ]);
  });

  test("when it becomes a security incident, on a channel that is not private", () => {
    const security: IncidentRecord = { type: "incident.security", data: { why: "a breach" } };
    expect(states(queued(), queued({ key: "b", channel: "on-call" }), security)).toEqual([
      "withdrawn",
      "queued",
    ]);
  });

  test("and that is put on record once", () => {
    const over: IncidentRecord = { type: "incident.resolved", data: { message: "ok" } };
    expect(words(decide([outbox(queued(), over)], situation(9e9)).steps)).toEqual([
      `record ${key} withdrawn`,
    ]);
    const recorded = outbox(queued(), over, result(key, "withdrawn", { n: 0 }));
    expect(decide([recorded], situation(9e9))).toEqual(nothing);
  });
});

describe("what to do", () => {
  const after = (now: number, facts: Partial<ChannelFacts>, ...records: readonly IncidentRecord[]) => {
    const { steps, ...rest } = decide([outbox(queued(), ...records)], situation(now, facts));
    return { steps: words(steps), ...rest };
  };

  test("a queued message is sent", () => {
    expect(after(0, {})).toEqual({ steps: [`send ${key} 1`], wake: undefined, owes: true });
  });

  test("a refusal waits twice as long each time, half a minute at most, or as long as the provider asks", () => {
    const refused = [attempt(key), result(key, "refused")];
    expect(after(2000, {}, ...refused)).toEqual({ steps: [], wake: 3000, owes: true });
    expect(after(3000, {}, ...refused)).toEqual({ steps: [`send ${key} 2`], wake: undefined, owes: true });
    expect(after(4000, {}, ...refused, ...refused).wake).toBe(6000);
    const often = Array.from({ length: 10 }, () => refused).flat();
    expect(after(20_000, {}, ...often).wake).toBe(50_000);
    expect(after(2000, {}, attempt(key), result(key, "refused", { retry_after_s: 90 })).wake).toBe(92_000);
  });

  test("what a dead sender was at is unknown", () => {
    expect(after(9e9, {}, attempt(key)).steps).toEqual([`record ${key} unknown interrupted`]);
    const flying = situation(
      9e9,
      {},
      { inFlight: new Set([`${incident} ${key}`]), busy: new Set(["war-room"]) },
    );
    expect(decide([outbox(queued(), attempt(key))], flying).steps).toEqual([]);
  });

  test("an unknown one is looked for; not found, it is sent again, marked", () => {
    const unknown = [attempt(key), result(key, "unknown")];
    expect(after(2000, {}, ...unknown)).toEqual({ steps: [], wake: 4000, owes: true });
    expect(after(4000, {}, ...unknown).steps).toEqual([`look ${key}`]);
    expect(after(4000, {}, ...unknown, result(key, "refused", { code: "not-found" })).steps).toEqual([
      `send ${key} 2 repeat`,
    ]);
  });

  test("where nobody can look, a page is repeated at once and then ever later, three times; the rest stays", () => {
    const once = [attempt(key), result(key, "unknown")];
    const blind: Partial<ChannelFacts> = { settles: "repeat" };
    expect(after(2000, blind, ...once).steps).toEqual([`send ${key} 2 repeat`]);
    expect(after(4000, blind, ...once, ...once).wake).toBe(34_000);
    expect(after(6000, blind, ...once, ...once, ...once).wake).toBe(126_000);
    expect(after(9e9, blind, ...once, ...once, ...once, ...once)).toEqual(nothing);
    const update = queued({ key: "u", kind: "update" });
    const stays = outbox(update, attempt("u"), result("u", "unknown"));
    expect(decide([stays], situation(9e9, blind))).toEqual(nothing);
    const nobody = Array.from({ length: 3 }, () => result(key, "unknown", { code: "cannot-look" }));
    expect(after(9e9, {}, ...once, ...nobody).steps).toEqual([`send ${key} 2 repeat`]);
  });

  test("a pager's key is sent again, unless a resolve of it is queued", () => {
    const pager: Partial<ChannelFacts> = { settles: "same-key", spacing: 0 };
    const unknown = [attempt(key), result(key, "unknown")];
    expect(after(2000, pager, ...unknown).steps).toEqual([`send ${key} 2 repeat`]);
    expect(after(9e9, pager, ...unknown, queued({ key: "n", kind: "notice" })).steps).toEqual(["send n 1"]);
    expect(after(9e9, pager, ...unknown, queued({ key: "n", kind: "notice", level: "P1" })).steps).toEqual([
      `send ${key} 2 repeat`,
    ]);
  });

  test("a channel that is broken holds its messages, says so once, and sends at once when it is not", () => {
    const broken = { broken: "SLACK_TOKEN is not set" };
    expect(after(0, broken).steps).toEqual([`record ${key} refused secret: SLACK_TOKEN is not set`]);
    const held = result(key, "refused", { n: 0, code: "secret: SLACK_TOKEN is not set" });
    expect(after(9e9, broken, held)).toEqual(nothing);
    expect(after(1000, {}, held).steps).toEqual([`send ${key} 1`]);
    expect(
      after(2000, {}, attempt(key), result(key, "refused", { code: "secret: invalid_auth" })).steps,
    ).toEqual([`send ${key} 2`]);
  });

  test("a message to a channel that no platform file has is held", () => {
    const none = { ...situation(0), channels: new Map<string, ChannelFacts>() };
    expect(words(decide([outbox(queued())], none).steps)).toEqual([
      `record ${key} refused secret: no such channel`,
    ]);
  });

  test("one channel, one message at a time: pages first, then in order, and not faster than it takes them", () => {
    const both = outbox(queued({ key: "u", kind: "update" }), queued(), queued({ key: "second" }));
    expect(words(decide([both], situation(9e9)).steps)).toEqual([`send ${key} 1`]);
    const sent = outbox(queued(), queued({ key: "second" }), attempt(key), result(key, "accepted"));
    expect(decide([sent], situation(2500)).wake).toBe(3000);
    expect(words(decide([sent], situation(3000)).steps)).toEqual(["send second 1"]);
    expect(decide([both], situation(9e9, {}, { busy: new Set(["war-room"]) })).steps).toEqual([]);
  });

  test("of several incidents too; and another channel waits for none of it", () => {
    const records = timed([queued(), attempt(key), result(key, "refused", { retry_after_s: 60 })]);
    const first = outboxFrom(records, { incident, isPrivate: () => false });
    const other = outboxFrom(timed([queued(), queued({ key: "p", channel: "on-call" })]), {
      incident: "INC-2026-0043",
      isPrivate: () => false,
    });
    const channels = new Map([
      ["war-room", slack],
      ["on-call", slack],
    ]);
    const { steps, wake } = decide([first, other], { ...situation(3000), channels });
    expect([words(steps), wake]).toEqual([["send p 1"], 62_000]);
  });

  test("what became of an accepted message is asked for, ever more seldom, for an hour", () => {
    const accepted = [attempt(key), result(key, "accepted", { provider_id: "SM1" })];
    const tells: Partial<ChannelFacts> = { tells: true };
    expect(after(3000, tells, ...accepted)).toEqual({ steps: [], wake: 4000, owes: false });
    expect(after(4000, tells, ...accepted).steps).toEqual([`ask ${key}`]);
    const box = outbox(queued(), ...accepted);
    const asked = (times: number, at: number) => new Map([[`${incident} ${key}`, { times, at }]]);
    expect(decide([box], situation(4000, tells, { asked: asked(1, 4000) })).wake).toBe(9000);
    expect(decide([box], situation(9e9, tells, { asked: asked(9, 3_600_000) }))).toEqual(nothing);
    expect(after(9e9, {}, ...accepted)).toEqual(nothing);
  });
});

test("while something is on its way the sender is not done: that comes back, and others of its channel wait for it", () => {
  const behind = "update/war-room/ny1-2";
  const both = outbox(
    queued({ key, channel: "war-room" }),
    attempt(key),
    queued({ key: behind, channel: "war-room" }),
  );
  const [first] = both.messages;
  const at = { inFlight: new Set([first?.id ?? ""]), busy: new Set(["war-room"]) };
  expect(decide([both], situation(9000, {}, at))).toEqual({ steps: [], wake: undefined, owes: true });
});
