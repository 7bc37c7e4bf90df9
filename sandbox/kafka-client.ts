import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { failureText } from "../src/base/failure.ts";
import type { Result } from "../src/base/result.ts";
import { createKafka } from "../src/drivers/kafka/kafka.ts";
import { KafkaSession } from "../src/drivers/kafka/session.ts";
import { startChild, type Child } from "./child.ts";
import { javaOptions } from "./kafka-java.ts";
import { Kafka, logLevel, type Admin, type Consumer, type Producer } from "./kafkajs.ts";

/** What a test does to a cluster as the platform's services would: topics, messages, groups. */
export interface KafkaClient {
  readonly admin: Admin;
  /** For what the rest has no word for. */
  readonly kafka: Kafka;
  topic(name: string, options?: TopicOptions): Promise<void>;
  /** @param messages by partition; a date is a message's timestamp. */
  send(topic: string, partition: number, messages: readonly (string | Date)[]): Promise<void>;
  /** Commits for a group that nobody is a member of. */
  commit(group: string, topic: string, offsets: Readonly<Record<number, bigint | number>>): Promise<void>;
  /** A member of a group of the classic protocol, with its partitions assigned. */
  member(group: string, topic: string): Promise<{ leave(): Promise<void> }>;
  stop(): Promise<void>;
}

export interface TopicOptions {
  readonly partitions?: number;
  readonly replicas?: number;
  readonly config?: Readonly<Record<string, string>>;
}

export async function kafkaClient(brokers: string): Promise<KafkaClient> {
  const kafka = new Kafka({
    clientId: "test",
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  const producer: Producer = kafka.producer({ retry: { retries: 8 } });
  await Promise.all([admin.connect(), producer.connect()]);
  const consumers: Consumer[] = [];
  const ours = createKafka({ brokers });
  return {
    admin,
    kafka,
    async topic(name, { partitions = 1, replicas = 1, config = {} } = {}) {
      await admin.createTopics({
        // It gives up where the broker it asks has not heard of the topic yet.
        waitForLeaders: false,
        topics: [
          {
            topic: name,
            numPartitions: partitions,
            replicationFactor: replicas,
            configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
          },
        ],
      });
      // Its offsets are read from its leaders, so that there are some once this is answered.
      await untilOk(async () => await ours.topic(name, AbortSignal.timeout(60_000)));
    },
    async send(topic, partition, messages) {
      const record = {
        topic,
        messages: messages.map((message) =>
          typeof message === "string"
            ? { partition, value: message }
            : { partition, value: "x", timestamp: String(message.getTime()) },
        ),
      };
      await onceHosted(async () => await producer.send(record));
    },
    async commit(group, topic, offsets) {
      const exact = new Map(Object.entries(offsets).map(([key, offset]) => [Number(key), BigInt(offset)]));
      // The first commit of a cluster makes the topic that keeps them.
      await untilOk(async () => await ours.commit(group, topic, exact, AbortSignal.timeout(60_000)));
    },
    async member(group, topic) {
      const consumer = kafka.consumer({ groupId: group, sessionTimeout: 10_000, maxWaitTimeInMs: 100 });
      consumers.push(consumer);
      const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
      await consumer.connect();
      await consumer.subscribe({ topics: [topic] });
      await consumer.run({ autoCommit: false, eachMessage: async () => {} });
      await joined;
      return { leave: async () => await consumer.disconnect() };
    },
    async stop() {
      await Promise.all(consumers.map((consumer) => consumer.disconnect()));
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

/**
 * The partition's leader may hear of its topic after the broker that was asked for it. It says so and takes
 * nothing, so that sending again doubles no message; kafkajs gives up at the first.
 */
async function onceHosted(send: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    try {
      await send();
      return;
    } catch (error) {
      const unheard = (error as { readonly type?: unknown }).type === "UNKNOWN_TOPIC_OR_PARTITION";
      if (!unheard || performance.now() > until) throw error;
      await delay(100);
    }
  }
}

/** For a minute at most: on a busy machine a thousand partitions take their time. */
async function untilOk(attempt: () => Promise<Result<unknown>>): Promise<void> {
  const until = performance.now() + 60_000;
  for (;;) {
    const done = await attempt();
    if (done.ok) return;
    const passing = done.failure.type === "rejected" || done.failure.type === "missing";
    if (performance.now() > until || !passing) {
      throw new Error(failureText(done.failure));
    }
    await delay(100);
  }
}

/** A member of a group of the protocol of KIP-848: Kafka's own consumer. It has read `first` when this resolves. */
export async function joinNewProtocol(
  libs: string,
  brokers: string,
  { group, topic, first }: { readonly group: string; readonly topic: string; readonly first: string },
): Promise<Child> {
  const properties = ["group.protocol=consumer", "enable.auto.commit=false", "auto.offset.reset=earliest"];
  return await startChild({
    command: [
      "java",
      ...javaOptions,
      "-cp",
      join(libs, "*"),
      "org.apache.kafka.tools.consumer.ConsoleConsumer",
      `--bootstrap-server=${brokers}`,
      `--topic=${topic}`,
      `--group=${group}`,
      ...properties.flatMap((property) => ["--consumer-property", property]),
    ],
    cwd: "/",
    ready: new RegExp(first),
  });
}

/** A member of a group that is none of consumers, as a worker of Kafka Connect is. @returns how it leaves. */
export async function joinConnect(brokers: string, group: string): Promise<() => void> {
  const [{ default: Encoder }, { default: Decoder }] = await Promise.all([
    import("kafkajs/src/protocol/encoder.js"),
    import("kafkajs/src/protocol/decoder.js"),
  ]);
  const session = new KafkaSession({ brokers });
  await session.start([]);
  const link = await session.coordinator(group);
  const error = await link.send({
    request: {
      apiKey: 11,
      apiVersion: 2,
      apiName: "JoinGroup",
      encode: async () =>
        new Encoder()
          .writeString(group)
          .writeInt32(30_000)
          .writeInt32(30_000)
          .writeString("")
          .writeString("connect")
          .writeInt32(1)
          .writeString("sessioned")
          .writeInt32(0),
    },
    response: {
      decode: async (payload: Buffer) => {
        const decoder = new Decoder(payload);
        decoder.readInt32();
        return decoder.readInt16();
      },
      parse: async (decoded: number) => decoded,
    },
  });
  if (error !== 0) session.close();
  if (error !== 0) throw new Error(`joining failed with ${error}`);
  return () => session.close();
}
