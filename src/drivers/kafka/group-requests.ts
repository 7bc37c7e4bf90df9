import type { Call } from "kafkajs/src/network/connection.js";
import type Decoder from "kafkajs/src/protocol/decoder.js";
import type { GroupMember } from "../../ports/kafka.ts";
import { assignments } from "./assignment.ts";
import type { OffsetEntry } from "./requests.ts";
import { kafkaCall, readBigInt, skipString } from "./wire.ts";

export interface GroupEntry {
  readonly error: number;
  readonly group: string;
  readonly state: string;
  readonly members: readonly GroupMember[];
}

/** What the group speaks: `consumer` for consumers of either protocol, empty where only offsets were committed. */
export async function listGroups(): Promise<
  Call<{ error: number; groups: readonly { readonly group: string; readonly type: string }[] }>
> {
  return await kafkaCall(
    "ListGroups",
    () => {},
    (d) => {
      d.readInt32();
      const error = d.readInt16();
      const groups = d.readArray(() => ({ group: d.readString() ?? "", type: d.readString() ?? "" }));
      return { error, groups };
    },
  );
}

export async function describeGroups(groups: readonly string[]): Promise<Call<GroupEntry[]>> {
  return await kafkaCall(
    "DescribeGroups",
    (e) => {
      e.writeInt32(groups.length);
      for (const group of groups) e.writeString(group);
    },
    (d) => {
      d.readInt32();
      return d.readArray(() => {
        const head = { error: d.readInt16(), group: d.readString() ?? "", state: d.readString() ?? "" };
        const reads = d.readString() === "consumer";
        d.readString(); // how they share
        const members = d.readArray(() => {
          const names = {
            member: d.readString() ?? "",
            client: d.readString() ?? "",
            host: d.readString() ?? "",
          };
          d.readBytes(); // subscription
          const assignment = d.readBytes();
          return { ...names, assigned: assignments(reads ? assignment : null) };
        });
        return { ...head, members };
      });
    },
  );
}

/** One group of the protocol of KIP-848, which DescribeGroups calls dead. */
export async function describeConsumerGroup(group: string): Promise<Call<GroupEntry>> {
  return await kafkaCall(
    "ConsumerGroupDescribe",
    (e) => {
      e.writeInt8(0).writeUVarInt(2).writeUVarIntString(group).writeBoolean(false).writeInt8(0);
    },
    (d) => {
      d.readTaggedFields();
      d.readInt32();
      d.readUVarInt(); // one group
      const error = d.readInt16();
      d.readUVarIntString(); // its message
      d.readUVarIntString(); // its name
      const state = d.readUVarIntString() ?? "";
      d.readInt32(); // epoch of the group
      d.readInt32(); // epoch of its assignment
      d.readUVarIntString(); // assignor
      const members = d.readUVarIntArray(() => consumerMember(d)) ?? [];
      return { error, group, state, members };
    },
  );
}

function consumerMember(d: Decoder): GroupMember {
  const member = d.readUVarIntString() ?? "";
  d.readUVarIntString(); // instance
  d.readUVarIntString(); // rack
  d.readInt32(); // epoch
  const client = d.readUVarIntString() ?? "";
  const host = d.readUVarIntString() ?? "";
  d.readUVarIntArray(() => d.readUVarIntString()); // subscription
  d.readUVarIntString(); // subscription as a pattern
  const assigned = consumerAssignment(d);
  consumerAssignment(d); // where it is going
  d.readTaggedFields();
  return { member, client, host, assigned };
}

function consumerAssignment(d: Decoder): GroupMember["assigned"] {
  const topics = d.readUVarIntArray(() => {
    readBigInt(d); // the topic's id, in two halves
    readBigInt(d);
    const topic = d.readUVarIntString() ?? "";
    const partitions = d.readUVarIntArray(() => d.readInt32()) ?? [];
    d.readTaggedFields();
    return { topic, partitions };
  });
  d.readTaggedFields();
  return topics ?? [];
}

/** Every offset that a group has committed. */
export async function readCommitted(group: string): Promise<Call<{ error: number; entries: OffsetEntry[] }>> {
  return await kafkaCall(
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
          const offset = readBigInt(d);
          skipString(d);
          entries.push({ topic, partition, offset, timestamp: -1n, error: d.readInt16() });
        });
      });
      return { error: d.readInt16(), entries };
    },
  );
}

export interface Coordinator {
  readonly error: number;
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export async function findCoordinator(group: string): Promise<Call<Coordinator>> {
  return await kafkaCall(
    "FindCoordinator",
    (e) => {
      e.writeString(group).writeInt8(0);
    },
    (d) => {
      d.readInt32();
      const error = d.readInt16();
      d.readString();
      return { error, id: d.readInt32(), host: d.readString() ?? "", port: d.readInt32() };
    },
  );
}
