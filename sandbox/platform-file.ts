import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { incidentKeys } from "../src/platform/incident-plan.ts";
import type { Ports, Secrets } from "./compose-file.ts";

export interface PlatformValues {
  readonly project: string;
  readonly ports: Ports;
  readonly dockerHost: string;
  /** The program and its first arguments. */
  readonly compose: readonly string[];
}

/** `platform.yaml` for one stack: every address on loopback, no password in it. */
export function platformFile(values: PlatformValues): string {
  const { ports } = values;
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  return stringify({
    platform: "LAV/ADAF",
    postgres: { url: `postgres://lav_ops@127.0.0.1:${ports.postgres}/lav` },
    kafka: { brokers: [`127.0.0.1:${ports.kafka}`] },
    redis: { url: `redis://127.0.0.1:${ports.redis}` },
    docker: { host: values.dockerHost },
    compose: { project: values.project, files: ["compose.yaml"], program: values.compose },
    services: {
      gateway: { url: at(ports.gateway) },
      "market-sentinel": { url: at(ports.sentinel) },
      "risk-warden": { url: at(ports.warden) },
      executioner: {
        url: at(ports.executioner),
        instances: [at(ports.executioner), at(ports.executioner + 1)],
      },
      venues: { url: at(ports.venues) },
      // Named so that it can be inspected and restarted; it has no API.
      postgres: { url: at(ports.postgres), api: false },
    },
    trading: {
      venues: at(ports.venues),
      book: at(ports.warden),
      phones: [{ who: "Risk manager", phone: "+1 555 0100" }],
    },
    ...incidentSections(),
  });
}

/** People, severities, clocks and the rest as the shipped file has them. */
function incidentSections(): Readonly<Record<string, unknown>> {
  const text = readFileSync(new URL("../runbooks/platform.yaml", import.meta.url), "utf8");
  const shipped = parse(text) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(shipped).filter(([key]) => incidentKeys.includes(key)));
}

/** What an operator's shell has beside it. */
export function operatorEnvironment(ports: Ports, secrets: Secrets, dockerHost: string) {
  return {
    DATABASE_URL: `postgres://lav_ops:${secrets.operator}@127.0.0.1:${ports.postgres}/lav`,
    // Debian's PostgreSQL keeps connections back for superusers only.
    DATABASE_ADMIN_URL: `postgres://postgres:${secrets.postgres}@127.0.0.1:${ports.postgres}/lav`,
    KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
    REDIS_URL: `redis://:${secrets.redis}@127.0.0.1:${ports.redis}`,
    DOCKER_HOST: dockerHost,
    EMERGENCY_TOKEN: secrets.emergencyToken,
  };
}
