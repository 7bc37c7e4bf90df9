import { fail, ok, type Result } from "../../base/result.ts";
import { shellQuote } from "../../base/quote.ts";
import type { GroupLag, TopicOffsets, TopicPartition } from "../../ports/kafka.ts";
import { protect, protection } from "./kafka-protected.ts";
import { recordedOffsets, sameOffsets, writtenOffsets } from "./kafka-recorded.ts";
import { larger, messagesBefore, readersOf, smaller } from "./kafka-unread.ts";
import { defineKind, type Kind, type KindContext } from "../kind.ts";
import { object, required, text } from "../../language/shape.ts";
import { counted, shown } from "../format.ts";

interface Args {
  readonly topic: string;
  readonly protect?: readonly string[];
}

interface Outputs {
  readonly deleted: bigint;
  readonly partitions: number;
  readonly groups: readonly string[];
}

export const kafkaRecordsDelete: Kind = defineKind<Args, Outputs>({
  name: "kafka.records.delete",
  summary: "Delete the messages of a topic that every group has read",
  doc: [
    "Deletes each partition up to the lowest offset that any group of the topic has committed, and never one message further: a group that has read nothing of a partition keeps it whole. It is the safer way to free a full disk than a shorter retention.",
    "Refused when no group reads the topic, because nothing says then what may go, and for topics of orders and fills, compacted ones and Kafka's own. The first offsets that are kept are read back.",
  ].join("\n\n"),
  effect: "destructive",
  args: object({ topic: required(text(), "The topic's name"), protect }, { primary: "topic" }),
  outputs: {
    deleted: { type: "int", doc: "Messages that were deleted, counted as offsets" },
    partitions: { type: "int", doc: "Partitions that lost some" },
    groups: { type: "list<string>", doc: "Groups that have read all of them" },
  },
  store: "kafka",
  did: ({ deleted, partitions }) =>
    `deleted ${counted(deleted, "message")} of ${counted(partitions, "partition")}`,
  unreachable: "unknown",
  retrySafe: "a second time it finds them gone",
  undo: { how: "irreversible", why: "deleted messages are gone" },
  plan: ({ topic }, { kafka }) =>
    `kafka.records.delete: delete what every group has read of topic ${shown(topic)} on Kafka at ${kafka}`,
  byHand: ({ topic }, { kafka }) => {
    const to = `--bootstrap-server ${shellQuote(kafka)}`;
    const offsets = JSON.stringify({
      version: 1,
      partitions: [{ topic: shown(topic), partition: 0, offset: "LOWEST" }],
    }).replace('"LOWEST"', "LOWEST");
    return [
      "# LOWEST: the lowest CURRENT-OFFSET of any group, for each partition",
      `kafka-consumer-groups.sh ${to} --describe --all-groups`,
      `echo ${shellQuote(offsets)} > offsets.json`,
      `kafka-delete-records.sh ${to} --offset-json-file offsets.json`,
    ].join("\n");
  },
  evidence: () => [{ type: "kafka" }],
  capture: async (args, context) => {
    const plan = await consider(args, context);
    if (!plan.ok) return plan;
    const starts = new Map(plan.value.partitions.map(({ partition, start }) => [partition, start]));
    return ok({ starts: writtenOffsets(starts), targets: writtenOffsets(plan.value.cut) });
  },
  preview: async (args, context) => {
    const plan = await consider(args, context);
    if (!plan.ok) return plan;
    const { partitions, cut, readers } = plan.value;
    const groups = readers.map(({ group }) => group);
    const messages = messagesBefore(partitions, cut);
    const all = messagesBefore(partitions, new Map(partitions.map(({ partition, end }) => [partition, end])));
    const lines = [
      `deletes ${messages} of ${counted(all, "message")} of topic ${args.topic}, for good`,
      `every group has read them: ${groups.join(", ")}`,
    ];
    return ok({ lines, binding: { topic: args.topic, groups }, counters: { messages }, confirm: args.topic });
  },
  happened: async (args, before, _since, { ports, signal }) => {
    const now = await ports.kafka.offsets(args.topic, "start", signal);
    if (!now.ok) return "unknown";
    const targets = [...recordedOffsets(before, "targets")];
    if (targets.length === 0) return "unknown";
    if (targets.every(([partition, offset]) => (now.value.get(partition) ?? -1n) >= offset)) return "yes";
    return sameOffsets(recordedOffsets(before, "starts"), now.value) ? "no" : "unknown";
  },
  execute: async (args, context) => {
    const { ports, signal } = context;
    const plan = await consider(args, context);
    if (!plan.ok) return fail({ ...plan.failure, effect: "none" });
    const { partitions, cut, readers } = plan.value;
    const groups = readers.map(({ group }) => group);
    const due = new Map(
      partitions.flatMap(({ partition, start }) => {
        const offset = cut.get(partition) ?? start;
        return offset > start ? [[partition, offset] as const] : [];
      }),
    );
    if (due.size === 0) return ok({ deleted: 0n, partitions: 0, groups });
    const deleted = await ports.kafka.deleteRecords(args.topic, due, signal);
    if (!deleted.ok) return deleted;
    const after = await ports.kafka.offsets(args.topic, "start", signal);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const kept = [...due].find(([partition, offset]) => (after.value.get(partition) ?? -1n) < offset);
    if (kept !== undefined) {
      const message = `partition ${kept[0]} still begins before offset ${kept[1]}`;
      const target = `topic ${args.topic}`;
      return fail({ type: "rejected", target, message, code: "NOT_APPLIED", effect: "unknown" });
    }
    return ok({ deleted: messagesBefore(partitions, due), partitions: due.size, groups });
  },
});

interface Considered {
  readonly partitions: readonly TopicPartition[];
  readonly readers: readonly GroupLag[];
  /** Up to where every group has read, by partition. */
  readonly cut: TopicOffsets;
}

async function consider(
  { topic, protect: more = [] }: Args,
  { ports, signal }: KindContext,
): Promise<Result<Considered>> {
  const settings = await ports.kafka.settings(topic, signal);
  if (!settings.ok) return settings;
  const refused = protection(topic, more, settings.value);
  if (refused !== undefined) return fail(refused);
  const groups = await ports.kafka.lag([], signal);
  if (!groups.ok) return groups;
  const readers = readersOf(topic, groups.value);
  if (readers.length === 0) {
    const message = "no group reads it, so nothing says which messages may go";
    return fail({ type: "rejected", target: `topic ${topic}`, message, code: "NO_READERS", effect: "none" });
  }
  const state = await ports.kafka.topic(topic, signal);
  if (!state.ok) return state;
  const partitions = state.value.partitions.filter(({ leader }) => leader >= 0);
  return ok({ partitions, readers, cut: readByAll(partitions, readers) });
}

/** What any group has not read stays; what a group is beyond the end of, ends at the end. */
function readByAll(partitions: readonly TopicPartition[], readers: readonly GroupLag[]): TopicOffsets {
  const lowest = new Map<number, bigint>();
  for (const { partition, committed } of readers.flatMap((reader) => reader.partitions)) {
    lowest.set(partition, smaller(lowest.get(partition) ?? committed, committed));
  }
  return new Map(
    partitions.map(({ partition, start, end }) => [
      partition,
      larger(start, smaller(lowest.get(partition) ?? start, end)),
    ]),
  );
}
