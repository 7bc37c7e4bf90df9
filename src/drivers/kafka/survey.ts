import { FailureError } from "../network.ts";
import { failureText } from "../../base/failure.ts";
import type { SurveySettings, SurveyTopic, Topology } from "../evidence-ports.ts";
import { refusalOf } from "./errors.ts";
import { at } from "./offsets.ts";
import { readOffsets, type OffsetEntry, type TopicMetadata } from "./requests.ts";
import type { Session } from "./session.ts";
import { readManySettings, type Resource } from "./survey-requests.ts";

/** Topics whose settings are asked for in one request: a reply of a few megabytes at most. */
const together = 200;

interface Notes {
  readonly missing: { what: string; why: string }[];
  readonly calls: { call: string; broker: string; took: number }[];
}

/** Everything the brokers say of topics. What one broker does not tell is missing, and no more than that. */
export async function surveyTopology(session: Session): Promise<Topology> {
  const notes: Notes = { missing: [], calls: [] };
  const metadata = await timed(notes, "Metadata", "the first to answer", () => session.start("all"));
  const { brokers, controller, clusterId, topics } = metadata;
  const [start, end] = await Promise.all([
    offsets(session, notes, topics, "start"),
    offsets(session, notes, topics, "end"),
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
    if (error !== 0 && error !== 5) await note(notes, `topic ${name}`, error);
  }
  return {
    brokers: brokers.map(({ id, host, port }) => ({ id, address: `${host}:${port}` })),
    controller: controller < 0 ? undefined : controller,
    clusterId,
    topics: described.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...notes,
  };
}

export async function surveySettings(
  session: Session,
): Promise<{ readonly all: readonly SurveySettings[]; readonly missing: Topology["missing"] }> {
  const notes: Notes = { missing: [], calls: [] };
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
      return await tolerated(notes, what, async () => {
        const link = broker === undefined ? session.first : await session.broker(broker);
        return await link.send(await readManySettings(resources));
      });
    }),
  );
  const all: SurveySettings[] = [];
  for (const { error, message, ...rest } of replies.flatMap((reply) => reply ?? [])) {
    if (error === 0) all.push(rest);
    else await note(notes, `settings of ${rest.of} ${rest.name}`, error, message);
  }
  return { all, missing: notes.missing };
}

async function offsets(
  session: Session,
  notes: Notes,
  topics: readonly TopicMetadata[],
  question: "start" | "end",
): Promise<ReadonlyMap<string, bigint>> {
  const byLeader = new Map<number, Map<string, number[]>>();
  for (const topic of topics) {
    for (const { leader, partition } of topic.partitions) {
      if (leader < 0) continue;
      const asked = byLeader.get(leader) ?? new Map<string, number[]>();
      byLeader.set(leader, asked.set(topic.name, [...(asked.get(topic.name) ?? []), partition]));
    }
  }
  const answers = await Promise.all(
    [...byLeader].map(async ([leader, asked]) => {
      const what = `${question} offsets of the partitions that broker ${leader} leads`;
      const read = async (): Promise<OffsetEntry[]> => {
        const link = await session.broker(leader);
        return await timed(notes, `ListOffsets ${question}`, link.address, async () =>
          link.send(await readOffsets(asked, question)),
        );
      };
      return (await tolerated(notes, what, read)) ?? [];
    }),
  );
  const found = new Map<string, bigint>();
  for (const { topic, partition, error, offset } of answers.flat()) {
    if (error === 0) found.set(at(topic, partition), offset);
    else await note(notes, `${question} offset of ${at(topic, partition)}`, error);
  }
  return found;
}

async function timed<T>(notes: Notes, call: string, broker: string, ask: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await ask();
  } finally {
    notes.calls.push({ call, broker, took: Math.round(performance.now() - started) });
  }
}

async function tolerated<T>(notes: Notes, what: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    notes.missing.push({ what, why: failureText(error.failure) });
    return undefined;
  }
}

async function note(notes: Notes, what: string, error: number, said?: string | null): Promise<void> {
  notes.missing.push({ what, why: failureText(await refusalOf(what, error, said)) });
}
