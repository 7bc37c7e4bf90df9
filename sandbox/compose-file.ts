import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCompose2 } from "../tools/compose2.ts";
import { whereIs } from "../tools/programs.ts";
import { runProgram } from "../tools/wait.ts";
import { freePorts } from "./free-ports.ts";
import { brokerOptions } from "./kafka-java.ts";
import { postgresPrograms } from "./postgres.ts";
import { redisProgram } from "./redis.ts";

/** The first of each service's published ports, on loopback. */
export interface Ports {
  readonly postgres: number;
  readonly redis: number;
  readonly kafka: number;
  readonly gateway: number;
  readonly sentinel: number;
  readonly warden: number;
  readonly executioner: number;
  readonly venues: number;
}

/** Made for each stack; nothing of them is used twice. */
export interface Secrets {
  /** Of PostgreSQL's superuser, and of the roles lav and lav_ops. */
  readonly postgres: string;
  readonly lav: string;
  readonly operator: string;
  readonly redis: string;
  readonly emergencyToken: string;
}

export async function choosePorts(): Promise<Ports> {
  const [postgres, redis, kafka, gateway, sentinel, warden, executioner, venues] = await freePorts([
    1, 1, 1, 1, 1, 1, 2, 1,
  ]);
  return {
    postgres: postgres ?? 0,
    redis: redis ?? 0,
    kafka: kafka ?? 0,
    gateway: gateway ?? 0,
    sentinel: sentinel ?? 0,
    warden: warden ?? 0,
    executioner: executioner ?? 0,
    venues: venues ?? 0,
  };
}

export function makeSecrets(): Secrets {
  const secret = (): string => randomBytes(18).toString("hex");
  return {
    postgres: secret(),
    lav: secret(),
    operator: secret(),
    redis: secret(),
    emergencyToken: secret(),
  };
}

/** Compose as a program and its first arguments. */
export async function composeProgram(flavour: 1 | 2): Promise<string[]> {
  if (flavour === 2) {
    const program = await findCompose2();
    if (program === undefined) throw new Error("Compose 2 is not here; `npm run stack -- up` brings it");
    return [program];
  }
  const program = whereIs("docker-compose");
  const version =
    program === undefined ? "" : await runProgram(program, ["version", "--short"]).catch(() => "");
  if (program === undefined || !version.startsWith("1.")) throw new Error("Compose 1.29 is not here");
  return [program];
}

export interface ComposeValues {
  readonly project: string;
  readonly dockerHost: string;
  readonly image: string;
  readonly ports: Ports;
  readonly secrets: Secrets;
  /** Folders on the host. */
  readonly programs: string;
  readonly faults: string;
  readonly seed?: number | undefined;
  readonly kafka: { readonly libs: string; readonly formatted: string; readonly settings: string };
}

/** The compose file for one stack. */
export function composeFile(values: ComposeValues): string {
  const { ports, secrets, kafka } = values;
  const javaHome = dirname(dirname(realpathSync(whereIs("java") ?? "java")));
  const bin = postgresPrograms();
  const names: Record<string, string> = {
    IMAGE: values.image,
    PROJECT: values.project,
    ENGINE: values.dockerHost,
    ENGINE_FOLDER: values.dockerHost.startsWith("unix://")
      ? dirname(values.dockerHost.slice("unix://".length))
      : values.programs,
    PROGRAMS: values.programs,
    FAULTS: values.faults,
    SCRIPTS: fileURLToPath(new URL("scripts", import.meta.url)),
    DATABASE_URL: `postgres://lav:${secrets.lav}@postgres:5432/lav`,
    REDIS_URL: `redis://:${secrets.redis}@redis:6379`,
    EMERGENCY_TOKEN: secrets.emergencyToken,
    RANDOM_SEED: values.seed === undefined ? "" : String(values.seed),
    POSTGRES_BIN: bin,
    POSTGRES_PASSWORD: secrets.postgres,
    POSTGRES_SETTINGS: postgresSettings(bin),
    POSTGRES_PORT: String(ports.postgres),
    REDIS_BIN: dirname(redisProgram()),
    REDIS_PASSWORD: secrets.redis,
    REDIS_PORT: String(ports.redis),
    JAVA_HOME: javaHome,
    // Debian keeps them apart, behind links.
    JAVA_SETTINGS: dirname(realpathSync(join(javaHome, "conf", "net.properties"))),
    JAVA_OPTIONS: brokerOptions(kafka.libs).join(" "),
    KAFKA_LIBS: kafka.libs,
    KAFKA_FOLDER: dirname(kafka.libs),
    KAFKA_FORMATTED: kafka.formatted,
    KAFKA_SETTINGS: kafka.settings,
    KAFKA_PORT: String(ports.kafka),
    GATEWAY_PORT: String(ports.gateway),
    SENTINEL_PORT: String(ports.sentinel),
    WARDEN_PORT: String(ports.warden),
    EXECUTIONER_PORTS: `${ports.executioner}-${ports.executioner + 1}`,
    VENUES_PORT: String(ports.venues),
  };
  const template = readFileSync(new URL("compose.yaml", import.meta.url), "utf8");
  return template.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = names[name];
    if (value === undefined) throw new Error(`compose.yaml has \${${name}}, and nothing fills it in`);
    return value;
  });
}

function postgresSettings(bin: string): string {
  const major = Number(
    /(\d+)/.exec(execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" }))?.[1],
  );
  const settings = [
    "listen_addresses='*'",
    "max_connections=60",
    "superuser_reserved_connections=3",
    "shared_buffers=32MB",
    // Nothing here must outlive the machine.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
  ];
  if (major >= 16) settings.push("reserved_connections=3");
  return settings.join(" ");
}

/** Where the broker listens: for the containers, and for the host through the published port. */
export function kafkaListeners(port: number) {
  return [
    { name: "INSIDE", bind: ":9092", advertised: "kafka:9092" },
    { name: "OUTSIDE", bind: ":9094", advertised: `127.0.0.1:${port}` },
  ];
}

export const kafkaController = "127.0.0.1:9093";
