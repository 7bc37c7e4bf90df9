import type { Json } from "../../base/json.ts";
import type { TopicOffsets } from "../../ports/kafka.ts";

/** Offsets as text: a journal is read back as JSON, whose numbers are exact to 53 bits only. */
export function writtenOffsets(offsets: TopicOffsets): { readonly [partition: string]: string } {
  return Object.fromEntries([...offsets].map(([partition, offset]) => [String(partition), String(offset)]));
}

/** The offsets that a capture recorded under this name; none when it did not. */
export function recordedOffsets(before: Json, name: string): TopicOffsets {
  const all = typeof before === "object" && before !== null ? Object.entries(before) : [];
  const part: unknown = all.find(([key]) => key === name)?.[1];
  if (typeof part !== "object" || part === null) return new Map();
  return new Map(
    Object.entries(part).flatMap(([partition, offset]: [string, unknown]) =>
      typeof offset === "string" && /^-?\d+$/.test(offset) ? [[Number(partition), BigInt(offset)]] : [],
    ),
  );
}

/** Every partition of `these` has the same offset in `those`, where one that is not there was never committed. */
export function sameOffsets(these: TopicOffsets, those: TopicOffsets): boolean {
  return [...these].every(([partition, offset]) => (those.get(partition) ?? -1n) === offset);
}
