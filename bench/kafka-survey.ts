// What a snapshot asks of Kafka, where there is much of it: 5 000 partitions and 300 groups, on a broker of its
// own. Run by hand: `npm run bench:survey`, with a number for other than 5 rounds. At most 15 s are allowed.
import { setTimeout as sleep } from "node:timers/promises";
import { createKafkaSurvey } from "../src/drivers/kafka/kafka.ts";
import { KafkaSession } from "../src/drivers/kafka/session.ts";
import { commit } from "../src/drivers/kafka/changes.ts";
import { Moved } from "../src/drivers/kafka/errors.ts";
import type { Result } from "../src/base/result.ts";
import { kafkaClient } from "../sandbox/kafka-client.ts";
import { startKafka, type KafkaVersion } from "../sandbox/kafka.ts";
import { machineText, tableText, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

const topics = 50;
const partitions = 100;
const groups = 300;
/** Topics that one group reads. */
const shapes = { "each reads one topic": 1, "each reads ten": 10 } as const;
const rounds = Number(process.argv[2] ?? 5);

const rows: Row[] = [];
for (const version of ["4.1", "3.9"] as const) rows.push(...(await measure(version)));
process.stdout.write(`${tableText(rows)}\n${machineText()}\n`);

async function measure(version: KafkaVersion): Promise<readonly Row[]> {
  // On a machine that stalls, its controller must not take the broker for lost.
  const cluster = await startKafka({ version, config: { "broker.session.timeout.ms": "60000" } });
  const client = await kafkaClient(cluster.brokers);
  const found: Row[] = [];
  try {
    const names = Array.from({ length: topics }, (_, at) => `topic-${at}`);
    for (const name of names) await client.topic(name, { partitions });
    const zeros = Object.fromEntries(Array.from({ length: partitions }, (_, at) => [at, 0]));
    await client.commit("group-0", "topic-0", zeros);
    await client.stop();
    let read = 0;
    for (const [shape, count] of Object.entries(shapes)) {
      for (; read < count; read += 1) await commitAll(cluster.brokers, read, names);
      const row = await surveys(`Kafka ${version}, ${shape}`, cluster.brokers, count);
      process.stderr.write(`${row.what}: ${Math.round(row.spread.median)} ms\n`);
      found.push(row);
    }
  } finally {
    await cluster.stop();
  }
  return found;
}

/** Every group commits for its so-many-eth topic, over one connection. */
async function commitAll(brokers: string, nth: number, names: readonly string[]): Promise<void> {
  const session = new KafkaSession({ brokers });
  try {
    await session.start([]);
    const offsets = new Map(Array.from({ length: partitions }, (_, at) => [at, 0n]));
    const commits = Array.from({ length: groups }, async (_, group) => {
      const topic = names[(group + nth) % topics] ?? "";
      await patiently(async () => commit(session, `group-${group}`, topic, offsets));
    });
    await Promise.all(commits);
  } finally {
    session.close();
  }
}

/** A broker that has just made the topic that keeps groups takes a moment to know what is in it. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (let left = 300; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Moved) || left === 0) throw error;
      await sleep(200);
    }
  }
}

/** All three questions at once, as a snapshot asks them. */
async function surveys(what: string, brokers: string, count: number): Promise<Row> {
  const times: number[] = [];
  const survey = createKafkaSurvey({ brokers });
  for (let round = 0; round < rounds; round += 1) {
    const signal = AbortSignal.timeout(60_000);
    const started = performance.now();
    const [topology, settings, all] = await Promise.all([
      survey.topology(signal),
      survey.settings(signal),
      survey.groups(signal),
    ]);
    times.push(performance.now() - started);
    const said = valueOf(all);
    const missing = [...valueOf(topology).missing, ...valueOf(settings).missing, ...said.missing];
    const offsets = said.groups.reduce((sum, group) => sum + group.partitions.length, 0);
    if (missing.length > 0) throw new Error(`${missing[0]?.what} is missing: ${missing[0]?.why}`);
    if (offsets !== groups * count * partitions) throw new Error(`${offsets} offsets were read`);
  }
  const note = `${groups} groups, ${topics * partitions} partitions, ${groups * count * partitions} offsets`;
  return { what: `survey of ${what}`, unit: "ms", spread: spread(times), atMost: 15_000, note };
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}
