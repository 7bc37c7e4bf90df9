import { FailureError } from "../network.ts";
import type { TopicState } from "../ports.ts";
import { errorName } from "./errors.ts";
import { at, offsetsOf } from "./offsets.ts";
import type { TopicMetadata } from "./requests.ts";
import type { Session } from "./session.ts";

/** Kafka's numbers: unknown topic, authorization failed. */
const unknownTopic = 3;
const notAuthorized = 29;

/**
 * Leaders, replicas, offsets, and the largest timestamp of any message kept: the broker finds it in its
 * index (ListOffsets by max timestamp), no message is read and no group is joined.
 */
export async function topicState(session: Session, name: string): Promise<TopicState> {
  const metadata = await session.start([name]);
  const topic = metadata.topics.find((candidate) => candidate.name === name);
  if (topic === undefined || topic.partitions.length === 0) throw await topicFailure(name, topic);
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

async function topicFailure(name: string, topic: TopicMetadata | undefined): Promise<FailureError> {
  const target = `topic ${name}`;
  if (topic === undefined || topic.error === unknownTopic) {
    return new FailureError({ type: "missing", target, message: `there is no topic ${name}` });
  }
  const { code, message } = await errorName(topic.error);
  if (topic.error === notAuthorized) return new FailureError({ type: "denied", target, message });
  return new FailureError({ type: "rejected", target, message, code });
}
