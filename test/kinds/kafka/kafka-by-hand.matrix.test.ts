import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createKafka } from "../../../src/drivers/kafka/kafka.ts";
import { kindsByName } from "../../../src/app/wiring/kinds.ts";
import { chosen } from "../../../sandbox/chosen.ts";
import { kafkaClient, type KafkaClient } from "../../../sandbox/kafka-client.ts";
import { kafkaPrograms } from "../../../sandbox/kafka-tools.ts";
import { startKafka, type RunningKafka } from "../../../sandbox/kafka.ts";
import { value } from "../../drivers/results.ts";
import { where } from "../context.ts";
import { soon } from "../../patience.ts";

// Kafka's own tools are a Java machine each: half a minute of a processor for what seldom changes.
type Given = Readonly<Record<string, unknown>>;
const run = promisify(execFile);
const { kafka: version } = chosen();
let cluster: RunningKafka;
let client: KafkaClient;

beforeAll(async () => {
  cluster = await startKafka({ version });
  client = await kafkaClient(cluster.brokers);
});
afterAll(async () => {
  await client?.stop();
  await cluster?.stop();
});

/** What the group has, by Kafka's own client. */
async function committed(groupId: string, topic: string): Promise<Record<number, string>> {
  const [found] = await client.admin.fetchOffsets({ groupId, topics: [topic] });
  return Object.fromEntries((found?.partitions ?? []).map(({ partition, offset }) => [partition, offset]));
}

async function ownSettings(topic: string): Promise<Record<string, string | undefined>> {
  const all = value(await createKafka({ brokers: cluster.brokers }).settings(topic, soon()));
  return Object.fromEntries(all.flatMap((one) => (one.overridden ? [[one.name, one.value]] : [])));
}

test("the commands by hand are what Kafka's own tools take, and do the same", async () => {
  const programs = await kafkaPrograms(version);
  const byHand = async (name: string, given: Given): Promise<string> => {
    const kind = kindsByName.get(name);
    if (kind === undefined) throw new Error(`there is no kind ${name}`);
    const command = kind.byHand(given, { ...where, kafka: cluster.brokers });
    const env = { ...process.env, PATH: `${programs}:${process.env["PATH"]}` };
    return (await run("sh", ["-ec", command], { env })).stdout;
  };
  await client.topic("manual", { partitions: 2 });
  await client.send("manual", 0, ["m", "m", "m"]);
  await client.send("manual", 1, ["m", "m"]);
  await client.commit("hand", "manual", { 0: 1, 1: 1 });
  // One Java machine after the other: the last gives up by itself after five seconds.
  const ping = await byHand("kafka.ping", {});
  const topics = await byHand("kafka.topics", {});
  const lag = await byHand("kafka.lag", { groups: ["hand"] });
  expect(ping).toContain(cluster.brokers);
  expect(topics.split("\n")).toContain("manual");
  expect(lag).toMatch(/hand\s+manual\s+0\s+1\s+3\s+2\s/);
  await byHand("kafka.config.set", {
    topic: "manual",
    set: { "cleanup.policy": "compact,delete", "max.message.bytes": "2000" },
  });
  expect(await ownSettings("manual")).toEqual({
    "cleanup.policy": "compact,delete",
    "max.message.bytes": "2000",
  });
  await byHand("kafka.config.set", { topic: "manual", remove: ["cleanup.policy", "max.message.bytes"] });
  expect(await ownSettings("manual")).toEqual({});
  await byHand("kafka.offsets.set", { group: "hand", topic: "manual", to: "latest", partitions: [0] });
  expect(await committed("hand", "manual")).toEqual({ 0: "3", 1: "1" });
  await byHand("kafka.offsets.set", { group: "hand", topic: "manual", offsets: { 0: "2", 1: "-1" } });
  expect(await committed("hand", "manual")).toEqual({ 0: "2", 1: "-1" });
});
