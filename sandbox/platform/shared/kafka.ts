import { setTimeout as wait } from "node:timers/promises";
import { Kafka, logLevel, Partitioners, type Consumer, type EachBatchPayload } from "../../kafkajs.ts";
import { lookAtGroup, type GroupLook } from "./group.ts";
import { messageOf, type Log } from "./log.ts";
import type { Settings } from "./settings.ts";

export interface Message {
  readonly key?: string;
  readonly value: unknown;
  /** By the key when left out. */
  readonly partition?: number;
  /** Epoch milliseconds; now when left out. */
  readonly timestamp?: number;
}

/** What a consumer's handler gets: a partition's messages, and the ways to keep its place. */
export interface Batch {
  readonly partition: number;
  readonly messages: readonly { readonly offset: string; readonly value: unknown }[];
  /** The member is still there; false from now on when it is to stop. */
  readonly beat: () => Promise<boolean>;
  /** Everything up to and with this offset is done. */
  readonly commit: (offset: string) => Promise<void>;
}

export interface Bus {
  send(topic: string, messages: readonly Message[]): Promise<void>;
  /** What the broker has of a group on a topic. */
  group(group: string, topic: string): Promise<GroupLook>;
  /** Deletes every message of a topic. */
  empty(topic: string): Promise<void>;
  /** Throws when the cluster does not answer or the producer is not connected. */
  readonly check: () => Promise<void>;
  consume(group: string, topic: string, handle: (batch: Batch) => Promise<void>): void;
  /** Whether each consumer that was started is a member of its group now. */
  readonly joined: ReadonlyMap<string, boolean>;
  stop(): Promise<void>;
}

/** Milliseconds for a consumer that is joining its group to be in it. */
const joinMs = 1500;

/** A producer and consumers that connect when the broker is there, and again when it comes back. */
export function openBus(settings: Settings, log: Log): Bus {
  const kafka = new Kafka({
    clientId: `${settings.service}@${settings.instance}`,
    brokers: [...settings.brokers],
    connectionTimeout: 3000,
    requestTimeout: 5000,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    metadataMaxAge: 5000,
  });
  const admin = kafka.admin();
  const stopping = new AbortController();
  const ends = new Set<() => Promise<void>>();
  const beginnings = new Set<Promise<void>>();
  const joined = new Map<string, boolean>();
  let connected = false;
  // Short, so that a member that was killed soon holds its group up no more.
  let sessionMs = 3000;

  const untilDone = async (what: string, attempt: () => Promise<void>): Promise<void> => {
    let last = "";
    while (!stopping.signal.aborted) {
      try {
        await attempt();
        return;
      } catch (error) {
        const message = messageOf(error);
        if (message !== last) log("warn", `kafka: ${what} failed, trying again`, { error: message });
        last = message;
        await wait(200, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };
  const begin = (what: string, attempt: () => Promise<void>): void => {
    const begun = untilDone(what, attempt).finally(() => beginnings.delete(begun));
    beginnings.add(begun);
  };
  begin("connecting", async () => {
    await Promise.all([producer.connect(), admin.connect()]);
    connected = true;
  });
  let mending: Promise<void> | undefined;
  const mend = async (): Promise<void> => {
    await Promise.allSettled([producer.disconnect(), admin.disconnect()]);
    await untilDone("connecting again", async () => {
      await Promise.all([producer.connect(), admin.connect()]);
    });
  };

  return {
    joined,
    async send(topic, messages) {
      if (!connected) throw new Error("the producer is not connected");
      await producer.send({
        topic,
        messages: messages.map(({ key, value, partition, timestamp }) => ({
          key: key ?? null,
          value: JSON.stringify(value),
          ...(partition === undefined ? {} : { partition }),
          ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
        })),
      });
    },
    group: async (group, topic) => await lookAtGroup(admin, group, topic),
    async empty(topic) {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.deleteTopicRecords({ topic, partitions });
    },
    async check() {
      if (!connected) throw new Error("the producer is not connected");
      try {
        await admin.describeCluster();
      } catch (error) {
        // The library holds on to connections that a broker which stood still let go.
        mending ??= mend().finally(() => (mending = undefined));
        throw error;
      }
    },
    consume(group, topic, handle) {
      joined.set(group, false);
      const attempt = async (): Promise<void> => {
        const consumer = kafka.consumer({
          groupId: group,
          sessionTimeout: sessionMs,
          heartbeatInterval: Math.floor(sessionMs / 4),
          rebalanceTimeout: sessionMs,
          // Messages are answered with at once; what waits is a program that stops, and a fetch costs both sides.
          maxWaitTimeInMs: 500,
          metadataMaxAge: 5000,
          allowAutoTopicCreation: false,
          retry: {
            initialRetryTime: 100,
            maxRetryTime: 500,
            retries: 3,
            restartOnFailure: async () => !stopping.signal.aborted,
          },
        });
        let over = false;
        // One that was joining again as it was told to leave comes to life afterwards, and nobody else would end it.
        consumer.on(consumer.events.FETCH_START, () => {
          if (over) void consumer.disconnect().catch(() => {});
        });
        const settled = new AbortController();
        consumer.on(consumer.events.GROUP_JOIN, () => {
          joined.set(group, true);
          settled.abort();
        });
        consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
          joined.set(group, false);
          settled.abort();
          log("warn", `kafka: consuming ${topic} was interrupted`, { error: messageOf(error) });
          // Brokers take no session under 6 s unless they are told to.
          if ("type" in error && error.type === "INVALID_SESSION_TIMEOUT") sessionMs = 6000;
          if (restart) return;
          ends.delete(end);
          void end().catch(() => {});
          begin(`consuming ${topic}`, attempt);
        });
        const end = async (): Promise<void> => {
          // In the middle of joining there is nothing to leave yet, and a moment later a member that nobody ends.
          await wait(joinMs, undefined, { signal: settled.signal }).catch(() => {});
          over = true;
          await consumer.disconnect();
        };
        try {
          await consumer.connect();
          await consumer.subscribe({ topic, fromBeginning: true });
          await consumer.run({
            autoCommit: false,
            eachBatchAutoResolve: false,
            partitionsConsumedConcurrently: 6,
            eachBatch: async (payload) => await handle(batchOf(consumer, payload, stopping.signal)),
          });
        } catch (error) {
          settled.abort();
          await end().catch(() => {});
          throw error;
        }
        ends.add(end);
      };
      begin(`consuming ${topic}`, attempt);
    },
    async stop() {
      stopping.abort();
      // What is just beginning would go on after the end.
      await Promise.allSettled(beginnings);
      await Promise.allSettled([...ends].map(async (end) => await end()));
      await Promise.allSettled([producer.disconnect(), admin.disconnect()]);
    },
  };
}

function batchOf(consumer: Consumer, payload: EachBatchPayload, stopping: AbortSignal): Batch {
  const { topic, partition, messages } = payload.batch;
  return {
    partition,
    messages: messages.map(({ offset, value }) => ({ offset, value: parsed(value) })),
    async beat() {
      await payload.heartbeat();
      return payload.isRunning() && !payload.isStale() && !stopping.aborted;
    },
    async commit(offset) {
      payload.resolveOffset(offset);
      const next = String(BigInt(offset) + 1n);
      await consumer.commitOffsets([{ topic, partition, offset: next }]);
    },
  };
}

/** The message as JSON; what is not JSON, as text. */
function parsed(value: Buffer | null): unknown {
  if (value === null) return null;
  const text = value.toString("utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
