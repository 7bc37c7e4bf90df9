import type { Call } from "kafkajs/src/network/connection.js";
import type { TopicSetting } from "../../ports/kafka.ts";
import { kafkaCall, readBigInt } from "./wire.ts";

/** Kafka's number for "a topic" among the things that have settings. */
const ofTopic = 2;
/** Kafka's number for "set on this topic itself". */
const ownSetting = 1;

export interface SettingsReply {
  readonly error: number;
  readonly message: string | null;
  readonly settings: readonly TopicSetting[];
}

export async function readSettings(topic: string): Promise<Call<SettingsReply>> {
  return await kafkaCall(
    "DescribeConfigs",
    (e) => {
      e.writeInt32(1).writeInt8(ofTopic).writeString(topic).writeInt32(-1).writeBoolean(true);
    },
    (d) => {
      d.readInt32();
      const [reply] = d.readArray(() => {
        const head = { error: d.readInt16(), message: d.readString() };
        d.readInt8();
        d.readString();
        const settings = d.readArray(() => {
          const name = d.readString() ?? "";
          const value = d.readString() ?? undefined;
          d.readBoolean(); // read-only
          const overridden = d.readInt8() === ownSetting;
          d.readBoolean(); // sensitive: its value is not told
          const synonyms = d.readArray(() => ({
            name: d.readString() ?? "",
            value: d.readString() ?? undefined,
            source: d.readInt8(),
          }));
          // Kafka's own value is not among them where the cluster says nothing, as is common for retention.ms.
          const below = synonyms.find(
            ({ source, value: said }) => source !== ownSetting && said !== undefined,
          );
          const fallback = overridden ? below && inMilliseconds(below) : value;
          return { name, value, overridden, fallback };
        });
        return { ...head, settings };
      });
      if (reply === undefined) throw new Error("its reply lacks the topic");
      return reply;
    },
  );
}

/** A topic counts in milliseconds what the cluster may count in hours: retention.ms, log.retention.hours. */
function inMilliseconds(setting: {
  readonly name: string;
  readonly value: string | undefined;
}): string | undefined {
  const unit = setting.name.endsWith(".hours") ? 3_600_000 : setting.name.endsWith(".minutes") ? 60_000 : 1;
  const { value } = setting;
  return value === undefined || unit === 1 || Number(value) < 0 ? value : String(Number(value) * unit);
}

/** Null takes the topic's own value away. Settings that are not named stay as they are. */
export async function writeSettings(
  topic: string,
  changes: ReadonlyMap<string, string | null>,
): Promise<Call<{ error: number; message: string | null }>> {
  return await kafkaCall(
    "IncrementalAlterConfigs",
    (e) => {
      e.writeInt32(1).writeInt8(ofTopic).writeString(topic).writeInt32(changes.size);
      for (const [name, value] of changes) {
        e.writeString(name)
          .writeInt8(value === null ? 1 : 0)
          .writeString(value);
      }
      e.writeBoolean(false);
    },
    (d) => {
      d.readInt32();
      const [reply] = d.readArray(() => {
        const head = { error: d.readInt16(), message: d.readString() };
        d.readInt8();
        d.readString();
        return head;
      });
      if (reply === undefined) throw new Error("its reply lacks the topic");
      return reply;
    },
  );
}

/** One partition's part of an answer. */
export interface PartitionReply {
  readonly partition: number;
  readonly error: number;
}

/** As nobody's member, which only a group without members lets through, whatever its protocol. */
export async function commitOffsets(
  group: string,
  topic: string,
  offsets: ReadonlyMap<number, bigint>,
): Promise<Call<PartitionReply[]>> {
  return await kafkaCall(
    "OffsetCommit",
    (e) => {
      e.writeString(group).writeInt32(-1).writeString("");
      e.writeInt32(1).writeString(topic).writeInt32(offsets.size);
      for (const [partition, offset] of offsets) {
        e.writeInt32(partition).writeInt64(String(offset)).writeInt32(-1).writeString("");
      }
    },
    (d) => {
      d.readInt32();
      return d
        .readArray(() => {
          d.readString();
          return d.readArray(() => ({ partition: d.readInt32(), error: d.readInt16() }));
        })
        .flat();
    },
  );
}

/** Makes a group one that has never committed on these partitions. */
export async function deleteOffsets(
  group: string,
  topic: string,
  partitions: readonly number[],
): Promise<Call<{ error: number; partitions: PartitionReply[] }>> {
  return await kafkaCall(
    "OffsetDelete",
    (e) => {
      e.writeString(group).writeInt32(1).writeString(topic).writeInt32(partitions.length);
      for (const partition of partitions) e.writeInt32(partition);
    },
    (d) => {
      const error = d.readInt16();
      d.readInt32();
      const replies = d.readArray(() => {
        d.readString();
        return d.readArray(() => ({ partition: d.readInt32(), error: d.readInt16() }));
      });
      return { error, partitions: replies.flat() };
    },
  );
}

/** @param within milliseconds that the broker may wait for the replicas. */
export async function deleteRecords(
  topic: string,
  before: ReadonlyMap<number, bigint>,
  within: number,
): Promise<Call<(PartitionReply & { readonly start: bigint })[]>> {
  return await kafkaCall(
    "DeleteRecords",
    (e) => {
      e.writeInt32(1).writeString(topic).writeInt32(before.size);
      for (const [partition, offset] of before) e.writeInt32(partition).writeInt64(String(offset));
      e.writeInt32(within);
    },
    (d) => {
      d.readInt32();
      return d
        .readArray(() => {
          d.readString();
          return d.readArray(() => {
            const partition = d.readInt32();
            const start = readBigInt(d);
            return { partition, start, error: d.readInt16() };
          });
        })
        .flat();
    },
  );
}
