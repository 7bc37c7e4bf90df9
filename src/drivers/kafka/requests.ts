import type { Call } from "kafkajs/src/network/connection.js";
import type Decoder from "kafkajs/src/protocol/decoder.js";
import type Encoder from "kafkajs/src/protocol/encoder.js";

/** The requests that are sent, each at one version that Kafka 3.0 to 4.x all speak. None of them writes. */
export const apis = {
  ListOffsets: { key: 2, version: 7 },
  Metadata: { key: 3, version: 6 },
  OffsetFetch: { key: 9, version: 4 },
  DescribeGroups: { key: 15, version: 2 },
  ListGroups: { key: 16, version: 2 },
  ApiVersions: { key: 18, version: 2 },
  ConsumerGroupDescribe: { key: 69, version: 0 },
} as const;

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

export interface Metadata {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly clusterId: string;
  readonly controller: number;
  readonly topics: readonly TopicMetadata[];
}

export interface TopicMetadata {
  readonly error: number;
  readonly name: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
}

export interface PartitionMetadata {
  readonly error: number;
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface OffsetEntry {
  readonly topic: string;
  readonly partition: number;
  readonly error: number;
  readonly offset: bigint;
  /** Milliseconds since 1970; -1n when the broker has none. Only of ListOffsets. */
  readonly timestamp: bigint;
}

export interface GroupEntry {
  readonly error: number;
  readonly group: string;
  readonly state: string;
  readonly assignments: readonly (Buffer | null)[];
}

export async function readVersions(): Promise<Call<Map<number, VersionRange>>> {
  return await call(
    "ApiVersions",
    () => {},
    (d) => {
      const error = d.readInt16();
      if (error !== 0) throw new Error(`it refused to say what it speaks (error ${error})`);
      const entries = d.readArray(() => [d.readInt16(), { min: d.readInt16(), max: d.readInt16() }] as const);
      return new Map(entries);
    },
  );
}

/** Metadata of the named topics, or of all with `all`. Never creates a topic. */
export async function readMetadata(topics: readonly string[] | "all"): Promise<Call<Metadata>> {
  return await call(
    "Metadata",
    (e) => {
      e.writeInt32(topics === "all" ? -1 : topics.length);
      if (topics !== "all") for (const topic of topics) e.writeString(topic);
      e.writeBoolean(false);
    },
    (d) => {
      d.readInt32();
      const brokers = d.readArray(() => {
        const broker = { id: d.readInt32(), host: d.readString() ?? "", port: d.readInt32() };
        d.readString();
        return broker;
      });
      const clusterId = d.readString() ?? "";
      return { brokers, clusterId, controller: d.readInt32(), topics: d.readArray(topicMetadata) };
    },
  );
}

function topicMetadata(d: Decoder): TopicMetadata {
  const ids = (): number[] => d.readArray(() => d.readInt32());
  return {
    error: d.readInt16(),
    name: d.readString() ?? "",
    internal: d.readBoolean(),
    partitions: d.readArray(() => {
      const head = { error: d.readInt16(), partition: d.readInt32(), leader: d.readInt32() };
      const sets = { replicas: ids(), isr: ids() };
      ids(); // offline replicas
      return { ...head, ...sets };
    }),
  };
}

/** What ListOffsets is asked for: `newest` is the largest timestamp of any message kept. */
export type OffsetQuestion = "start" | "end" | "newest";
const questions = { start: "-2", end: "-1", newest: "-3" } as const;

/** All of it committed or not, as the broker's own tools count. */
export async function readOffsets(
  topics: ReadonlyMap<string, readonly number[]>,
  question: OffsetQuestion,
): Promise<Call<OffsetEntry[]>> {
  return await call(
    "ListOffsets",
    (e) => {
      e.writeInt8(0).writeInt32(-1).writeInt8(0);
      e.writeUVarInt(topics.size + 1);
      for (const [topic, partitions] of topics) {
        e.writeUVarIntString(topic).writeUVarInt(partitions.length + 1);
        for (const partition of partitions) {
          e.writeInt32(partition).writeInt32(-1).writeInt64(questions[question]).writeInt8(0);
        }
        e.writeInt8(0);
      }
      e.writeInt8(0);
    },
    (d) => {
      d.readTaggedFields();
      d.readInt32();
      const entries: OffsetEntry[] = [];
      d.readUVarIntArray(() => {
        const topic = d.readUVarIntString() ?? "";
        d.readUVarIntArray(() => {
          const head = { topic, partition: d.readInt32(), error: d.readInt16() };
          const timestamp = BigInt(d.readInt64().toString());
          entries.push({ ...head, timestamp, offset: BigInt(d.readInt64().toString()) });
          d.readInt32();
          d.readTaggedFields();
        });
        d.readTaggedFields();
      });
      return entries;
    },
  );
}

export async function listGroups(): Promise<Call<{ error: number; groups: string[] }>> {
  return await call(
    "ListGroups",
    () => {},
    (d) => {
      d.readInt32();
      const error = d.readInt16();
      const groups = d.readArray(() => {
        const group = d.readString() ?? "";
        return { group, type: d.readString() ?? "" };
      });
      // Kafka Connect's workers are groups as well, and have no offsets of their own.
      return { error, groups: groups.filter((g) => g.type !== "connect").map((g) => g.group) };
    },
  );
}

export async function describeGroups(groups: readonly string[]): Promise<Call<GroupEntry[]>> {
  return await call(
    "DescribeGroups",
    (e) => {
      e.writeInt32(groups.length);
      for (const group of groups) e.writeString(group);
    },
    (d) => {
      d.readInt32();
      return d.readArray(() => {
        const head = { error: d.readInt16(), group: d.readString() ?? "", state: d.readString() ?? "" };
        d.readString(); // protocol type
        d.readString(); // protocol
        const assignments = d.readArray(() => {
          for (let i = 0; i < 3; i += 1) d.readString(); // member, client, host
          d.readBytes(); // subscription
          return d.readBytes();
        });
        return { ...head, assignments };
      });
    },
  );
}

/** State and number of members of one group of the protocol of KIP-848; the rest is not read. */
export async function describeConsumerGroup(
  group: string,
): Promise<Call<{ error: number; state: string; members: number }>> {
  return await call(
    "ConsumerGroupDescribe",
    (e) => {
      e.writeInt8(0).writeUVarInt(2).writeUVarIntString(group).writeBoolean(false).writeInt8(0);
    },
    (d) => {
      d.readTaggedFields();
      d.readInt32();
      d.readUVarInt();
      const error = d.readInt16();
      d.readUVarIntString();
      d.readUVarIntString();
      const state = d.readUVarIntString() ?? "";
      d.readInt32();
      d.readInt32();
      d.readUVarIntString();
      return { error, state, members: Math.max(0, d.readUVarInt() - 1) };
    },
  );
}

/** Every offset that a group has committed. */
export async function readCommitted(group: string): Promise<Call<{ error: number; entries: OffsetEntry[] }>> {
  return await call(
    "OffsetFetch",
    (e) => {
      e.writeString(group).writeInt32(-1);
    },
    (d) => {
      d.readInt32();
      const entries: OffsetEntry[] = [];
      d.readArray(() => {
        const topic = d.readString() ?? "";
        d.readArray(() => {
          const partition = d.readInt32();
          const offset = BigInt(d.readInt64().toString());
          d.readString();
          entries.push({ topic, partition, offset, timestamp: -1n, error: d.readInt16() });
        });
      });
      return { error: d.readInt16(), entries };
    },
  );
}

async function call<T>(
  name: keyof typeof apis,
  write: (encoder: Encoder) => void,
  read: (decoder: Decoder) => T,
): Promise<Call<T>> {
  const [{ default: NewEncoder }, { default: NewDecoder }] = await Promise.all([
    import("kafkajs/src/protocol/encoder.js"),
    import("kafkajs/src/protocol/decoder.js"),
  ]);
  const { key, version } = apis[name];
  return {
    request: {
      apiKey: key,
      apiVersion: version,
      apiName: name,
      encode: async () => {
        const encoder = new NewEncoder();
        write(encoder);
        return encoder;
      },
    },
    response: {
      decode: async (payload) => read(new NewDecoder(payload)),
      parse: async (decoded) => decoded,
    },
  };
}
