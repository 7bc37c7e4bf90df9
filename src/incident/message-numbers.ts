import type { Placed } from "./order.ts";

/**
 * What each message of an incident is known by in its text: `4`, its how-manieth in its desk's chain. Another desk's
 * carries that desk's name, and one that had to go before it was on record carries the number that it went by. So no
 * record that comes later changes one: what is looked for at a provider is what was sent.
 * @param all everything in order
 * @param before how many messages its one chain had before that
 * @returns by the message's key
 */
export function messageNumbers(all: readonly Placed[], before = 0): ReadonlyMap<string, string> {
  const home = all[0]?.record.desk;
  const numbers = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { key, number, desk } of queuedIn(all).toSorted((a, b) => a.seq - b.seq)) {
    if (numbers.has(key)) continue;
    const count = (counts.get(desk) ?? before) + 1;
    counts.set(desk, count);
    numbers.set(key, number ?? (desk === home ? `${count}` : `${desk}-${count}`));
  }
  return numbers;
}

function queuedIn(all: readonly Placed[]) {
  return all.flatMap(({ read, record: { desk, seq } }) =>
    read?.type === "message.queued" ? [{ desk, seq, key: read.data.key, number: read.data.number }] : [],
  );
}
