import { hostname } from "node:os";

/** What a program is told by its environment. */
export interface Settings {
  readonly service: string;
  /** Tells the instances of one service apart: `INSTANCE`, or the host's name. */
  readonly instance: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  readonly emergencyToken: string;
  readonly faultsDir: string | undefined;
  readonly stateDir: string;
  readonly riskWardenUrl: string;
  readonly venuesUrl: string;
  /** Orders a second that the gateway's generator starts with. */
  readonly orderRate: number;
  /** Of what is random; undefined when nothing is. */
  readonly seed: number | undefined;
}

export function readSettings(service: string, port: number): Settings {
  const { env } = process;
  return {
    service,
    instance: env["INSTANCE"] ?? hostname(),
    port: Number(env["PORT"] ?? port),
    databaseUrl: env["DATABASE_URL"] ?? "postgres://lav:lav@127.0.0.1:5432/lav",
    brokers: (env["KAFKA_BROKERS"] ?? "127.0.0.1:9092").split(","),
    redisUrl: env["REDIS_URL"] ?? "redis://127.0.0.1:6379",
    emergencyToken: env["EMERGENCY_TOKEN"] ?? "",
    faultsDir: env["FAULTS_DIR"],
    stateDir: env["STATE_DIR"] ?? "/var/lib/lav",
    riskWardenUrl: env["RISK_WARDEN_URL"] ?? "http://risk-warden:3002",
    venuesUrl: env["VENUES_URL"] ?? "http://venues:3010",
    orderRate: Number(env["ORDER_RATE"] ?? 1),
    seed: seedOf(env["RANDOM_SEED"] ?? ""),
  };
}

function seedOf(text: string): number | undefined {
  if (text === "") return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new Error(`RANDOM_SEED is a whole number of up to nine digits, not ${text}`);
  return Number(text);
}
