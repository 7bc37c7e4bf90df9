import type { GroupMember } from "../../ports/kafka.ts";

/**
 * A member's assignment in the form every consumer uses: a version (int16), then a list of topics with
 * their partitions. Empty for what is not of this form: some Kafka tools keep bytes of their own there.
 */
export function assignments(bytes: Buffer | null): GroupMember["assigned"] {
  if (bytes === null || bytes.length < 6) return [];
  const assigned: { topic: string; partitions: number[] }[] = [];
  let offset = 2;
  const int32 = (): number => {
    offset += 4;
    return bytes.readInt32BE(offset - 4);
  };
  try {
    for (let topics = int32(); topics > 0; topics -= 1) {
      const length = bytes.readInt16BE(offset);
      if (length < 0) return [];
      offset += 2 + length;
      const topic = bytes.toString("utf8", offset - length, offset);
      const partitions: number[] = [];
      for (let left = int32(); left > 0; left -= 1) partitions.push(int32());
      assigned.push({ topic, partitions });
    }
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
  return assigned;
}
