// The lag of 50 groups on 1 000 partitions: lav-ir against Kafka's own tool, whole processes taking turns.
// Run by hand: `npm run bench:kafka`, with a number for other than 5 rounds.
import { join } from "node:path";
import { createKafka } from "../src/drivers/kafka/kafka.ts";
import { kafkaClient } from "../sandbox/kafka-client.ts";
import { kafkaPrograms } from "../sandbox/kafka-tools.ts";
import { startKafka, type KafkaVersion } from "../sandbox/kafka.ts";
import { timed, type Command } from "./child.ts";
import { peakOf } from "./peak.ts";
import { openPlace, root, type Place } from "./place.ts";
import { figure, machineText, tableText, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

const groups = 50;
const partitions = 1000;
const rounds = Number(process.argv[2] ?? 5);

const place = openPlace();
try {
  const rows: Row[] = [];
  for (const version of ["3.9", "4.1"] as const) rows.push(...(await measure(version, place)));
  process.stdout.write(`${tableText(rows)}\n${machineText()}\n`);
} finally {
  place.remove();
}

async function measure(version: KafkaVersion, where: Place): Promise<readonly Row[]> {
  const cluster = await startKafka({ version });
  const client = await kafkaClient(cluster.brokers);
  try {
    await client.topic("market-regime", { partitions });
    // Every group has committed offset 0 of every partition, and each partition has one message.
    const numbers = Array.from({ length: partitions }, (_, at) => at);
    await Promise.all(numbers.map(async (at) => await client.send("market-regime", at, ["x"])));
    const offsets = Object.fromEntries(numbers.map((at) => [at, 0]));
    for (let at = 0; at < groups; at += 1) await client.commit(`group-${at}`, "market-regime", offsets);
    await client.stop();

    const tool = join(await kafkaPrograms(version, root), "kafka-consumer-groups.sh");
    const all = ["--bootstrap-server", cluster.brokers, "--describe", "--all-groups", "--timeout", "60000"];
    // What it says of every group on standard error would land between the columns.
    const theirs: Command = { program: "sh", args: ["-c", 'exec "$0" "$@" 2>/dev/null', tool, ...all] };
    const ours = runbook(where, cluster.brokers);
    const driver: number[] = [];
    const peaks: number[] = [];
    const times = { theirs: [] as number[], ours: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      const listed = await timed(theirs);
      check("kafka-consumer-groups.sh", lagOf(listed.output));
      times.theirs.push(listed.ms);
      times.ours.push((await timed(ours)).ms);
      peaks.push(await peakOf(where, ours));
      driver.push(await inProcess(cluster.brokers));
    }
    const ratio = spread(times.theirs.map((ms, at) => ms / (times.ours[at] ?? ms)));
    const what = `lag of ${groups} groups × ${partitions} partitions, Kafka ${version}`;
    return [
      { what: `${what}: kafka-consumer-groups`, unit: "ms", spread: spread(times.theirs) },
      {
        what: `${what}: lav-ir run`,
        unit: "ms",
        spread: spread(times.ours),
        note: `${figure(ratio.median)} × faster`,
      },
      { what: `${what}: peak memory of lav-ir run`, unit: "MB", spread: spread(peaks), atMost: 110 },
      { what: `${what}: the driver alone`, unit: "ms", spread: spread(driver) },
    ];
  } finally {
    await cluster.stop();
  }
}

/** Its finding holds only when every message of every group is counted; otherwise it exits 1. */
function runbook(where: Place, brokers: string): Command {
  const lines = [
    "runbook: bench-lag",
    "title: The lag of all groups",
    "diagnose:",
    "  - id: lag",
    "    title: Lag",
    "    kafka.lag: {}",
    `    expect: total == ${groups * partitions}`,
    "    timeout: 60s",
  ];
  const command = where.lavIr("run", where.write("bench-lag.yaml", `${lines.join("\n")}\n`));
  return { ...command, env: { ...command.env, KAFKA_BROKERS: brokers } };
}

async function inProcess(brokers: string): Promise<number> {
  const started = performance.now();
  const lags = await createKafka({ brokers }).lag([], AbortSignal.timeout(60_000));
  const ms = performance.now() - started;
  if (!lags.ok) throw new Error(JSON.stringify(lags.failure));
  const all = lags.value.flatMap((group) => group.partitions.map(({ lag }) => lag ?? 0n));
  check(
    "the driver",
    all.reduce((sum, lag) => sum + lag, 0n),
  );
  return ms;
}

/** Sum of the LAG column. */
function lagOf(table: string): bigint {
  const lines = table.split("\n").filter((line) => line.startsWith("group-"));
  return lines.reduce((sum, line) => sum + BigInt(line.trim().split(/\s+/)[5] ?? "0"), 0n);
}

function check(who: string, lag: bigint): void {
  if (lag !== BigInt(groups * partitions)) throw new Error(`${who} counted ${lag}`);
}
