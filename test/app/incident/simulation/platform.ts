import { incidentPlanOf, type IncidentPlan } from "../../../../src/platform/incident-plan.ts";

const minute = 60_000;

/** Everybody and every way that a simulated incident has. */
export const plan: IncidentPlan = incidentPlanOf(
  {
    people: {
      ada: { name: "Ada", logins: ["ada"], phone: "+15550101", slack: "U01" },
      bob: { name: "Bob", logins: ["bob"], phone: "+15550102", slack: "U02", pagerduty: "PBOB" },
      rosa: { name: "Rosa", logins: ["rosa"], phone: "+15550103", slack: "U03" },
      max: { name: "Max", logins: ["max"], phone: "+15550104" },
    },
    teams: { risk: ["rosa"], cto: ["max"], deputies: ["bob"], executives: ["max"], stakeholders: ["rosa"] },
    incident: { bridge: "https://meet.example/war-room" },
    channels: {
      "war-room": { slack: { token: "${secrets.SLACK_TOKEN}", channel: "C042" } },
      "on-call": { pagerduty: { routing_keys: ["${secrets.PD}"] } },
      sms: { twilio: { account: "AC1", token: "${secrets.SMS}", from: "+15550100" } },
      hook: { webhook: { address: "${secrets.HOOK}" } },
      phone: { call: {} },
    },
    severities: {
      P0: { name: "Critical", means: "all", page: ["war-room", "on-call", "hook", "sms:risk", "sms:cto"] },
      P1: { name: "High", means: "much", page: ["war-room", "on-call"] },
      P2: { name: "Medium", means: "some", page: ["war-room"] },
      P3: { name: "Low", means: "little", page: ["hook"] },
    },
    clocks: {
      alerted: { until: "paged", within: { P0: 2 * minute, P1: 15 * minute } },
      answered: {
        until: "answered",
        within: { P0: 15 * minute, P1: 60 * minute, P2: 240 * minute },
        after: { "5m": { page: "next-level" } },
      },
      commander: {
        until: "commander",
        within: { P0: 15 * minute },
        after: { "10m": { page: "deputies" } },
      },
      updates: {
        until: "update",
        every: { P0: 15 * minute, P1: 30 * minute },
        after: { "10m": { remind: "commander" } },
      },
      bridge: { until: "bridge", within: { P0: 15 * minute } },
      mitigation: { until: "mitigated", within: { P1: 60 * minute } },
      rto: { from: "started", until: "recovered", within: { all: 70 * minute } },
      dora: {
        when: "major",
        from: "classified",
        until: "reported-initial",
        within: { all: 30 * minute },
        or: { from: "detected", within: 90 * minute },
      },
    },
    escalation: {
      L1: { who: "On call", to: ["on-call"], answer: 5 * minute, next: "L2" },
      L2: { who: "Risk", to: ["sms:risk"], answer: 10 * minute, next: "L3" },
      L3: { who: "The CTO", to: ["sms:cto", "hook"] },
    },
  },
  {},
);
