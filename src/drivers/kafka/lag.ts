import type { GroupLag, GroupPartitionLag } from "../ports.ts";
import { refusal } from "./errors.ts";
import {
  describeConsumerGroup,
  describeGroups,
  listGroups,
  readCommitted,
  type GroupEntry,
} from "./group-requests.ts";
import type { Link } from "./link.ts";
import { at, offsetsOf, type Offsets } from "./offsets.ts";
import type { TopicMetadata } from "./requests.ts";
import type { Session } from "./session.ts";
import { apis } from "./wire.ts";

interface Committed extends Pick<GroupLag, "group" | "protocol" | "state" | "clients"> {
  /** By `topic/partition`. */
  readonly offsets: ReadonlyMap<string, bigint>;
  readonly topics: ReadonlySet<string>;
}

/** Groups that read topics. Workers of Kafka Connect, schema registries and share groups are groups as well. */
const readers: ReadonlySet<string> = new Set(["", "consumer", "streams"]);

/**
 * Every broker names the groups it coordinates, so nobody has to be asked where a group lives: two
 * requests a broker, one a group, and one more a broker for the ends. The ends are read last, so a
 * busy group's lag is never below what it was.
 */
export async function groupLags(session: Session, wanted: readonly string[]): Promise<GroupLag[]> {
  await session.start([]);
  const links = await session.brokers();
  const found = (await Promise.all(links.map((link) => groupsOf(link, wanted)))).flat();
  const names = [...new Set(found.flatMap((group) => [...group.topics]))];
  const topics = names.length === 0 ? [] : (await session.metadata(names)).topics;
  const ends = await offsetsOf(session, topics, "end");
  const byName = new Map(topics.map((topic) => [topic.name, topic]));
  const lags = found.map((group) => lagOf(group, byName, ends));
  const missing = await missingGroups(
    session,
    wanted.filter((name) => !found.some(({ group }) => group === name)),
  );
  return [...lags, ...missing].toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

async function groupsOf(link: Link, wanted: readonly string[]): Promise<Committed[]> {
  const listed = await link.send(await listGroups());
  await refusal(`Kafka broker ${link.address}`, listed.error);
  const names = listed.groups
    .filter(({ group, type }) => (wanted.length === 0 ? readers.has(type) : wanted.includes(group)))
    .map(({ group }) => group);
  if (names.length === 0) return [];
  const described = await link.send(await describeGroups(names));
  return await Promise.all(
    described.map(async (entry) => {
      const { group } = entry;
      await refusal(`group ${group}`, entry.error);
      const committed = await link.send(await readCommitted(group));
      await refusal(`group ${group}`, committed.error);
      const { protocol, state, members } = await alive(link, entry);
      const offsets = new Map(committed.entries.map((e) => [at(e.topic, e.partition), e.offset]));
      const topics = new Set([
        ...committed.entries.map((e) => e.topic),
        ...members.flatMap(({ assigned }) => assigned.map(({ topic }) => topic)),
      ]);
      return { group, protocol, state, clients: members, offsets, topics };
    }),
  );
}

/** A group that is listed and yet described as dead is one of the new protocol, which has its own question. */
async function alive(
  link: Link,
  entry: GroupEntry,
): Promise<Pick<GroupEntry, "state" | "members"> & Pick<GroupLag, "protocol">> {
  if (entry.state !== "Dead") return { ...entry, protocol: "classic" };
  if (link.versions.has(apis.ConsumerGroupDescribe.key)) {
    const described = await link.send(await describeConsumerGroup(entry.group));
    if (described.error === 0) return { ...described, protocol: "consumer" };
  }
  return { state: "Dead", members: [], protocol: "none" };
}

/** A broker lists only what one may see, so a group that is not there is asked for by name before it is called dead. */
async function missingGroups(session: Session, names: readonly string[]): Promise<GroupLag[]> {
  if (names.length === 0) return [];
  const notCoordinator = 16;
  for (const { group, error } of await session.first.send(await describeGroups(names))) {
    if (error !== notCoordinator) await refusal(`group ${group}`, error);
  }
  return names.map((group) => ({
    group,
    protocol: "none",
    state: "Dead",
    members: 0,
    clients: [],
    partitions: [],
  }));
}

function lagOf(group: Committed, topics: ReadonlyMap<string, TopicMetadata>, ends: Offsets): GroupLag {
  const partitions: GroupPartitionLag[] = [];
  for (const topic of [...group.topics].toSorted()) {
    const all = topics.get(topic)?.partitions ?? [];
    for (const { partition } of all.toSorted((a, b) => a.partition - b.partition)) {
      const end = ends.get(at(topic, partition))?.offset;
      // Without a leader there is no end to compare with.
      if (end === undefined) continue;
      const committed = group.offsets.get(at(topic, partition)) ?? -1n;
      const lag = committed < 0n ? undefined : end - committed;
      partitions.push({ topic, partition, committed, end, lag });
    }
  }
  const { protocol, state, clients } = group;
  return { group: group.group, protocol, state, members: clients.length, clients, partitions };
}
