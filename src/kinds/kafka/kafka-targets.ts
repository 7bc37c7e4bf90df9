import { formatDuration } from "../../base/duration.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { TopicOffsets, TopicState } from "../../ports/kafka.ts";
import type { Ports } from "../../ports/ports.ts";
import { shown } from "../format.ts";

/** Where in a topic a group shall stand: one of these. */
export interface Where {
  readonly to?: "latest" | "earliest";
  readonly time?: string;
  /** Milliseconds. */
  readonly ago?: number;
  readonly offsets?: Readonly<Record<string, string>>;
}

/** Kafka counts in 64 bits. */
const largest = 2n ** 63n - 1n;

/** Completes "set to …" in a plan, where values may not be known yet. */
export function whereTo(args: Readonly<Record<string, unknown>>): string {
  const { to, time, ago, offsets } = args;
  if (typeof offsets === "object" && offsets !== null) {
    const each = Object.entries(offsets).map(([partition, offset]) => `${partition}: ${shown(offset)}`);
    return `offset ${each.join(", ")}`;
  }
  if (offsets !== undefined) return `offset ${shown(offsets)}`;
  if (time !== undefined) return `the first message of ${shown(time)}`;
  if (ago !== undefined) return `${typeof ago === "number" ? formatDuration(ago) : shown(ago)} ago`;
  return shown(to);
}

/** The exact offset of each partition, now. */
export async function targetsOf(
  where: Where & { readonly topic: string; readonly partitions?: readonly number[] },
  topic: TopicState,
  ports: Ports,
  signal: AbortSignal,
): Promise<Result<TopicOffsets>> {
  const wrong = (message: string): Result<never> =>
    fail({ type: "argument", target: `topic ${where.topic}`, message, effect: "none" });
  const given = [where.to, where.time, where.ago, where.offsets].filter((one) => one !== undefined);
  if (given.length !== 1) return wrong("give one of to, time, ago and offsets");
  for (const [partition, offset] of Object.entries(where.offsets ?? {})) {
    if (!/^\d{1,9}$/.test(partition)) return wrong(`${partition} is not the number of a partition`);
    if (BigInt(offset) > largest) return wrong(`${offset} is beyond any offset`);
  }
  const known = new Map(topic.partitions.map((partition) => [partition.partition, partition]));
  const wanted =
    where.offsets === undefined
      ? (where.partitions ?? [...known.keys()])
      : Object.keys(where.offsets).map(Number);
  if (where.offsets !== undefined && where.partitions !== undefined) {
    return wrong("offsets name their partitions; leave partitions out");
  }
  for (const partition of wanted) {
    const one = known.get(partition);
    if (one === undefined) return wrong(`it has no partition ${partition}; it has 0 to ${known.size - 1}`);
    // Where it begins and ends cannot be read, so what would be skipped cannot be shown.
    if (one.leader < 0) {
      const message = `partition ${partition} has no leader`;
      return fail({
        type: "rejected",
        target: `topic ${where.topic}`,
        message,
        code: "NO_LEADER",
        effect: "none",
      });
    }
  }
  if (where.offsets !== undefined) {
    return ok(new Map(Object.entries(where.offsets).map(([key, offset]) => [Number(key), BigInt(offset)])));
  }
  const all = await offsetsAt(where, topic, ports, signal, wrong);
  if (!all.ok) return all;
  return ok(new Map(wanted.map((partition) => [partition, all.value.get(partition) ?? 0n])));
}

async function offsetsAt(
  { to, time, ago }: Where,
  topic: TopicState,
  ports: Ports,
  signal: AbortSignal,
  wrong: (message: string) => Result<never>,
): Promise<Result<TopicOffsets>> {
  if (to !== undefined) {
    return ok(
      new Map(
        topic.partitions.map(({ partition, start, end }) => [partition, to === "latest" ? end : start]),
      ),
    );
  }
  const when = time === undefined ? new Date(ports.clock.now().getTime() - (ago ?? 0)) : new Date(time);
  if (
    Number.isNaN(when.getTime()) ||
    (time !== undefined && !/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/.test(time))
  ) {
    return wrong(`${JSON.stringify(time)} is not a time with its zone, such as 2026-03-01T12:00:00Z`);
  }
  if (when > ports.clock.now()) return wrong(`${when.toISOString()} is in the future`);
  return await ports.kafka.offsets(topic.name, when, signal);
}
