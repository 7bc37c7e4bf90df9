import type { TopicMessage, TopicMessages } from "../../ports/kafka.ts";
import { FailureError, messageOf } from "../network.ts";
import { Moved, refusalOf, throwRefused } from "./errors.ts";
import { fetchFrom, type Fetched } from "./fetch.ts";
import { at, offsetsOf } from "./offsets.ts";
import { readBatches, type RecordBatch } from "./record-batch.ts";
import type { TopicMetadata } from "./requests.ts";
import type { KafkaSession } from "./session.ts";
import { topicMetadata } from "./topic.ts";

// The newest messages of a topic, read without a group. A topic has no order over its partitions but time, so each
// partition says the time of its newest message (ListOffsets, no message is read), and they are read in that order, the
// newest first, until the next can have none that belongs to them. In a partition it goes backwards in windows: where
// compaction or transactions left gaps, a window has fewer messages than offsets, and the next one is larger.

/** Bytes that one fetch asks for; a batch that is longer comes whole. */
const perFetch = 1_048_576;
/** Bytes read for one question, over all partitions. */
const mostBytes = 32 * 1_048_576;
/** Offsets of the first window, which is read whole; each further one is four times as wide. */
const firstWindow = 10;
const offsetOutOfRange = 1;

interface Budget {
  left: number;
}

export async function newestMessages(
  session: KafkaSession,
  name: string,
  count: number,
): Promise<TopicMessages> {
  const topic = await topicMetadata(session, name);
  const [starts, ends, newest] = await Promise.all([
    offsetsOf(session, [topic], "start"),
    offsetsOf(session, [topic], "end"),
    offsetsOf(session, [topic], "newest"),
  ]);
  const partitions = topic.partitions
    .map(({ partition }) => {
      const key = at(name, partition);
      const start = starts.get(key)?.offset ?? 0n;
      return {
        partition,
        start,
        end: ends.get(key)?.offset ?? start,
        newest: newest.get(key)?.timestamp ?? -1n,
      };
    })
    .filter(({ start, end }) => end > start)
    .toSorted((a, b) => compare(b.newest, a.newest) || a.partition - b.partition);
  const budget: Budget = { left: mostBytes };
  let found: TopicMessage[] = [];
  let [pending, unread, truncated] = [0n, 0, false];
  for (const place of partitions) {
    const least = found[count - 1];
    if (least !== undefined && place.newest < BigInt(least.time?.getTime() ?? -1)) break;
    if (budget.left <= 0) {
      truncated = true;
      break;
    }
    const read = await new PartitionReader(session, topic, place, budget).newest(count);
    pending += read.pending;
    unread += read.unread;
    truncated ||= read.truncated;
    found = [...found, ...read.messages].toSorted(newestFirst).slice(0, count);
  }
  const offline = topic.partitions.filter(({ leader }) => leader < 0).map(({ partition }) => partition);
  return { messages: found, pending, unread, truncated, offline };
}

/** By time, and in one partition by offset where times are equal. */
function newestFirst(a: TopicMessage, b: TopicMessage): number {
  const times = (b.time?.getTime() ?? -1) - (a.time?.getTime() ?? -1);
  return times || a.partition - b.partition || compare(b.offset, a.offset);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface PartitionPlace {
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

interface PartitionRead {
  readonly messages: readonly TopicMessage[];
  readonly pending: bigint;
  readonly unread: number;
  readonly truncated: boolean;
}

class PartitionReader {
  private readonly session: KafkaSession;
  private readonly topic: TopicMetadata;
  private readonly place: PartitionPlace;
  private readonly budget: Budget;
  /** Offsets that an open transaction holds back. */
  private pending = 0n;
  private unread = 0;

  constructor(session: KafkaSession, topic: TopicMetadata, place: PartitionPlace, budget: Budget) {
    this.session = session;
    this.topic = topic;
    this.place = place;
    this.budget = budget;
  }

  async newest(count: number): Promise<PartitionRead> {
    const { start, end } = this.place;
    let messages: readonly TopicMessage[] = [];
    let [upper, width] = [end, BigInt(Math.min(count, firstWindow))];
    while (messages.length < count && upper > start) {
      const lower = upper - width > start ? upper - width : start;
      const window = await this.between(lower, upper, upper === end);
      // Of one that is not whole, the newest are missing.
      if (window === undefined) break;
      messages = [...window, ...messages];
      [upper, width] = [lower, width * 4n];
    }
    const truncated = messages.length < count && upper > start;
    const { pending, unread } = this;
    return { messages: messages.slice(-count), pending, unread, truncated };
  }

  /** The messages from one offset to before another; undefined where there is no room for all of them. */
  private async between(
    lower: bigint,
    upper: bigint,
    isFirst: boolean,
  ): Promise<readonly TopicMessage[] | undefined> {
    const messages: TopicMessage[] = [];
    for (let offset = lower; offset < upper;) {
      if (this.budget.left <= 0 && !isFirst) return undefined;
      const fetched = await this.fetch(offset);
      this.budget.left -= fetched.bytes.length;
      const batches = this.batches(fetched);
      const last = batches.at(-1);
      if (fetched.stable < fetched.end) this.pending = fetched.end - fetched.stable;
      // Behind the last one there is nothing, or what an open transaction holds back.
      if (last === undefined || last.last < offset) break;
      for (const batch of committed(batches, fetched.aborted)) {
        if (batch.records === undefined) this.unread += batch.count;
        for (const record of batch.records ?? []) {
          if (record.offset < offset || record.offset >= upper) continue;
          const time = record.time < 0n ? undefined : new Date(Number(record.time));
          messages.push({ ...record, partition: this.place.partition, time });
        }
      }
      offset = last.last + 1n;
    }
    return messages;
  }

  private async fetch(offset: bigint): Promise<Fetched> {
    const { partition } = this.place;
    const { name: topic } = this.topic;
    const target = `partition ${partition} of topic ${topic}`;
    const leader = this.topic.partitions.find((one) => one.partition === partition)?.leader ?? -1;
    const link = await this.session.broker(leader);
    const fetched = await link.send(await fetchFrom({ topic, partition, offset }, perFetch));
    // What was there a moment ago has been deleted: from its first offset it is another question.
    if (fetched.error === offsetOutOfRange) throw new Moved(await refusalOf(target, fetched.error));
    await throwRefused(target, fetched.error);
    return fetched;
  }

  private batches({ bytes }: Fetched): readonly RecordBatch[] {
    try {
      return readBatches(bytes);
    } catch (error) {
      const target = `partition ${this.place.partition} of topic ${this.topic.name}`;
      throw new FailureError({ type: "unreadable", target, message: messageOf(error) });
    }
  }
}

/** Without what was given up, and without the marks that end a transaction. */
function committed(batches: readonly RecordBatch[], aborted: Fetched["aborted"]): readonly RecordBatch[] {
  const waiting = aborted.toSorted((a, b) => compare(a.from, b.from));
  const gone = new Set<bigint>();
  return batches.filter((batch) => {
    while (waiting[0] !== undefined && waiting[0].from <= batch.last) {
      gone.add(waiting[0].producer);
      waiting.shift();
    }
    if (batch.control !== undefined) {
      if (batch.control === "abort") gone.delete(batch.producer);
      return false;
    }
    return !(batch.transactional && gone.has(batch.producer));
  });
}
