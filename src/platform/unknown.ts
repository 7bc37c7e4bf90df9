import { usualResponse } from "./clocks.ts";
import { incidentPlanOf } from "./incident-plan.ts";
import type { Platform } from "./platform.ts";

const nowhere = "unknown.invalid";

/** For what works on files alone where there is no platform file: its addresses lead nowhere, by their name. */
export const unknownPlatform: Platform = {
  name: "unknown",
  environment: undefined,
  production: false,
  path: "no platform file",
  postgres: { main: { url: `postgres://${nowhere}/unknown` } },
  kafka: { main: { brokers: [`${nowhere}:9092`] } },
  redis: { main: { url: `redis://${nowhere}` } },
  docker: { host: "unix:///nonexistent" },
  services: {},
  objectives: { response: usualResponse },
  evidence: { tables: {}, rows: 0, bytes: 0, streams: [] },
  trading: {
    service: "unknown",
    port: 1,
    venues: `http://${nowhere}`,
    book: `http://${nowhere}`,
    topics: { orders: "", fills: "" },
    deadline: 0,
    proof: { window: 0, every: 0 },
    tokenHelp: "",
    phones: [],
  },
  approvers: [],
  incident: incidentPlanOf({}, {}),
};
