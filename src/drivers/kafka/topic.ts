import type { TopicOffsets, TopicState } from "../../ports/kafka.ts";
import { topicRefusal, unknownTopic } from "./errors.ts";
import { at, offsetsOf } from "./offsets.ts";
import type { TopicMetadata } from "./requests.ts";
import type { KafkaSession } from "./session.ts";

/**
 * Leaders, replicas, offsets, and the largest timestamp of any message kept: the broker finds it in its
 * index (ListOffsets by max timestamp), no message is read and no group is joined.
 */
export async function topicState(session: KafkaSession, name: string): Promise<TopicState> {
  const topic = await topicMetadata(session, name);
  const [start, end, newest] = await Promise.all([
    offsetsOf(session, [topic], "start"),
    offsetsOf(session, [topic], "end"),
    offsetsOf(session, [topic], "newest"),
  ]);
  const latest = [...newest.values()].reduce(
    (max, { timestamp }) => (timestamp > max ? timestamp : max),
    -1n,
  );
  return {
    name,
    partitions: topic.partitions
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ partition, leader, replicas, isr }) => ({
        partition,
        leader,
        replicas,
        isr,
        start: start.get(at(name, partition))?.offset ?? 0n,
        end: end.get(at(name, partition))?.offset ?? 0n,
      })),
    newest: latest < 0n ? undefined : new Date(Number(latest)),
  };
}

/** @throws FailureError when there is no such topic */
export async function topicMetadata(session: KafkaSession, name: string): Promise<TopicMetadata> {
  const metadata = await session.start([name]);
  const topic = metadata.topics.find((candidate) => candidate.name === name);
  if (topic === undefined || topic.partitions.length === 0) {
    throw await topicRefusal(name, topic?.error ?? unknownTopic);
  }
  return topic;
}

/** Of every partition that has a leader; where no message is as new as a date, the offset of the next one. */
export async function topicOffsets(
  session: KafkaSession,
  name: string,
  question: "start" | "end" | Date,
): Promise<TopicOffsets> {
  const topic = await topicMetadata(session, name);
  const [found, end] = await Promise.all([
    offsetsOf(session, [topic], question),
    question instanceof Date ? offsetsOf(session, [topic], "end") : new Map<string, never>(),
  ]);
  return new Map(
    [...found].map(([key, { partition, offset }]) => [
      partition,
      offset < 0n ? (end.get(key)?.offset ?? 0n) : offset,
    ]),
  );
}
