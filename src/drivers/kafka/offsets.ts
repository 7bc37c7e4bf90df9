import type { KafkaSession } from "./session.ts";
import { throwRefused } from "./errors.ts";
import { readOffsets, type OffsetEntry, type OffsetQuestion, type TopicMetadata } from "./requests.ts";

export type Offsets = ReadonlyMap<string, OffsetEntry>;

export const at = (topic: string, partition: number): string => `${topic}/${partition}`;

/**
 * One request a broker, whatever the number of partitions; keys are `topic/partition`. A partition without a leader
 * is left out.
 * @throws Moved when it is worth asking again, FailureError for the rest.
 */
export async function offsetsOf(
  session: KafkaSession,
  topics: readonly TopicMetadata[],
  question: OffsetQuestion,
): Promise<Offsets> {
  const byLeader = new Map<number, Map<string, number[]>>();
  for (const topic of topics) {
    for (const { leader, partition } of topic.partitions) {
      if (leader < 0) continue;
      const asked = byLeader.get(leader) ?? new Map<string, number[]>();
      const partitions = asked.get(topic.name) ?? [];
      partitions.push(partition);
      byLeader.set(leader, asked.set(topic.name, partitions));
    }
  }
  const answers = await Promise.all(
    [...byLeader].map(async ([leader, asked]) => {
      const link = await session.broker(leader);
      return await link.send(await readOffsets(asked, question));
    }),
  );
  const found = new Map<string, OffsetEntry>();
  for (const entry of answers.flat()) {
    await throwRefused(`partition ${entry.partition} of topic ${entry.topic}`, entry.error);
    found.set(at(entry.topic, entry.partition), entry);
  }
  return found;
}
