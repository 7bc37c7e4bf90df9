import type { Platform } from "./platform.ts";

const nowhere = "unknown.invalid";
const never = { P0: 0, P1: 0, P2: 0, P3: 0 };

/** For what works on files alone where there is no platform file: its addresses lead nowhere, by their name. */
export const unknownPlatform: Platform = {
  name: "unknown",
  environment: undefined,
  production: false,
  path: "no platform file",
  postgres: { url: `postgres://${nowhere}/unknown` },
  kafka: { brokers: [`${nowhere}:9092`] },
  redis: { url: `redis://${nowhere}` },
  docker: { host: "unix:///nonexistent" },
  compose: { project: "unknown", files: [], program: ["docker", "compose"] },
  services: {},
  objectives: { response: never },
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
};
