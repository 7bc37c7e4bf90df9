import type { GroupLag, TopicOffsets, TopicPartition } from "../../ports/kafka.ts";
import { counted } from "../format.ts";

/** How a group stands to the messages of one topic before some offsets. */
export interface Unread {
  readonly group: string;
  readonly unread: bigint;
}

/** The part of a group that is about one topic; groups that have nothing to do with it are left out. */
export function readersOf(topic: string, groups: readonly GroupLag[]): readonly GroupLag[] {
  return groups
    .map((group) => ({ ...group, partitions: group.partitions.filter((one) => one.topic === topic) }))
    .filter(({ partitions }) => partitions.length > 0);
}

/** Messages that are kept before `cut`; counted as offsets. */
export function messagesBefore(partitions: readonly TopicPartition[], cut: TopicOffsets): bigint {
  return partitions.reduce(
    (sum, { partition, start }) => sum + ahead(start, cut.get(partition) ?? start),
    0n,
  );
}

/** Of these, what each group of the topic has not read; the most first. A group that never committed has read none. */
export function unreadBefore(
  readers: readonly GroupLag[],
  partitions: readonly TopicPartition[],
  cut: TopicOffsets,
): readonly Unread[] {
  const starts = new Map(partitions.map(({ partition, start }) => [partition, start]));
  return readers
    .map(({ group, partitions: read }) => {
      const unread = read.reduce((sum, { partition, committed }) => {
        const start = starts.get(partition) ?? 0n;
        return sum + ahead(larger(committed, start), cut.get(partition) ?? start);
      }, 0n);
      return { group, unread };
    })
    .toSorted((a, b) => (a.unread === b.unread ? 0 : a.unread > b.unread ? -1 : 1));
}

/** `group risk-warden has not read 300 of them`, or that everybody has read all. */
export function unreadLines(unread: readonly Unread[]): readonly string[] {
  if (unread.length === 0) return ["no group reads this topic"];
  const behind = unread.filter((one) => one.unread > 0n);
  const done = unread.filter((one) => one.unread === 0n).map(({ group }) => group);
  return [
    ...behind.map((one) => `group ${one.group} has not read ${counted(one.unread, "message")} of them`),
    ...(done.length === 0 ? [] : [`all of them read by: ${done.join(", ")}`]),
  ];
}

export function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function ahead(from: bigint, to: bigint): bigint {
  return larger(to - from, 0n);
}
