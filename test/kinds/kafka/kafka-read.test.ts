import { expect, test } from "vitest";
import type { Clock } from "../../../src/ports/ports.ts";
import { kafkaRead } from "../../../src/kinds/kafka/kafka-read.ts";
import { value } from "../../drivers/results.ts";
import { args, context } from "../context.ts";
import { kafkaOf } from "./kafka-world.ts";

const now = new Date("2026-03-01T12:00:00Z");
const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {} };

/** @param ages of the messages, in milliseconds; below 0 of the future */
async function read(...ages: readonly number[]): Promise<Readonly<Record<string, unknown>>> {
  const messages = ages.map((age, at) => {
    const own = { partition: 0, offset: BigInt(at), key: undefined, value: undefined, headers: [] };
    return { ...own, time: new Date(now.getTime() - age) };
  });
  const rest = { pending: 0n, unread: 0, truncated: false, offline: [] };
  const kafka = kafkaOf({ messages: { messages, ...rest } });
  return value(await kafkaRead.execute(args(kafkaRead, { topic: "t" }), context({ kafka, clock })));
}

test("a message has its age, and the newest one's is the topic's", async () => {
  expect(await read(90_000, 200_000)).toMatchObject({
    newest_age: 90_000,
    from_future: false,
    messages: [{ age_ms: 90_000 }, { age_ms: 200_000 }],
  });
});

test("a message of the future has no age, and where it is the newest there is none at all", async () => {
  const ahead = await read(-60_000, 5000);
  expect(ahead).toMatchObject({ newest: new Date(now.getTime() + 60_000), from_future: true });
  expect(ahead).not.toHaveProperty("newest_age");
  const [first, second] = ahead["messages"] as readonly object[];
  expect(first).not.toHaveProperty("age_ms");
  expect(second).toMatchObject({ age_ms: 5000 });
});

test("clocks that differ by less than anybody notices make an age of 0; nothing read, none", async () => {
  expect(await read(-500)).toMatchObject({ newest_age: 0, from_future: false, messages: [{ age_ms: 0 }] });
  const none = await read();
  expect(none).toMatchObject({ from_future: false });
  expect(none).not.toHaveProperty("newest_age");
});
