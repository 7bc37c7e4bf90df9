import type { SurveySettings, SurveyTopic, Topology } from "../../ports/evidence.ts";
import { at } from "./offsets.ts";
import { readOffsets, type OffsetEntry, type TopicMetadata } from "./requests.ts";
import type { KafkaSession } from "./session.ts";
import { Notes } from "./survey-notes.ts";
import { readManySettings, type Resource } from "./survey-requests.ts";

/** Topics whose settings are asked for in one request: a reply of a few megabytes at most. */
const together = 200;
/** Milliseconds. */
const budget = 10_000;

/** Everything the brokers say of topics. What one broker does not tell is missing, and no more than that. */
export async function surveyTopology(session: KafkaSession): Promise<Topology> {
  const notes = new Notes(budget);
  const metadata = await notes.timed("Metadata", "the first to answer", () => session.start("all"));
  const { brokers, controller, clusterId, topics } = metadata;
  const [start, end] = await Promise.all([
    surveyOffsets(session, notes, topics, "start"),
    surveyOffsets(session, notes, topics, "end"),
  ]);
  const described = topics.map((topic): SurveyTopic => {
    const { name, internal, partitions } = topic;
    return {
      name,
      internal,
      partitions: partitions
        .toSorted((a, b) => a.partition - b.partition)
        .map(({ partition, leader, replicas, isr }) => {
          const key = at(name, partition);
          return { partition, leader, replicas, isr, start: start.get(key), end: end.get(key) };
        }),
    };
  });
  for (const { name, error } of topics) {
    // 5 is a partition without a leader, which is said of the partition itself.
    if (error !== 0 && error !== 5) await notes.refused(`topic ${name}`, error);
  }
  return {
    brokers: brokers.map(({ id, host, port }) => ({ id, address: `${host}:${port}` })),
    controller: controller < 0 ? undefined : controller,
    clusterId,
    topics: described.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    missing: notes.missing,
    calls: notes.calls,
  };
}

export async function surveySettings(
  session: KafkaSession,
): Promise<{ readonly all: readonly SurveySettings[]; readonly missing: Topology["missing"] }> {
  const notes = new Notes(budget);
  const { topics, brokers } = await session.start("all");
  const names = topics.filter(({ error }) => error === 0).map(({ name }) => name);
  const asks: { broker?: number; resources: Resource[] }[] = brokers.map(({ id }) => ({
    broker: id,
    resources: [{ of: "broker", name: String(id) }],
  }));
  for (let from = 0; from < names.length; from += together) {
    const resources = names.slice(from, from + together).map((name): Resource => ({ of: "topic", name }));
    asks.push({ resources });
  }
  const replies = await Promise.all(
    asks.map(async ({ broker, resources }) => {
      const what =
        broker === undefined ? `settings of ${resources.length} topics` : `settings of broker ${broker}`;
      return await notes.tolerated(what, async () => {
        const link = broker === undefined ? session.first : await session.broker(broker);
        return await link.send(await readManySettings(resources));
      });
    }),
  );
  const all: SurveySettings[] = [];
  for (const { error, message, ...rest } of replies.flatMap((reply) => reply ?? [])) {
    if (error === 0) all.push(rest);
    else await notes.refused(`settings of ${rest.of} ${rest.name}`, error, message);
  }
  return { all, missing: notes.missing };
}

/** What a leader does not tell is on record; keys are `topic/partition`. */
export async function surveyOffsets(
  session: KafkaSession,
  notes: Notes,
  topics: readonly TopicMetadata[],
  question: "start" | "end",
): Promise<ReadonlyMap<string, bigint>> {
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
      const what = `${question} offsets of the partitions that broker ${leader} leads`;
      const read = async (): Promise<OffsetEntry[]> => {
        const link = await session.broker(leader);
        return await notes.timed(`ListOffsets ${question}`, link.address, async () =>
          link.send(await readOffsets(asked, question)),
        );
      };
      return (await notes.tolerated(what, read)) ?? [];
    }),
  );
  const found = new Map<string, bigint>();
  for (const { topic, partition, error, offset } of answers.flat()) {
    if (error === 0) found.set(at(topic, partition), offset);
    else await notes.refused(`${question} offset of ${at(topic, partition)}`, error);
  }
  return found;
}
