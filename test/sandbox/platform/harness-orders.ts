import { randomUUID } from "node:crypto";
import type { Platform } from "./harness.ts";
import { eventually } from "./harness.ts";

export interface Sender {
  /** Puts an order into the topic `orders`; resolves with its id, which is the message's key unless one is given. */
  send(order?: Readonly<Record<string, unknown>>, key?: string): Promise<string>;
  /** The order's row once it stands at one of these statuses. */
  reaches(id: string, ...statuses: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

export async function openSender(platform: Platform): Promise<Sender> {
  const producer = platform.kafka.producer();
  await producer.connect();
  return {
    async send(order = {}, key) {
      const id = randomUUID();
      const value = {
        id,
        symbol: "BTC-USD",
        side: "buy",
        quantity: 1,
        type: "market",
        time_in_force: "IOC",
        strategy: "test",
        placed_at: new Date().toISOString(),
        ...order,
      };
      await producer.send({
        topic: "orders",
        messages: [{ key: key ?? value.id, value: JSON.stringify(value) }],
      });
      return value.id;
    },
    async reaches(id, ...statuses) {
      const rows = await eventually(
        async () => await platform.sql("SELECT * FROM orders WHERE id = $1", [id]),
        ([row]) => row !== undefined && statuses.includes(String(row["status"])),
      );
      return rows[0] ?? {};
    },
    stop: async () => await producer.disconnect(),
  };
}

/** A limit order that rests. */
export const resting = { type: "limit", limit_price: 50_000, time_in_force: "DAY" } as const;
