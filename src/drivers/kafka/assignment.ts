/**
 * Topics named in a member's assignment, in the form every consumer uses: a version (int16), then a
 * list of topics with their partitions. Empty for what is not of this form: some Kafka tools keep
 * bytes of their own there.
 */
export function assignedTopics(assignment: Buffer | null): string[] {
  if (assignment === null || assignment.length < 6) return [];
  const topics: string[] = [];
  try {
    let offset = 6;
    for (let left = assignment.readInt32BE(2); left > 0; left -= 1) {
      const length = assignment.readInt16BE(offset);
      offset += 2;
      topics.push(assignment.toString("utf8", offset, offset + length));
      offset += length;
      offset += 4 + 4 * assignment.readInt32BE(offset);
    }
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
  return topics;
}
