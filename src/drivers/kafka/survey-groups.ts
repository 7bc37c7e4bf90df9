import type { GroupSurvey, SurveyGroup } from "../../ports/evidence.ts";
import { Moved, throwRefused } from "./errors.ts";
import { describeGroups, listGroups, readCommitted, type GroupEntry } from "./group-requests.ts";
import { alive, offsetsTopic, readers } from "./lag.ts";
import type { Link } from "./link.ts";
import { at } from "./offsets.ts";
import type { TopicMetadata } from "./requests.ts";
import type { KafkaSession } from "./session.ts";
import { Notes } from "./survey-notes.ts";
import { surveyOffsets } from "./survey.ts";

/** Groups that one broker is asked for at the same time: an answer's time is then its own. */
const atOnce = 8;
/** Milliseconds for everything but the ends, and for these. */
const budget = 9000;
const endsBudget = 4000;

type Read = Omit<SurveyGroup, "partitions"> & {
  /** By `topic/partition`. */
  readonly committed: ReadonlyMap<string, bigint>;
  readonly topics: ReadonlySet<string>;
};

/**
 * Every group, as the broker that keeps it tells. What fails of one group, or of one broker, is missing and
 * no more than that. The ends are read last, so a busy group's lag is never below what it was.
 */
export async function surveyGroups(session: KafkaSession): Promise<GroupSurvey> {
  const notes = new Notes(budget);
  const { brokers, topics } = await session.start([offsetsTopic]);
  const kept = topics.find(({ name }) => name === offsetsTopic)?.partitions ?? [];
  const headless = kept.filter(({ leader }) => leader < 0).length;
  if (headless > 0) {
    const why = `they are without a leader, and so is nobody who could name what is in them`;
    notes.missing.push({
      what: `groups in ${headless} of ${kept.length} partitions of ${offsetsTopic}`,
      why,
    });
  }
  const all = await Promise.all(brokers.map(({ id }) => groupsOf(session, notes, id)));
  // A group that moved while it was looked at is told of by both.
  const groups = [...new Map(all.flat().map((group) => [group.group, group])).values()];
  const ends = new Notes(endsBudget);
  const names = [...new Set(groups.flatMap((group) => [...group.topics]))];
  const read = await ends.tolerated("the topics that groups read", async () => session.metadata(names));
  const metadata = names.length === 0 ? [] : (read?.topics ?? []);
  const offsets = await surveyOffsets(session, ends, metadata, "end");
  const byName = new Map(metadata.map((topic) => [topic.name, topic]));
  return {
    groups: groups
      .map((group) => withLag(group, byName, offsets))
      .toSorted((a, b) => (a.group < b.group ? -1 : 1)),
    missing: [...notes.missing, ...ends.missing],
    calls: [...notes.calls, ...ends.calls],
  };
}

async function groupsOf(session: KafkaSession, notes: Notes, broker: number): Promise<readonly Read[]> {
  const listed = await notes.tolerated(`groups that broker ${broker} keeps`, async () => {
    const link = await session.broker(broker);
    const reply = await notes.timed("ListGroups", link.address, async () => link.send(await listGroups()));
    await throwRefused(`Kafka broker ${link.address}`, reply.error);
    const names = reply.groups.filter(({ type }) => readers.has(type)).map(({ group }) => group);
    return { link, names };
  });
  if (listed === undefined || listed.names.length === 0) return [];
  const { link, names } = listed;
  const described = await notes.tolerated(`${names.length} groups that broker ${broker} keeps`, async () =>
    notes.timed("DescribeGroups", link.address, async () => link.send(await describeGroups(names))),
  );
  const left = [...(described ?? [])];
  const found: Read[] = [];
  const worker = async (): Promise<void> => {
    for (let entry = left.shift(); entry !== undefined; entry = left.shift()) {
      const { group } = entry;
      const first = entry;
      const read = await notes.tolerated(`group ${group}`, async () =>
        notes.timed(`OffsetFetch ${group}`, link.address, async () => whole(session, link, first)),
      );
      if (read !== undefined) found.push(read);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, worker));
  return found;
}

/** One that has just moved is asked for once more, of the broker that keeps it now. */
async function whole(session: KafkaSession, link: Link, entry: GroupEntry): Promise<Read> {
  try {
    return await groupOf(link, entry);
  } catch (error) {
    if (!(error instanceof Moved)) throw error;
    const now = await session.coordinator(entry.group);
    const [again] = await now.send(await describeGroups([entry.group]));
    if (again === undefined) throw error;
    return await groupOf(now, again);
  }
}

async function groupOf(link: Link, entry: GroupEntry): Promise<Read> {
  const { group } = entry;
  await throwRefused(`group ${group}`, entry.error);
  const reply = await link.send(await readCommitted(group));
  await throwRefused(`group ${group}`, reply.error);
  const { protocol, state, members } = await alive(link, entry);
  const topics = new Set([
    ...reply.entries.map(({ topic }) => topic),
    ...members.flatMap(({ assigned }) => assigned.map(({ topic }) => topic)),
  ]);
  const committed = new Map(reply.entries.map((one) => [at(one.topic, one.partition), one.offset]));
  return { group, protocol, state, members: members.length, clients: members, committed, topics };
}

/** Every partition of the topics it reads, and those it committed for that are gone. */
function withLag(
  { committed, topics, ...group }: Read,
  metadata: ReadonlyMap<string, TopicMetadata>,
  ends: ReadonlyMap<string, bigint>,
): SurveyGroup {
  const known = [...topics].flatMap((topic) =>
    (metadata.get(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition })),
  );
  const keys = new Set(known.map(({ topic, partition }) => at(topic, partition)));
  const gone = [...committed.keys()].filter((key) => !keys.has(key)).map(placeOf);
  const partitions = [...known, ...gone]
    .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    .map(({ topic, partition }) => {
      const end = ends.get(at(topic, partition));
      const offset = committed.get(at(topic, partition)) ?? -1n;
      const lag = end === undefined || offset < 0n ? undefined : end - offset;
      return { topic, partition, committed: offset, end, lag };
    });
  return { ...group, partitions };
}

function placeOf(key: string): { readonly topic: string; readonly partition: number } {
  const slash = key.lastIndexOf("/");
  return { topic: key.slice(0, slash), partition: Number(key.slice(slash + 1)) };
}
