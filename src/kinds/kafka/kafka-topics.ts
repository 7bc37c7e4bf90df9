import { ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object } from "../../language/shape.ts";

interface Outputs {
  readonly topics: readonly string[];
  readonly count: number;
}

export const kafkaTopics: Kind = defineKind<object, Outputs>({
  name: "kafka.topics",
  summary: "Names of the topics",
  doc: "In alphabetical order, without Kafka's internal ones.",
  effect: "read",
  args: object({}),
  outputs: {
    topics: { type: "list<string>", doc: "Names of topics" },
    count: { type: "int", doc: "How many there are" },
  },
  store: "kafka",
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: (_args, { kafka }) => `kafka.topics: list the topics of Kafka at ${kafka}`,
  byHand: (_args, { kafka }) =>
    shellLine(["kafka-topics.sh", "--bootstrap-server", kafka, "--list", "--exclude-internal"]),
  execute: async (_args, { ports, signal }) => {
    const topics = await ports.kafka.topics(signal);
    return topics.ok ? ok({ topics: topics.value, count: topics.value.length }) : topics;
  },
});
