import type { Policy } from "../../src/events/incident-policy.ts";
import type { IncidentData, IncidentRecordType } from "../../src/events/incident-record.ts";

export const minutes = 60_000;

export const samplePolicy: Policy = {
  severities: { P0: { name: "Critical", means: "Everything is down", page: ["war-room", "sms:risk"] } },
  clocks: [
    {
      name: "answered",
      on: true,
      from: "declared",
      until: "answered",
      within: { P0: 15 * minutes, P1: 60 * minutes },
      every: {},
      after: [{ at: 5 * minutes, page: "next-level" }],
    },
  ],
  escalation: { L1: { who: "On-call engineer", to: ["on-call"], answer: 5 * minutes } },
  teams: { risk: ["rosa"] },
  zone: "Europe/London",
};

/** One of each type, with every field that it may have. */
export const sampleData: { readonly [T in IncidentRecordType]: IncidentData<T> } = {
  "incident.declared": {
    number: "INC-2026-0042",
    severity: "P0",
    impact: "Orders rejected at all venues",
    affects: ["executioner"],
    person: "ada",
    key: "alert/7",
    security: false,
    drill: false,
    started: { at: "2026-11-30T09:31:00.000Z", zone: "Europe/London", typed: "09:31", within_s: 60 },
    triggers: [{ id: "trading-down", outcome: "failed", reading: "status 503" }],
    adopted: ["HALT-1"],
    policy: samplePolicy,
  },
  "incident.joined": { uid: "3fa9", number: "INC-2026-0042" },
  "incident.fact": { name: "detected", at: { at: "2026-11-30T09:40:00.000Z" }, value: "alert", how: "typed" },
  "incident.severity": { from: "P1", to: "P0", why: "all venues" },
  "incident.affects": { add: ["gateway"], drop: [] },
  "incident.security": { why: "a stolen key" },
  "incident.role": { role: "commander", person: "ada", desk: "ny1", how: "handoff", offer: "ny1-4" },
  "incident.handoff": { role: "commander", to: "bob", shown: "00" },
  "incident.answer": {
    person: "rosa",
    by: "phone",
    told_by: "ada",
    page: "page/rosa/1",
    text: "on it",
    eta_s: 600,
    provider: { id: "R1", at: "2026-11-30T09:45:00.000Z" },
  },
  "incident.note": { text: "restarting", at: { at: "2026-11-30T09:45:00.000Z" }, decision: true },
  "incident.correct": { record: "ny1-3", field: "value", value: "700", withdraw: false, why: "mistyped" },
  "incident.resolved": {
    message: "venues are back",
    cause: "a certificate expired",
    review_on: "2026-12-01T10:00:00.000Z",
    mitigated_by: "ny1-9",
  },
  "incident.reopened": { why: "it is back" },
  "incident.cancelled": { why: "a test alert", same_as: "INC-2026-0041" },
  "incident.action": {
    id: "1",
    text: "alert on expiry",
    owner: "ada",
    due: "2026-12-04",
    priority: "high",
    kind: "alert",
    done: false,
  },
  "incident.review": { sha256: "00", state: "draft" },
  "message.queued": {
    key: "page/rosa/ny1-2",
    kind: "page",
    channel: "sms",
    person: "rosa",
    level: "P0",
    body: "P0 INCIDENT",
    head: { desk: "ny1", seq: 2, sum: "3fa9c1d20b7e" },
    clock: { id: "answered", n: 1 },
  },
  "message.attempt": { key: "page/rosa/ny1-2", n: 1, claimed: "own", repeat: false },
  "message.result": {
    key: "page/rosa/ny1-2",
    n: 1,
    outcome: "refused",
    code: "429",
    provider_id: "SM1",
    at: "2026-11-30T09:45:00.000Z",
    retry_after_s: 2,
  },
  "clock.fired": { clock: "answered", n: 1, due: "2026-11-30T09:57:00.000Z", did: ["page/bob/answered.1"] },
  "desk.clock": { offset_ms: -1200, error_ms: 40, source: "date-header", step_ms: 6000 },
  "desk.head": { desk: "ny1", seq: 7, sum: "00", sig: "AAAA" },
};
