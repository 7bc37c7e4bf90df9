import { failureText } from "../../base/failure.ts";
import type { GroupLag, GroupPartitionLag, UnmeasuredPartition } from "../../ports/kafka.ts";
import { FailureError } from "../network.ts";
import { throwRefused, topicRefusal, unknownTopic } from "./errors.ts";
import {
  describeConsumerGroup,
  describeGroups,
  listGroups,
  readCommitted,
  type GroupEntry,
} from "./group-requests.ts";
import type { Link } from "./link.ts";
import { at, offsetsOf, type Offsets } from "./offsets.ts";
import type { OffsetEntry, TopicMetadata } from "./requests.ts";
import type { KafkaSession } from "./session.ts";
import { apis } from "./wire.ts";

interface Committed extends Pick<GroupLag, "group" | "protocol" | "state" | "clients"> {
  /** By topic, and by partition: tens of thousands of texts for keys would be most of the work. */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
  readonly topics: ReadonlySet<string>;
}

/** Groups that read topics. Workers of Kafka Connect, schema registries and share groups are groups as well. */
export const readers: ReadonlySet<string> = new Set(["", "consumer", "streams"]);

export const offsetsTopic = "__consumer_offsets";

const noGroup = {
  protocol: "none",
  state: "Dead",
  members: 0,
  clients: [],
  partitions: [],
  unmeasured: [],
} as const;

/**
 * Every broker names the groups it coordinates, so nobody has to be asked where a group lives: two
 * requests a broker, one a group, and one more a broker for the ends. The ends are read last, so a
 * busy group's lag is never below what it was.
 */
export async function groupLags(session: KafkaSession, wanted: readonly string[]): Promise<GroupLag[]> {
  const kept = (await session.start([offsetsTopic])).topics.find(({ name }) => name === offsetsTopic);
  // Where offsets are kept without a leader, groups are missing from every list.
  const headless = kept?.partitions.filter(({ leader }) => leader < 0).length ?? 0;
  if (wanted.length === 0 && headless > 0) throw incomplete(headless, kept?.partitions.length ?? 0);
  const links = await session.brokers();
  const found = (await Promise.all(links.map((link) => groupsOf(link, wanted)))).flat();
  const names = [...new Set(found.flatMap((group) => [...group.topics]))];
  const topics = names.length === 0 ? [] : (await session.metadata(names)).topics;
  const ends = await offsetsOf(session, topics, "end");
  const byTopic = new Map(
    await Promise.all(topics.map(async (topic) => [topic.name, await endsOf(topic, ends)] as const)),
  );
  const lags = found.map((group) => lagOf(group, byTopic));
  const absent = wanted.filter((name) => !found.some(({ group }) => group === name));
  // To ask who keeps a group would make the topic that keeps them.
  const missing = kept?.error === unknownTopic ? absent : await deadGroups(session, absent);
  const dead = missing.map((group) => ({ ...noGroup, group }));
  return [...lags, ...dead].toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

async function groupsOf(link: Link, wanted: readonly string[]): Promise<Committed[]> {
  const listed = await link.send(await listGroups());
  await throwRefused(`Kafka broker ${link.address}`, listed.error);
  const names = listed.groups
    .filter(({ group, type }) => (wanted.length === 0 ? readers.has(type) : wanted.includes(group)))
    .map(({ group }) => group);
  if (names.length === 0) return [];
  const described = await link.send(await describeGroups(names));
  return await Promise.all(
    described.map(async (entry) => {
      const { group } = entry;
      await throwRefused(`group ${group}`, entry.error);
      const committed = await link.send(await readCommitted(group));
      await throwRefused(`group ${group}`, committed.error);
      const { protocol, state, members } = await alive(link, entry);
      const offsets = byPartition(committed.entries);
      const topics = new Set([
        ...offsets.keys(),
        ...members.flatMap(({ assigned }) => assigned.map(({ topic }) => topic)),
      ]);
      return { group, protocol, state, clients: members, offsets, topics };
    }),
  );
}

/** A group that is listed and yet described as dead is one of the new protocol, which has its own question. */
export async function alive(
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

/** A broker lists only what one may see and what it has loaded, so a group is dead only if its own broker says so. */
async function deadGroups(session: KafkaSession, names: readonly string[]): Promise<readonly string[]> {
  await Promise.all(
    names.map(async (name) => {
      const link = await session.coordinator(name);
      const [described] = await link.send(await describeGroups([name]));
      await throwRefused(`group ${name}`, described?.error ?? 0);
    }),
  );
  return names;
}

function incomplete(headless: number, all: number): FailureError {
  const message = `${headless} of ${all} partitions of ${offsetsTopic} have no leader, so groups are missing from its list; name the groups to read`;
  return new FailureError({ type: "rejected", target: "Kafka", message, code: "GROUPS_MISSING" });
}

/** What is known of a topic's ends. */
interface Ends {
  /** By partition, in order; undefined: without a leader there is no end to compare with. */
  readonly partitions: ReadonlyMap<number, bigint | undefined>;
  /** Why not all of its partitions are known. */
  readonly refused: string | undefined;
}

async function endsOf({ name, error, partitions }: TopicMetadata, ends: Offsets): Promise<Ends> {
  const ordered = partitions.toSorted((a, b) => a.partition - b.partition);
  return {
    partitions: new Map(ordered.map(({ partition }) => [partition, ends.get(at(name, partition))?.offset])),
    refused: error === 0 ? undefined : failureText((await topicRefusal(name, error)).failure),
  };
}

function byPartition(entries: readonly OffsetEntry[]): Map<string, Map<number, bigint>> {
  const offsets = new Map<string, Map<number, bigint>>();
  for (const { topic, partition, offset } of entries) {
    const own = offsets.get(topic) ?? new Map<number, bigint>();
    offsets.set(topic, own.set(partition, offset));
  }
  return offsets;
}

function lagOf(group: Committed, ends: ReadonlyMap<string, Ends>): GroupLag {
  const partitions: GroupPartitionLag[] = [];
  const unmeasured: UnmeasuredPartition[] = [];
  for (const topic of [...group.topics].toSorted()) {
    const offsets = group.offsets.get(topic);
    const known = ends.get(topic);
    for (const [partition, end] of known?.partitions ?? []) {
      if (end === undefined) {
        unmeasured.push({ topic, partition, why: "it has no leader" });
        continue;
      }
      const committed = offsets?.get(partition) ?? -1n;
      const lag = committed < 0n ? undefined : end - committed;
      partitions.push({ topic, partition, committed, end, lag });
    }
    const gone = [...(offsets?.keys() ?? [])].filter(
      (partition) => known?.partitions.has(partition) !== true,
    );
    const why = known?.refused ?? "it is not among the topic's partitions";
    if (gone.length === 0 && known?.refused !== undefined)
      unmeasured.push({ topic, partition: undefined, why });
    for (const partition of gone) unmeasured.push({ topic, partition, why });
  }
  const { protocol, state, clients } = group;
  return { group: group.group, protocol, state, members: clients.length, clients, partitions, unmeasured };
}
