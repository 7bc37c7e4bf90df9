import { ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { jsonOf } from "../../language/json-text.ts";
import { defaulted, integer, object, required, text } from "../../language/shape.ts";
import type { TopicMessage } from "../../ports/kafka.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { ageOf, isFromFuture } from "./message-age.ts";

interface Args {
  readonly topic: string;
  readonly count: number;
  readonly max_bytes: number;
}

interface Outputs {
  readonly count: number;
  readonly messages: readonly Message[];
  readonly newest?: Date;
  readonly newest_age?: number;
  readonly from_future: boolean;
  readonly pending: bigint;
  readonly unread: number;
  readonly offline: number;
  readonly truncated: boolean;
}

/** A message as expressions see it. */
interface Message {
  readonly partition: number;
  readonly offset: bigint;
  readonly time?: Date;
  readonly age_ms?: number;
  readonly key?: string;
  /** Bytes of its value; 0 of a tombstone. */
  readonly size: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly json?: unknown;
}

export const kafkaRead: Kind = defineKind<Args, Outputs>({
  name: "kafka.read",
  summary: "The newest messages of a topic",
  doc: [
    "Reads the newest messages without joining a group: nobody's offsets move, and no consumer is rebalanced. Newest is by time over all partitions, and by offset in each of them; after compaction it looks further back.",
    "As a consumer that reads what is committed: messages of a transaction that was given up are left out, and what an open one holds back is counted in `pending`. At most 32 MiB are read; `truncated` says that there were more messages than they had room for. Messages in a compression that lav-ir does not read (snappy, lz4, zstd) are counted in `unread`.",
    "A message without a value (a tombstone) has no `text`. An empty topic has a `count` of 0.",
    "`newest_age` is missing when nothing was read, and when the newest timestamp lies in the future: a producer's clock is wrong then, and no age would be true. `from_future` says which of the two it is; a message of the future has no `age_ms` either.",
  ].join("\n\n"),
  effect: "read",
  args: object(
    {
      topic: required(text(), "The topic's name"),
      count: defaulted(integer({ min: 1, max: 1000 }), 10, "How many messages, at most"),
      max_bytes: defaulted(
        integer({ min: 0, max: 1_048_576 }),
        1024,
        "Bytes of a message's text that are kept",
      ),
    },
    { primary: "topic" },
  ),
  outputs: {
    count: { type: "int", doc: "Messages that were read" },
    messages: {
      type: "list<dyn>",
      doc: "The newest first: partition, offset, time, age_ms, key, size (bytes of the value), headers, text (its first `max_bytes`), json where the whole text is that",
    },
    newest: { type: "timestamp", doc: "Time of the newest of them", optional: true },
    newest_age: { type: "duration", doc: "Time since then", optional: true },
    from_future: { type: "bool", doc: "The newest timestamp is more than a second ahead of this clock" },
    pending: { type: "int", doc: "Offsets that an open transaction holds back" },
    unread: { type: "int", doc: "Messages in a compression that is not read" },
    offline: { type: "int", doc: "Partitions without a leader: nothing of them was read" },
    truncated: { type: "bool", doc: "There were more, and no room to read them" },
  },
  store: "kafka",
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  plan: ({ topic, count }, { kafka }) =>
    `kafka.read: read the newest ${shown(count)} messages of topic ${shown(topic)} from Kafka at ${kafka}`,
  byHand: ({ topic, count }, { kafka }) =>
    shellLine(
      ["kcat", "-C", "-b", kafka, "-t", shown(topic), "-o", `-${shown(count)}`].concat([
        "-e",
        "-q",
        "-f",
        "%T %p %o %k %s\\n",
      ]),
    ),
  execute: async ({ topic, count, max_bytes: maxBytes }, { ports, signal }) => {
    const read = await ports.kafka.messages(topic, count, signal);
    if (!read.ok) return read;
    const { messages, pending, unread, truncated, offline } = read.value;
    const now = ports.clock.now();
    const times = messages.flatMap(({ time }) => time?.getTime() ?? []);
    const newest = times.length === 0 ? undefined : new Date(Math.max(...times));
    const age = ageOf(newest, now);
    return ok({
      count: messages.length,
      messages: await Promise.all(messages.map((message) => shownMessage(message, now, maxBytes))),
      ...(newest === undefined ? {} : { newest }),
      ...(age === undefined ? {} : { newest_age: age }),
      from_future: isFromFuture(newest, now),
      pending,
      unread,
      offline: offline.length,
      truncated,
    });
  },
});

async function shownMessage(
  { partition, offset, time, key, value, headers }: TopicMessage,
  now: Date,
  maxBytes: number,
): Promise<Message> {
  const age = ageOf(time, now);
  const whole = value !== undefined && value.length <= maxBytes;
  const full = value === undefined ? undefined : textOf(value, maxBytes);
  const json = whole && full !== undefined ? await jsonOf(full, false) : undefined;
  return {
    partition,
    offset,
    ...(time === undefined ? {} : { time }),
    ...(age === undefined ? {} : { age_ms: age }),
    ...(key === undefined ? {} : { key: textOf(key, maxBytes) }),
    size: value?.length ?? 0,
    headers: Object.fromEntries(
      headers.map(([name, bytes]) => [name, textOf(bytes ?? new Uint8Array(), maxBytes)]),
    ),
    ...(full === undefined ? {} : { text: full }),
    ...(json === undefined ? {} : { json: json.value }),
  };
}

/** What is not UTF-8 is replaced; a character that the limit cuts is left out. */
function textOf(bytes: Uint8Array, most: number): string {
  const kept = Buffer.from(bytes.subarray(0, most)).toString("utf8");
  return bytes.length > most ? kept.replace(/\uFFFD{1,3}$/, "") : kept;
}
