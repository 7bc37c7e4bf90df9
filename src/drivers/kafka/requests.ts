import type { Call } from "kafkajs/src/network/connection.js";
import type Decoder from "kafkajs/src/protocol/decoder.js";
import { kafkaCall, type VersionRange, readBigInt } from "./wire.ts";

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

export async function readVersions(): Promise<Call<Map<number, VersionRange>>> {
  return await kafkaCall(
    "ApiVersions",
    () => {},
    (d) => {
      const error = d.readInt16();
      if (error !== 0) throw new Error(`it refused to list its protocol versions (error ${error})`);
      const entries = d.readArray(() => [d.readInt16(), { min: d.readInt16(), max: d.readInt16() }] as const);
      return new Map(entries);
    },
  );
}

/** Metadata of the named topics, or of all with `all`. Never creates a topic. */
export async function readMetadata(topics: readonly string[] | "all"): Promise<Call<Metadata>> {
  return await kafkaCall(
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

/** What ListOffsets is asked for: `newest` is the largest timestamp of any message kept, a date the first message from then on. */
export type OffsetQuestion = "start" | "end" | "newest" | Date;
const questions = { start: "-2", end: "-1", newest: "-3" } as const;

/** All of it committed or not, as the broker's own tools count. */
export async function readOffsets(
  topics: ReadonlyMap<string, readonly number[]>,
  question: OffsetQuestion,
): Promise<Call<OffsetEntry[]>> {
  const asked = question instanceof Date ? String(question.getTime()) : questions[question];
  return await kafkaCall(
    "ListOffsets",
    (e) => {
      e.writeInt8(0).writeInt32(-1).writeInt8(0);
      e.writeUVarInt(topics.size + 1);
      for (const [topic, partitions] of topics) {
        e.writeUVarIntString(topic).writeUVarInt(partitions.length + 1);
        for (const partition of partitions) {
          e.writeInt32(partition).writeInt32(-1).writeInt64(asked).writeInt8(0);
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
          const timestamp = readBigInt(d);
          entries.push({ ...head, timestamp, offset: readBigInt(d) });
          d.readInt32();
          d.readTaggedFields();
        });
        d.readTaggedFields();
      });
      return entries;
    },
  );
}

/** Offers a login by this mechanism; by none (an empty one), it only says which it takes. */
export async function offerLogin(
  mechanism: string,
): Promise<Call<{ readonly error: number; readonly mechanisms: readonly string[] }>> {
  return await kafkaCall(
    "SaslHandshake",
    (e) => {
      e.writeString(mechanism);
    },
    (d) => ({ error: d.readInt16(), mechanisms: d.readArray(() => d.readString() ?? "") }),
  );
}

/** One message of a login, as its mechanism has it, and what is said to it. */
export async function authenticate(
  bytes: Buffer,
): Promise<Call<{ readonly error: number; readonly message: string | null; readonly bytes: Buffer }>> {
  return await kafkaCall(
    "SaslAuthenticate",
    (e) => {
      e.writeBytes(bytes);
    },
    (d) => ({ error: d.readInt16(), message: d.readString(), bytes: d.readBytes() ?? Buffer.alloc(0) }),
  );
}
