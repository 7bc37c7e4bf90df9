import { createEngineReader } from "../../drivers/docker/reader.ts";
import type { Sources } from "../../ports/evidence.ts";
import { createKafkaSurvey } from "../../drivers/kafka/kafka.ts";
import { createMachine } from "../../drivers/host/host.ts";
import { createSqlReader } from "../../drivers/postgres/reading.ts";
import { createRedis } from "../../drivers/redis/redis.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import { collectorsFor } from "../../evidence/collectors/index.ts";
import type { Platform } from "../../platform/platform.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { kafkaSettings, redisSettings } from "../wiring/ports.ts";
import { containersOf } from "../wiring/services.ts";
import { storeOf } from "../context/store.ts";

/** What a snapshot reads the platform by. Each driver loads its library on its first use. */
export function createSources(world: World, platform: Platform): Sources {
  return {
    sql: createSqlReader({ ...platform.postgres, ...platform.tls, env: world.env }),
    kafka: createKafkaSurvey(kafkaSettings(platform)),
    engine: createEngineReader(platform.docker.host),
    containers: containersOf(platform),
    machine: createMachine(),
  };
}

/** Everything that a snapshot takes here. */
export function allCollectors(
  world: World,
  options: GlobalOptions,
  platform: Platform,
  incident: string | undefined,
): readonly Collector[] {
  const { records, halts } = storeOf(world, options).forSnapshot(incident);
  const redis = createRedis(redisSettings(platform)).target;
  return collectorsFor(platform, createSources(world, platform), records, halts, redis);
}
