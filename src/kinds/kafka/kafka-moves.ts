import type { TopicOffsets, TopicPartition } from "../../ports/kafka.ts";
import { larger } from "./kafka-unread.ts";
import { counted } from "../format.ts";

/** Where a group stands on a topic, and where it shall stand. */
export interface Moving {
  readonly partitions: readonly TopicPartition[];
  /** Committed now, and then; -1n for never. */
  readonly before: TopicOffsets;
  readonly targets: TopicOffsets;
}

interface Move {
  readonly skipped: bigint;
  readonly replayed: bigint;
}

/** A group that never committed begins, by most settings, at the first message: that is what it is compared with. */
export function movesOf({ partitions, before, targets }: Moving): readonly Move[] {
  return partitions.flatMap(({ partition, start, end }) => {
    const target = targets.get(partition);
    if (target === undefined) return [];
    const place = (committed: bigint): bigint =>
      committed < start ? start : committed > end ? end : committed;
    const [from, to] = [place(before.get(partition) ?? -1n), place(target)];
    return [{ skipped: larger(to - from, 0n), replayed: larger(from - to, 0n) }];
  });
}

export function sum(moves: readonly Move[], what: keyof Move): bigint {
  return moves.reduce((total, move) => total + move[what], 0n);
}

/** What a group skips and reads again, for a person. */
export function moveLines(group: string, topic: string, moving: Moving): readonly string[] {
  const moves = movesOf(moving);
  const [skipped, replayed] = [sum(moves, "skipped"), sum(moves, "replayed")];
  const on = (what: keyof Move): string =>
    counted(moves.filter((move) => move[what] > 0n).length, "partition");
  return [
    ...(skipped > 0n
      ? [`group ${group} skips ${counted(skipped, "unread message")} on ${on("skipped")}`]
      : []),
    ...(replayed > 0n
      ? [`group ${group} reads ${counted(replayed, "message")} on ${on("replayed")} again`]
      : []),
    ...(skipped + replayed === 0n
      ? [`group ${group} skips no message of topic ${topic} and reads none again`]
      : []),
    ...outside(moving),
  ];
}

/** Offsets that are not in the topic: the consumer's own `auto.offset.reset` decides there. */
function outside({ partitions, targets }: Moving): readonly string[] {
  return partitions.flatMap(({ partition, start, end }) => {
    const target = targets.get(partition) ?? start;
    if (target >= start && target <= end) return [];
    const what =
      target < 0n ? "is never committed then" : `offset ${target} is not kept (${start} to ${end} is)`;
    return [`partition ${partition}: ${what}, so the group begins where its auto.offset.reset says`];
  });
}
