import { openSender, type Sender } from "./harness-orders.ts";
import type { Answer, Running } from "./harness-program.ts";
import { eventually, startPlatform, type Platform } from "./harness.ts";

/** Two executioners on the venues' stand-in, and what a test of them needs. */
export interface Trading {
  readonly platform: Platform;
  readonly venues: Running;
  /** Replaced when a test restarts one. */
  one: Running;
  two: Running;
  readonly orders: Sender;
  halt(at: Running, more?: object, key?: string): Promise<Answer>;
  resume(at: Running, json: object): Promise<Answer>;
  post(at: Running, path: string, json?: object): Promise<Answer>;
  /** Open orders by the venue's own word. */
  readonly openAt: (venue: string) => Promise<unknown>;
  /** Faults off, programs as they were first started. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export const said = { incident_id: "INC-1", operator: "ada", reason: "test" };

export async function startTrading(): Promise<Trading> {
  const platform = await startPlatform();
  const venues = await platform.start("venues");
  const [one, two] = await Promise.all([
    platform.start("executioner", { instance: "executioner-1" }),
    platform.start("executioner", { instance: "executioner-2" }),
  ]);
  const orders = await openSender(platform);
  const joined = async (): Promise<string[]> =>
    await Promise.all([one, two].map(async (each) => (await each.call("/metrics")).text));
  await eventually(joined, (texts) => texts.every((text) => text.includes("kafka_consumer_joined 1")));
  const { token } = platform;
  const trading: Trading = {
    platform,
    venues,
    one,
    two,
    orders,
    async halt(at, more = {}, key) {
      const json = { ...said, scope: "all", ...more };
      return await at.call("/api/emergency/halt-all", { token, json, ...(key === undefined ? {} : { key }) });
    },
    async resume(at, json) {
      return await at.call("/api/emergency/resume", { token, json: { approvals: ["ada", "bob"], ...json } });
    },
    post: async (at, path, json = {}) => await at.call(path, { token, json }),
    openAt: async (venue) => (await venues.call(`/venues/${venue}/orders`)).at("count"),
    async reset() {
      platform.clear();
      const programs = [venues, trading.one, trading.two];
      await Promise.all(programs.map(async (each) => await each.call("/admin/reset", { method: "POST" })));
    },
    async stop() {
      await orders.stop();
      await platform.stop();
    },
  };
  return trading;
}
