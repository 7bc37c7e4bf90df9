import type { Happened } from "../../base/failure.ts";
import { FailureError } from "../network.ts";
import type { TopicOffsets, TopicSetting } from "../../ports/kafka.ts";
import {
  commitOffsets,
  deleteOffsets,
  deleteRecords,
  readSettings,
  writeSettings,
  type PartitionReply,
} from "./change-requests.ts";
import { Moved, throwRefused, topicRefusal, unknownTopic } from "./errors.ts";
import type { KafkaSession } from "./session.ts";
import { topicMetadata } from "./topic.ts";

/** What a broker may wait for its replicas; below any deadline a change has. Milliseconds. */
const replicasHave = 10_000;

export async function topicSettings(session: KafkaSession, topic: string): Promise<readonly TopicSetting[]> {
  await session.start([]);
  const { error, message, settings } = await session.first.send(await readSettings(topic));
  if (error === unknownTopic) throw await topicRefusal(topic, error);
  await throwRefused(`topic ${topic}`, error, message);
  return settings.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export async function alterSettings(
  session: KafkaSession,
  topic: string,
  changes: ReadonlyMap<string, string | null>,
): Promise<void> {
  await session.start([]);
  const { error, message } = await session.act(session.first, await writeSettings(topic, changes));
  if (error === unknownTopic) throw await topicRefusal(topic, error);
  await throwRefused(`topic ${topic}`, error, message);
}

export async function commit(
  session: KafkaSession,
  group: string,
  topic: string,
  offsets: TopicOffsets,
): Promise<void> {
  await session.start([]);
  const link = await session.coordinator(group);
  const set = new Map([...offsets].filter(([, offset]) => offset >= 0n));
  const gone = [...offsets].flatMap(([partition, offset]) => (offset < 0n ? [partition] : []));
  const target = `group ${group}`;
  if (set.size > 0) {
    const replies = await session.act(link, await commitOffsets(group, topic, set));
    await everyPartition(`${target} on topic ${topic}`, replies);
  }
  if (gone.length === 0) return;
  try {
    const reply = await session.act(link, await deleteOffsets(group, topic, gone));
    await throwRefused(target, reply.error);
    await everyPartition(`${target} on topic ${topic}`, reply.partitions);
  } catch (error) {
    throw set.size > 0 ? uncertain(error) : error;
  }
}

/** One request a broker, as many as lead a partition of it. */
export async function deleteBefore(
  session: KafkaSession,
  topic: string,
  before: TopicOffsets,
): Promise<TopicOffsets> {
  const { partitions } = await topicMetadata(session, topic);
  const byLeader = new Map<number, Map<number, bigint>>();
  for (const { partition, leader } of partitions) {
    const offset = before.get(partition);
    if (offset === undefined) continue;
    const asked = byLeader.get(leader) ?? new Map<number, bigint>();
    byLeader.set(leader, asked.set(partition, offset));
  }
  // All of them are reached before the first is asked to delete.
  const links = await Promise.all(
    [...byLeader].map(async ([leader, asked]) => ({ link: await session.broker(leader), asked })),
  );
  const replies = await Promise.allSettled(
    links.map(async ({ link, asked }) => session.act(link, await deleteRecords(topic, asked, replicasHave))),
  );
  const answered = replies.flatMap((reply) => (reply.status === "fulfilled" ? reply.value : []));
  const lost = replies.find((reply) => reply.status === "rejected");
  if (lost !== undefined) throw uncertain(lost.reason);
  await everyPartition(`topic ${topic}`, answered);
  return new Map(answered.map(({ partition, start }) => [partition, start]));
}

/** Refused by all: nothing happened. Refused by some: something did. */
async function everyPartition(target: string, replies: readonly PartitionReply[]): Promise<void> {
  const refused = replies.filter(({ error }) => error !== 0);
  const [first] = refused;
  if (first === undefined) return;
  try {
    await throwRefused(`${target}, partition ${first.partition}`, first.error);
  } catch (error) {
    throw refused.length < replies.length ? uncertain(error) : error;
  }
}

function uncertain(error: unknown): unknown {
  if (!(error instanceof FailureError)) return error;
  const effect: Happened = "unknown";
  const failure = { ...error.failure, effect };
  return error instanceof Moved ? new Moved(failure) : new FailureError(failure);
}
