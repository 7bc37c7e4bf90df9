import { ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import type { TopicState } from "../../ports/kafka.ts";
import { defineKind, type Kind } from "../kind.ts";
import { ageOf, isFromFuture } from "./message-age.ts";
import { object, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Outputs {
  readonly newest_age?: number;
  readonly newest?: Date;
  readonly from_future: boolean;
  readonly partitions: number;
  readonly messages: bigint;
  readonly under_replicated: number;
  readonly offline: number;
  readonly leaders: readonly unknown[];
  readonly layout: readonly unknown[];
}

/** No tool of Kafka's tells the newest message's time: this waits a minute for the next one. */
const nextMessage = ["--property", "print.timestamp=true", "--max-messages", "1", "--timeout-ms", "60000"];

export const kafkaTopic: Kind = defineKind<{ topic: string }, Outputs>({
  name: "kafka.topic",
  summary: "A topic's partitions and the age of its newest message",
  doc: [
    "Reads leaders, replicas in sync, first and last offsets, and the largest timestamp of any message that is kept. It reads no message, joins no group and writes nothing.",
    "`newest_age` is missing when the topic is empty, and when the newest timestamp lies in the future: a producer's clock is wrong then, and no age would be true. `from_future` says which of the two it is.",
    "`messages` counts offsets; after compaction or with transactions fewer messages are there.",
  ].join("\n\n"),
  effect: "read",
  args: object({ topic: required(text(), "The topic's name") }, { primary: "topic" }),
  outputs: {
    newest_age: { type: "duration", doc: "Time since the newest message", optional: true },
    newest: { type: "timestamp", doc: "Timestamp of the newest message", optional: true },
    from_future: { type: "bool", doc: "The newest timestamp is more than a second ahead of this clock" },
    partitions: { type: "int", doc: "Partitions of the topic" },
    messages: { type: "int", doc: "Sum of last minus first offsets" },
    under_replicated: { type: "int", doc: "Partitions with fewer replicas in sync than replicas" },
    offline: { type: "int", doc: "Partitions without a leader" },
    leaders: { type: "list<dyn>", doc: "One a broker that leads: broker, partitions" },
    layout: {
      type: "list<dyn>",
      doc: "One a partition: partition, leader, replicas, isr, start, end",
    },
  },
  store: "kafka",
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  plan: ({ topic }, { kafka }) =>
    `kafka.topic: read topic ${shown(topic)} and its newest message's time from Kafka at ${kafka}`,
  byHand: ({ topic }, { kafka }) => {
    const to = ["--bootstrap-server", kafka, "--topic", shown(topic)];
    return [
      shellLine(["kafka-topics.sh", "--describe", ...to]),
      shellLine(["kafka-get-offsets.sh", ...to, "--time", "-1"]),
      shellLine(["kafka-console-consumer.sh", ...to, ...nextMessage]),
    ].join(" && ");
  },
  execute: async ({ topic }, { ports, signal }) => {
    const state = await ports.kafka.topic(topic, signal);
    return state.ok ? ok(summary(state.value, ports.clock.now())) : state;
  },
});

function summary(topic: TopicState, now: Date): Outputs {
  const { partitions, newest } = topic;
  const age = ageOf(newest, now);
  const led = new Map<number, number>();
  for (const { leader } of partitions) if (leader >= 0) led.set(leader, (led.get(leader) ?? 0) + 1);
  return {
    ...(age === undefined ? {} : { newest_age: age }),
    ...(newest === undefined ? {} : { newest }),
    from_future: isFromFuture(newest, now),
    partitions: partitions.length,
    messages: partitions.reduce((sum, { start, end }) => sum + (end - start), 0n),
    under_replicated: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
    offline: partitions.filter(({ leader }) => leader < 0).length,
    leaders: [...led].toSorted(([a], [b]) => a - b).map(([broker, count]) => ({ broker, partitions: count })),
    layout: partitions,
  };
}
