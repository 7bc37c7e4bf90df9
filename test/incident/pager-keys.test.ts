import { expect, test } from "vitest";
import type { Policy } from "../../src/events/incident-policy.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import { keysOfClocks } from "../../src/incident/pager-keys.ts";
import { statusOf } from "../../src/incident/status.ts";
import { incidentPlanOf } from "../../src/platform/incident-plan.ts";
import { declared, Desks, minute, policy, zero } from "./chains.ts";

const pager = { pagerduty: { routing_keys: ["${secrets.PD}"] } };
const plan = incidentPlanOf(
  {
    people: { bob: { name: "Bob", phone: "+15550101" } },
    channels: {
      "war-room": { slack: { token: "${secrets.SLACK}", channel: "C1" } },
      "on-call": { ...pager, private: true },
      second: pager,
      sms: { twilio: { account: "AC1", token: "${secrets.SMS}", from: "+15550100" } },
    },
  },
  {},
);
const clock = { on: true, from: "declared", within: {}, every: {}, after: [] };
const rules: Policy = {
  ...policy,
  severities: {},
  teams: { deputies: ["bob"] },
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
      name: "commander",
      until: "commander",
      within: { P0: 30 * minute },
      after: [
        { at: 10 * minute, page: "deputies" },
        { at: 20 * minute, page: "on-call" },
      ],
    },
    {
      ...clock,
      name: "updates",
      until: "update",
      every: { P0: 60 * minute },
      after: [{ at: 40 * minute, page: "second" }],
    },
  ],
  escalation: {
    L1: { who: "On call", to: ["war-room", "on-call"], answer: 5 * minute, next: "L2" },
    L2: { who: "Bob", to: ["sms:bob"], answer: 5 * minute, next: "L3" },
    L3: { who: "All", to: ["on-call", "second"] },
  },
};

/** `channel/level`, so many minutes behind the declaration. */
function keysAt(minutes: number, more: Parameters<typeof declared>[0] = {}, desks = new Desks()) {
  desks.write("ny1", 0, "incident.declared", declared({ policy: rules, ...more }));
  const fold = foldIncident(desks.records);
  const now = zero + minutes * minute;
  return keysOfClocks(fold, plan, statusOf(fold, now, "INC-2026-0042"), now)
    .map(({ channel, level }) => `${channel}/${level}`)
    .toSorted();
}

const levels = ["on-call/L1", "on-call/L3", "second/L3"];

test("none before a clock pages anybody; then every level that has a pager", () => {
  expect(keysAt(4)).toEqual([]);
  expect(keysAt(5)).toEqual(levels);
});

test("a page of no level has a number of its own: as many as there may have been, on any of its pagers", () => {
  expect(keysAt(20)).toEqual([...levels, "on-call/P0.2", "on-call/P0.3"].toSorted());
  const second = [2, 3, 4, 5].map((n) => `second/P0.${n}`);
  const first = [2, 3, 4, 5].map((n) => `on-call/P0.${n}`);
  // The repeated one may have paged twice by then.
  expect(keysAt(100)).toEqual([...levels, ...first, ...second].toSorted());
});

test("of a security incident those of private channels alone, of a drill those that have an address for it", () => {
  expect(keysAt(5, { security: true })).toEqual(["on-call/L1", "on-call/L3"]);
  expect(keysAt(5, { drill: true })).toEqual([]);
});
