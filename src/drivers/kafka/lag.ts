import { FailureError } from "../network.ts";
import type { GroupLag, GroupPartitionLag } from "../ports.ts";
import { errorName } from "./errors.ts";
import type { Link } from "./link.ts";
import { at, offsetsOf, type Offsets } from "./offsets.ts";
import {
  apis,
  describeConsumerGroup,
  describeGroups,
  listGroups,
  readCommitted,
  type TopicMetadata,
} from "./requests.ts";
import type { Session } from "./session.ts";
import { assignedTopics } from "./assignment.ts";

interface Committed {
  readonly group: string;
  readonly state: string;
  readonly members: number;
  /** By `topic/partition`. */
  readonly offsets: ReadonlyMap<string, bigint>;
  readonly topics: ReadonlySet<string>;
}

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
  const first = links[0];
  const topics =
    names.length === 0 || first === undefined ? [] : (await session.metadata(first, names)).topics;
  const ends = await offsetsOf(session, topics, "end");
  const lags = found.map((group) => lagOf(group, topics, ends));
  const missing = wanted.filter((name) => !found.some(({ group }) => group === name));
  const dead = missing.map((group) => ({ group, state: "Dead", members: 0, partitions: [] }));
  return [...lags, ...dead].toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

async function groupsOf(link: Link, wanted: readonly string[]): Promise<Committed[]> {
  const target = `Kafka broker ${link.address}`;
  const listed = await link.send(await listGroups());
  await check(target, listed.error);
  const names = wanted.length === 0 ? listed.groups : listed.groups.filter((name) => wanted.includes(name));
  if (names.length === 0) return [];
  const described = await link.send(await describeGroups(names));
  return await Promise.all(
    described.map(async (entry) => {
      await check(`group ${entry.group}`, entry.error);
      const committed = await link.send(await readCommitted(entry.group));
      await check(`group ${entry.group}`, committed.error);
      const offsets = new Map(committed.entries.map((e) => [at(e.topic, e.partition), e.offset]));
      const topics = new Set([
        ...committed.entries.map((e) => e.topic),
        ...entry.assignments.flatMap((assignment) => assignedTopics(assignment)),
      ]);
      const alive = { state: entry.state, members: entry.assignments.length };
      const living = entry.state === "Dead" ? await newProtocol(link, entry.group) : alive;
      return { group: entry.group, ...living, offsets, topics };
    }),
  );
}

/** A group that is listed and yet described as dead is one of the new protocol, which has its own question. */
async function newProtocol(link: Link, group: string): Promise<{ state: string; members: number }> {
  if (!link.versions.has(apis.ConsumerGroupDescribe.key)) return { state: "Dead", members: 0 };
  const { error, state, members } = await link.send(await describeConsumerGroup(group));
  return error === 0 ? { state, members } : { state: "Dead", members: 0 };
}

function lagOf(group: Committed, topics: readonly TopicMetadata[], ends: Offsets): GroupLag {
  const partitions: GroupPartitionLag[] = [];
  for (const topic of topics) {
    if (!group.topics.has(topic.name)) continue;
    for (const { partition } of topic.partitions) {
      const end = ends.get(at(topic.name, partition))?.offset;
      // Without a leader there is no end to compare with.
      if (end === undefined) continue;
      const committed = group.offsets.get(at(topic.name, partition)) ?? -1n;
      const lag = committed < 0n ? undefined : end - committed;
      partitions.push({ topic: topic.name, partition, committed, end, lag });
    }
  }
  partitions.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  return { group: group.group, state: group.state, members: group.members, partitions };
}

async function check(target: string, error: number): Promise<void> {
  if (error === 0) return;
  const { code, message } = await errorName(error);
  const denied = code.endsWith("AUTHORIZATION_FAILED");
  throw new FailureError(
    denied ? { type: "denied", target, message } : { type: "rejected", target, message, code },
  );
}
