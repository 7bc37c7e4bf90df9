import { expect, test } from "vitest";
import { correct } from "../../../src/app/incident/correct.ts";
import { asksToOpen, security } from "../../../src/app/incident/security.ts";
import { noTexts } from "../../../src/app/incident/own-texts.ts";
import type { Scene } from "../../../src/app/incident/scene.ts";
import { escalate, page } from "../../../src/app/incident/statements.ts";
import { ok } from "../../../src/base/result.ts";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { foldIncident } from "../../../src/incident/fold.ts";
import { timelineOf } from "../../../src/incident/timeline.ts";
import { statusOf } from "../../../src/incident/status.ts";
import { statusLines } from "../../../src/output/incident-status.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import { declared, policy } from "../../incident/chains.ts";
import { attempt, incident, outboxFrom, queued, result, timed } from "../../incident/records.ts";

const channels = {
  "war-room": { slack: { token: "${secrets.SLACK_TOKEN}", channel: "C042" } },
  "on-call": { pagerduty: { routing_keys: ["${secrets.PD}"] }, private: true },
  seniors: { slack: { token: "${secrets.SLACK_TOKEN}", channel: "C043" } },
};
const plan = incidentPlanOf({ channels }, {});
const opening: IncidentRecord = { type: "incident.declared", data: declared() };

function scene(records: readonly IncidentRecord[], of: Scene["plan"] = plan): Scene {
  const chain = records.map(({ type, data }, n) => {
    const time = new Date(n * 1000).toISOString();
    return { desk: "ny1", seq: n + 1, time, actor: "ada", type, data };
  });
  const fold = foldIncident(chain);
  const store = fileStore({ state: "/none", actor: "ada", host: "ny1" }, createClock());
  return {
    place: { store, incident },
    uid: undefined,
    fold,
    status: statusOf(fold, 60_000, incident),
    desk: "ny1",
    now: 60_000,
    problem: undefined,
    plan: of,
    platform: undefined,
    missing: undefined,
    me: "ada",
    head: { desk: "ny1", seq: chain.length, sum: "0".repeat(12) },
    own: noTexts,
    text: (typed) => ok(typed),
  };
}

const said = (made: ReturnType<typeof security>): readonly string[] =>
  made.ok ? made.value.says : [made.failure.message];
const recorded = (made: ReturnType<typeof security>): readonly IncidentRecord[] =>
  made.ok ? made.value.records : [];

const before = [
  opening,
  queued({ key: "a" }),
  attempt("a"),
  result("a", "accepted"),
  queued({ key: "b" }),
  queued({ key: "c", channel: "on-call" }),
];

test("it says what is withdrawn and what went out before", () => {
  expect(said(security(scene(before), "a stolen key"))).toEqual([
    "private channels only from now on; messages withhold the impact",
    "withdrawn before they went out: page to war-room",
    "went out before, and may have been read: page to war-room",
  ]);
  const none = incidentPlanOf({ channels: { "war-room": channels["war-room"] } }, {});
  expect(said(security(scene([opening], none), "x")).at(-1)).toBe(
    "NO CHANNEL IS PRIVATE: nothing more is sent; lav-ir contacts has the numbers",
  );
});

const on = recorded(security(scene(before), "a stolen key"));

test("from then on it is one: in the status, in whom a page reaches, and a second time it is refused", () => {
  const now = scene([...before, ...on]);
  expect(
    statusLines(now.status, now.now, 80, { severity: "Critical", call: () => undefined, deputies: [] }),
  ).toContain("SECURITY INCIDENT: private channels only; messages withhold the impact");
  const paged = page(now, "war-room", "join");
  expect(paged.ok && paged.value.recipients).toEqual({ send: [], call: [], left: ["war-room"] });
  expect(said(security(now, "again"))).toEqual([`${incident} is a security incident already`]);
});

test("a wrong one is withdrawn by a correction, which asks and stays in the timeline", () => {
  const now = scene([...before, ...on]);
  expect(asksToOpen(now, "ny1-7", true)).toMatch(/^Make INC-2026-0042 an ordinary incident again\?/);
  expect([asksToOpen(now, "ny1-7", false), asksToOpen(now, "ny1-1", true)]).toEqual([undefined, undefined]);
  const off = correct(now, "ny1-7", "the key was a test's", { withdraw: true });
  expect(said(off)).toEqual([
    "withdrawn: hidden from every view; it stays on record",
    "an ordinary incident again: every channel of its severity may carry it; messages that were withdrawn stay so",
  ]);
  const records = [...before, ...on, ...recorded(off)];
  const after = scene(records);
  expect(after.status.security).toBe(false);
  expect(timelineOf(after.fold).map(({ text }) => text)).toEqual(
    expect.arrayContaining(["withdrawn: the key was a test's"]),
  );
  const rules = { incident, isPrivate: (name: string) => name === "on-call" };
  expect(outboxFrom(timed([...before, ...on]), rules).messages.map(({ state }) => state.state)).toEqual([
    "accepted",
    "withdrawn",
    "queued",
  ]);
});

test("a declaration is not withdrawn: without it there would be no severity, and no clock", () => {
  expect(said(correct(scene([opening]), "ny1-1", "x", { withdraw: true }))).toEqual([
    "a declaration is not withdrawn; lav-ir cancel ends a false alarm or a duplicate",
  ]);
  // As a journal may have it from before.
  const withdrawn = {
    type: "incident.correct",
    data: { record: "ny1-1", withdraw: true, why: "x" },
  } as const;
  expect(scene([opening, withdrawn]).status.severity).toBe(scene([opening]).status.severity);
});

test("another record that says so still holds", () => {
  const twice = scene([...before, ...on, ...on]);
  expect(said(correct(twice, "ny1-7", "x", { withdraw: true })).at(-1)).toBe(
    `${incident} is still a security incident: another record says so`,
  );
  const born = scene([{ type: "incident.declared", data: declared({ security: true }) }, ...on]);
  const off = recorded(correct(born, "ny1-2", "x", { withdraw: true }));
  expect(
    scene([{ type: "incident.declared", data: declared({ security: true }) }, ...on, ...off]).status.security,
  ).toBe(true);
});

const frozen = {
  ...policy,
  escalation: { L1: { who: "On call", to: ["on-call"] }, L2: { who: "Seniors", to: ["seniors", "gone"] } },
};
const froze: IncidentRecord = { type: "incident.declared", data: declared({ policy: frozen }) };

test("escalate uses the levels of the declaration, as clocks do, and says where today's file differs", () => {
  const today = incidentPlanOf({ channels, escalation: { L1: { who: "Nobody", to: ["war-room"] } } }, {});
  const first = escalate(scene([froze], today), undefined);
  expect(first.ok && first.value.recipients?.send).toEqual([{ channel: "on-call" }]);
  expect(said(first)).toEqual([
    "escalate L1: On call",
    "L1 as it was declared; today's platform file says Nobody: war-room",
  ]);
  const second = escalate(scene([froze], today), "L2");
  expect(second.ok && second.value.recipients?.send).toEqual([{ channel: "seniors" }]);
  expect(said(second)).toEqual([
    "escalate L2: Seniors",
    "L2 as it was declared; today's platform file has no such level",
    "NOT PAGED, in no platform file any more: gone",
  ]);
  expect(said(page(scene([froze], today), "L1", "come"))).toEqual([
    "page L1",
    "L1 as it was declared; today's platform file says Nobody: war-room",
  ]);
  const same = incidentPlanOf({ channels, escalation: { L1: frozen.escalation.L1 } }, {});
  expect(said(escalate(scene([froze], same), "L1"))).toEqual(["escalate L1: On call"]);
});
