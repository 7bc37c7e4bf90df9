import type { Result } from "../base/result.ts";

export interface TopicPartition {
  readonly partition: number;
  /** Broker id; -1 when the partition has none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** First offset kept, and the offset the next message will get. */
  readonly start: bigint;
  readonly end: bigint;
}

export interface TopicState {
  readonly name: string;
  readonly partitions: readonly TopicPartition[];
  /** Timestamp of the newest message of all partitions; undefined when the topic is empty. */
  readonly newest: Date | undefined;
}

export interface GroupMember {
  readonly member: string;
  readonly client: string;
  /** As the broker writes it: `/10.0.0.7`. */
  readonly host: string;
  readonly assigned: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

export interface GroupLag {
  readonly group: string;
  /** How its members share partitions: `consumer` is the protocol of KIP-848; `none` when there is no such group. */
  readonly protocol: "classic" | "consumer" | "none";
  /** The protocol's own word: Stable, Empty, Dead, PreparingRebalance, Reconciling, … */
  readonly state: string;
  readonly members: number;
  readonly clients: readonly GroupMember[];
  /** Those of which both ends were read. */
  readonly partitions: readonly GroupPartitionLag[];
  /** Those that it reads or has committed on, of which nobody can say how far it is behind. */
  readonly unmeasured: readonly UnmeasuredPartition[];
}

export interface UnmeasuredPartition {
  readonly topic: string;
  /** Undefined where not even the topic's partitions are known. */
  readonly partition: number | undefined;
  /** "it has no leader". */
  readonly why: string;
}

export interface GroupPartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** -1n: never committed. */
  readonly committed: bigint;
  readonly end: bigint;
  /** end − committed. Negative when the two reads straddled a commit. Undefined when never committed. */
  readonly lag: bigint | undefined;
}

export interface KafkaCluster {
  readonly brokers: readonly { readonly id: number; readonly address: string }[];
  readonly controller: number | undefined;
  readonly clusterId: string;
}

export interface TopicSetting {
  readonly name: string;
  /** Undefined when the broker does not tell it. */
  readonly value: string | undefined;
  /** Set on the topic itself; otherwise it is the cluster's or Kafka's own. */
  readonly overridden: boolean;
  /** What it is without the topic's own value; undefined when the broker does not tell it. */
  readonly fallback: string | undefined;
}

export interface TopicMessage {
  readonly partition: number;
  readonly offset: bigint;
  /** Undefined where the producer gave none. */
  readonly time: Date | undefined;
  readonly key: Uint8Array | undefined;
  /** Undefined in a tombstone. */
  readonly value: Uint8Array | undefined;
  readonly headers: readonly (readonly [string, Uint8Array | undefined])[];
}

export interface TopicMessages {
  /** The newest first. */
  readonly messages: readonly TopicMessage[];
  /** Offsets that an open transaction holds back, in the partitions that were read. */
  readonly pending: bigint;
  /** Messages whose compression is not read. */
  readonly unread: number;
  /** There are more messages than could be read within the driver's bound. */
  readonly truncated: boolean;
  /** Partitions without a leader, of which nothing is read. */
  readonly offline: readonly number[];
}

/** Offsets of a topic by partition. */
export type TopicOffsets = ReadonlyMap<number, bigint>;

export interface Kafka {
  /** `host:port,host:port` for a plan. */
  readonly target: string;
  cluster(signal: AbortSignal): Promise<Result<KafkaCluster>>;
  topics(signal: AbortSignal): Promise<Result<readonly string[]>>;
  topic(name: string, signal: AbortSignal): Promise<Result<TopicState>>;
  /** Lag of the named groups, or of all groups when none is named. */
  lag(groups: readonly string[], signal: AbortSignal): Promise<Result<readonly GroupLag[]>>;
  /** The first offset kept, the next one, or that of the first message of this time or later (the next one when none is). */
  offsets(topic: string, at: "start" | "end" | Date, signal: AbortSignal): Promise<Result<TopicOffsets>>;
  /** The newest that are committed, at most so many; joins no group and moves no offset. */
  messages(topic: string, count: number, signal: AbortSignal): Promise<Result<TopicMessages>>;
  settings(topic: string, signal: AbortSignal): Promise<Result<readonly TopicSetting[]>>;
  /** Only these settings change; null takes the topic's own value away. */
  alterSettings(
    topic: string,
    changes: ReadonlyMap<string, string | null>,
    signal: AbortSignal,
  ): Promise<Result<void>>;
  /** Commits for a group without members; -1n takes a committed offset away. A group with members is refused by Kafka. */
  commit(group: string, topic: string, offsets: TopicOffsets, signal: AbortSignal): Promise<Result<void>>;
  /** Deletes the messages before these offsets, for good. @returns the first offsets kept now. */
  deleteRecords(topic: string, before: TopicOffsets, signal: AbortSignal): Promise<Result<TopicOffsets>>;
}
