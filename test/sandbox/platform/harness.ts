import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { faultProblem } from "../../../sandbox/fault-check.ts";
import { startKafka } from "../../../sandbox/kafka.ts";
import { Kafka, logLevel } from "../../../sandbox/kafkajs.ts";
import { startPostgres } from "../../../sandbox/postgres.ts";
import { bundlePrograms } from "../../../sandbox/programs.ts";
import { startRedis } from "../../../sandbox/redis.ts";
import type { ServiceName } from "../../../sandbox/services.ts";
import { patience } from "../../patience.ts";
import { startProgram, type Running } from "./harness-program.ts";

export interface FaultSpec {
  readonly fault: string;
  readonly until?: "cleared" | "restart" | "recreate";
  /** Only this instance. */
  readonly instance?: string;
  readonly [option: string]: unknown;
}

/** The platform's programs as plain processes on a PostgreSQL, a Redis and a Kafka of their own. */
export interface Platform {
  /** A token that does not expire while a test runs. */
  readonly token: string;
  readonly redisUrl: string;
  readonly kafka: Kafka;
  sql(text: string, params?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Starts a program and waits until it is healthy, or, with `healthy: false`, until it listens. */
  start(program: ServiceName, options?: StartOptions): Promise<Running>;
  fault(program: ServiceName, spec: FaultSpec): void;
  clear(): void;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly instance?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly healthy?: boolean;
  /** An earlier run's port and state folder: the same container again, not a new one. */
  readonly again?: Running;
}

export async function startPlatform(): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), "lav-platform-"));
  const faults = join(folder, "faults");
  mkdirSync(faults);
  const [postgres, redis, broker, programs] = await Promise.all([
    startPostgres({ maxConnections: 60 }),
    startRedis(),
    startKafka({
      version: "4.1",
      config: { "group.initial.rebalance.delay.ms": "0", "group.min.session.timeout.ms": "1000" },
    }),
    bundlePrograms(),
  ]);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  pool.on("error", () => {});
  await pool.query(readFileSync(new URL("../../../sandbox/platform/schema.sql", import.meta.url), "utf8"));
  const kafka = new Kafka({ brokers: broker.brokers.split(","), logLevel: logLevel.NOTHING });
  await createTopics(kafka);

  const token = `lav.${Math.floor(Date.now() / 1000) + 3600}.abcdef`;
  const running = new Set<Running>();
  const ports = new Map<string, number>();
  return {
    token,
    redisUrl: redis.url,
    kafka,
    sql: async (text, params = []) => (await pool.query(text, [...params])).rows,
    async start(program, options = {}) {
      const instance = options.instance ?? options.again?.instance ?? `${program}-1`;
      const url = (of: string): string => `http://127.0.0.1:${ports.get(of) ?? 9}`;
      const started = await startProgram({
        script: join(programs, `${program}.mjs`),
        instance,
        healthy: options.healthy ?? true,
        port: options.again?.port,
        state: options.again?.state ?? mkdtempSync(join(folder, "state-")),
        env: {
          SERVICE: program,
          DATABASE_URL: postgres.url,
          KAFKA_BROKERS: broker.brokers,
          REDIS_URL: redis.url,
          EMERGENCY_TOKEN: token,
          FAULTS_DIR: faults,
          RISK_WARDEN_URL: url("risk-warden"),
          VENUES_URL: url("venues"),
          ...options.env,
        },
      });
      ports.set(program, started.port);
      running.add(started);
      return started;
    },
    fault(program, { instance, until = "cleared", ...rest }) {
      const problem = faultProblem(program, { ...rest, until });
      if (problem !== undefined) throw new Error(problem);
      const file = join(faults, `${instance === undefined ? program : `${program}@${instance}`}.json`);
      writeFileSync(`${file}.new`, JSON.stringify({ ...rest, until, set: new Date().toISOString() }));
      renameSync(`${file}.new`, file);
    },
    clear() {
      for (const file of readdirSync(faults)) rmSync(join(faults, file));
    },
    async stop() {
      await Promise.all([...running].map(async (each) => await each.kill("SIGKILL")));
      await pool.end();
      await Promise.all([postgres.stop(), redis.stop(), broker.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function createTopics(kafka: Kafka): Promise<void> {
  const text = readFileSync(new URL("../../../sandbox/platform/topics.json", import.meta.url), "utf8");
  const topics = JSON.parse(text) as Record<string, { partitions: number; config: Record<string, string> }>;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: Object.entries(topics).map(([topic, { partitions, config }]) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: 1,
      configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
    })),
  });
  // A topic that was made just now has leaders that do not know it yet.
  const ready = async (): Promise<boolean> => {
    const looks = Object.keys(topics).map(async (topic) => await admin.fetchTopicOffsets(topic));
    return (await Promise.allSettled(looks)).every(({ status }) => status === "fulfilled");
  };
  await eventually(ready, (all) => all);
  await admin.disconnect();
}

/** Looks again until the look holds; throws with the last value seen when it does not in time. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (value: T) => boolean,
  within = patience,
): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > end)
      throw new Error(`not so within ${within} ms; last: ${JSON.stringify(value)}`);
    await wait(50);
  }
}
