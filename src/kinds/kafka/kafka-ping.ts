import { ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object } from "../../language/shape.ts";

interface Outputs {
  readonly brokers: number;
  readonly controller: number;
  readonly cluster_id: string;
}

export const kafkaPing: Kind = defineKind<object, Outputs>({
  name: "kafka.ping",
  summary: "The Kafka cluster answers",
  doc: "Asks the brokers for the cluster they form. Any one of the bootstrap brokers that answers is enough.",
  effect: "read",
  args: object({}),
  outputs: {
    brokers: { type: "int", doc: "Brokers that are in the cluster now" },
    controller: { type: "int", doc: "Broker id of the controller; -1 when there is none" },
    cluster_id: { type: "string", doc: "The cluster's own id" },
  },
  expects: { that: "the cluster answers" },
  store: "kafka",
  unreachable: "failed",
  undo: { how: "nothing" },
  plan: (_args, { kafka }) => `kafka.ping: ask Kafka at ${kafka} for its cluster`,
  byHand: (_args, { kafka }) => shellLine(["kafka-broker-api-versions.sh", "--bootstrap-server", kafka]),
  execute: async (_args, { ports, signal }) => {
    const cluster = await ports.kafka.cluster(signal);
    if (!cluster.ok) return cluster;
    const { brokers, controller, clusterId } = cluster.value;
    return ok({ brokers: brokers.length, controller: controller ?? -1, cluster_id: clusterId });
  },
});
