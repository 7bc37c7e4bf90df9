import { AssignerProtocol, type Admin } from "../../kafkajs.ts";

/** A consumer group on a topic, as the broker has it. */
export interface GroupLook {
  readonly state: string;
  /** The partitions of each member, which is known by its instance. */
  readonly members: readonly { readonly instance: string; readonly partitions: readonly number[] }[];
  readonly partitions: readonly {
    readonly partition: number;
    readonly end: number;
    /** -1 when nothing was ever committed. */
    readonly committed: number;
  }[];
}

/** The ends are asked first: what was written then and is committed now is done, whatever came meanwhile. */
export async function lookAtGroup(admin: Admin, groupId: string, topic: string): Promise<GroupLook> {
  const ends = await admin.fetchTopicOffsets(topic);
  const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const [group] = (await admin.describeGroups([groupId])).groups;
  const committed = new Map(
    (offsets?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]),
  );
  return {
    state: group?.state ?? "Dead",
    members: (group?.members ?? []).map(({ clientId, memberAssignment }) => ({
      instance: clientId.slice(clientId.indexOf("@") + 1),
      partitions: AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [],
    })),
    partitions: ends
      .map(({ partition, high }) => ({
        partition,
        end: Number(high),
        committed: committed.get(partition) ?? -1,
      }))
      .toSorted((a, b) => a.partition - b.partition),
  };
}

/** What keeps the group from being at rest: its state, and partitions that nobody reads. */
export function restless(group: string, { state, members, partitions }: GroupLook): string[] {
  if (state !== "Stable") return [`group ${group} is ${state}`];
  const read = new Set(members.flatMap((member) => member.partitions));
  const left = partitions.filter(({ partition }) => !read.has(partition)).map(({ partition }) => partition);
  return left.length === 0 ? [] : [`nobody of group ${group} reads partition ${left.join(", ")}`];
}

/** Messages that were written and are not committed, on all partitions. */
export function lagOf({ partitions }: GroupLook): number {
  return partitions.reduce((sum, { end, committed }) => sum + Math.max(0, end - Math.max(0, committed)), 0);
}
