import type { GroupLag, Kafka, TopicMessages, TopicSetting, TopicState } from "../../../src/ports/kafka.ts";

/** One topic of a cluster as a test wants it: what its kinds would read. */
export interface World {
  readonly starts?: readonly bigint[];
  readonly ends?: readonly bigint[];
  readonly newest?: Date;
  /** Offset of the first message from a date on, by partition. */
  readonly from?: readonly bigint[];
  readonly settings?: readonly TopicSetting[];
  readonly groups?: readonly GroupLag[];
  readonly messages?: TopicMessages;
}

const none: TopicMessages = { messages: [], pending: 0n, unread: 0, truncated: false, offline: [] };

/** A Kafka that answers from `world` and takes no change. */
export function kafkaOf({ starts = [0n], ends = [0n], ...world }: World): Kafka {
  const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
  const byPartition = (offsets: readonly bigint[]): ReadonlyMap<number, bigint> =>
    new Map(offsets.map((offset, partition) => [partition, offset]));
  const state = (name: string): TopicState => ({
    name,
    newest: world.newest,
    partitions: ends.map((end, partition) => ({
      partition,
      leader: 1,
      replicas: [1],
      isr: [1],
      start: starts[partition] ?? 0n,
      end,
    })),
  });
  const never = async (): Promise<never> => {
    throw new Error("this Kafka takes no change");
  };
  return {
    target: "kafka.local:9092",
    cluster: async () => ok({ brokers: [], controller: undefined, clusterId: "x" }),
    topics: async () => ok([]),
    topic: async (name) => ok(state(name)),
    lag: async (names) =>
      ok((world.groups ?? []).filter(({ group }) => names.length === 0 || names.includes(group))),
    offsets: async (_topic, at) =>
      ok(byPartition(at === "start" ? starts : at === "end" ? ends : (world.from ?? ends))),
    messages: async () => ok(world.messages ?? none),
    settings: async () => ok(world.settings ?? settings({})),
    alterSettings: never,
    commit: never,
    deleteRecords: never,
  };
}

/** A topic's settings, these of its own over Kafka's. */
export function settings(own: Readonly<Record<string, string>>): TopicSetting[] {
  const defaults = {
    "cleanup.policy": "delete",
    "max.message.bytes": "1048588",
    "retention.bytes": "-1",
    "retention.ms": "604800000",
  };
  return Object.entries({ ...defaults, ...own }).map(([name, value]) => ({
    name,
    value,
    overridden: Object.hasOwn(own, name),
    fallback: Object.entries(defaults).find(([known]) => known === name)?.[1],
  }));
}

/** A group without members that has committed these offsets on one topic; -1n is never. */
export function group(
  name: string,
  topic: string,
  committed: readonly bigint[],
  more: Partial<GroupLag> = {},
): GroupLag {
  return {
    group: name,
    protocol: "classic",
    state: "Empty",
    members: 0,
    clients: [],
    partitions: committed.map((offset, partition) => ({
      topic,
      partition,
      committed: offset,
      end: 0n,
      lag: undefined,
    })),
    unmeasured: [],
    ...more,
  };
}
