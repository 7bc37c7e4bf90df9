import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../tools/places.ts";
import { kafkaController, kafkaListeners } from "./compose-file.ts";
import { formatStorage, serverProperties, type KafkaVersion } from "./kafka.ts";
import { Kafka, logLevel, type Admin } from "./kafkajs.ts";

interface Topic {
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

const topicsFile = new URL("platform/topics.json", import.meta.url);
/** For a broker to take requests, and for one request to show in what it lists; in milliseconds. */
const patience = 120_000;
const soon = 20_000;

/** `server.properties` of the broker in its container, published on `port`. */
export function brokerSettings(port: number): string {
  return serverProperties({
    node: 1,
    listeners: kafkaListeners(port),
    controller: kafkaController,
    data: "/var/lib/kafka",
    config: {
      // A member that was killed must not hold its group up for the length of a session.
      "group.min.session.timeout.ms": "1000",
      // A busy machine must not make the only broker look lost.
      "broker.session.timeout.ms": "9000",
      // Nothing is written where nothing happens: twice a second it would be.
      "metadata.max.idle.interval.ms": "0",
      "log.cleaner.dedupe.buffer.size": "2097152",
    },
  });
}

/** A formatted data folder, made once for each version and copied into every new container. */
export async function formattedFolder(version: KafkaVersion, libs: string): Promise<string> {
  const folder = join(cacheFolder("kafka", version), "formatted");
  if (existsSync(folder)) return folder;
  const work = `${folder}-${process.pid}`;
  mkdirSync(work, { recursive: true });
  const settings = `${work}.properties`;
  try {
    const listeners = kafkaListeners(9094);
    writeFileSync(
      settings,
      serverProperties({ node: 1, listeners, controller: kafkaController, data: work }),
    );
    await formatStorage(libs, settings);
    renameSync(work, folder);
  } finally {
    rmSync(settings, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Topics of the platform, and no others; no messages, no groups. Waits until the broker answers. */
export async function seedKafka(port: number): Promise<void> {
  const wanted = readTopics();
  // A broker that has just begun resets connections, and is not yet the leader of what it has: from the start
  // again then, which whatever was done does not hinder.
  await until(patience, async () => await withAdmin(port, async (admin) => await seed(admin, wanted)));
}

async function seed(admin: Admin, wanted: Readonly<Record<string, Topic>>): Promise<void> {
  await removeGroups(admin);
  const present = (await admin.listTopics()).filter((topic) => !topic.startsWith("__"));
  if (present.length > 0) await admin.deleteTopics({ topics: present });
  const topics = Object.entries(wanted).map(([topic, { partitions, config }]) => ({
    topic,
    numPartitions: partitions,
    configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
  }));
  // A deleted topic's name is free a moment later, and a new one is known a moment after it was made.
  await until(soon, async () => {
    const left = (await admin.listTopics()).filter((topic) => present.includes(topic));
    if (left.length > 0) throw new Error(`topics are still there: ${left.join(", ")}`);
  });
  if (topics.length === 0) return;
  await admin.createTopics({ topics, waitForLeaders: false });
  await until(soon, async () => {
    const found = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
    for (const { name, partitions } of found.topics) {
      const led = partitions.filter(({ leader }) => leader >= 0).length;
      const count = wanted[name]?.partitions ?? 0;
      if (led < count) throw new Error(`${name}: ${led} of ${count} partitions have a leader`);
    }
  });
}

async function removeGroups(admin: Admin): Promise<void> {
  await until(soon, async () => {
    const { groups } = await admin.listGroups();
    const ids = groups.map(({ groupId }) => groupId);
    if (ids.length > 0) await admin.deleteGroups(ids);
  });
}

async function withAdmin(port: number, task: (admin: Admin) => Promise<void>): Promise<void> {
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await task(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Tries again until it does not throw; the last error when patience, in milliseconds, ends. */
async function until(within: number, task: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (performance.now() > deadline) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`Kafka is not ready after ${within / 1000} s: ${why}`, { cause: error });
      }
      await sleep(100);
    }
  }
}

function readTopics(): Readonly<Record<string, Topic>> {
  if (!existsSync(topicsFile)) return {};
  return JSON.parse(readFileSync(topicsFile, "utf8")) as Record<string, Topic>;
}
