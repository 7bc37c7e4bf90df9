import { createEngineReader } from "../../drivers/docker/reader.ts";
import type { Sources } from "../../ports/evidence.ts";
import { createKafkaSurvey } from "../../drivers/kafka/kafka.ts";
import { createMachine } from "../../drivers/host/host.ts";
import { createSqlReader } from "../../drivers/postgres/reading.ts";
import { createRedis } from "../../drivers/redis/redis.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import { collectorsFor } from "../../evidence/collectors/index.ts";
import type { Platform } from "../../platform/platform.ts";
import { eachStore, mainOf, othersOf, type Stores } from "../../platform/stores.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { containersOf, engineOf } from "../wiring/services.ts";
import { kafkaSettings, postgresSettings, redisSettings } from "../wiring/stores.ts";
import { storeOf } from "../context/store.ts";

/** What a snapshot reads the platform by. Each driver loads its library on its first use. */
export function createSources(world: World, platform: Platform): Sources {
  const sql = eachStore(platform.postgres, (store, name) =>
    createSqlReader(postgresSettings(store, name, platform.tls, world.env)),
  );
  const kafka = eachStore(platform.kafka, (store) => createKafkaSurvey(kafkaSettings(store)));
  return {
    sql: mainOf(sql),
    kafka: mainOf(kafka),
    others: {
      postgres: Object.fromEntries(othersOf(sql)),
      kafka: Object.fromEntries(othersOf(kafka)),
      redis: Object.fromEntries(othersOf(redisTargets(platform))),
    },
    engine: createEngineReader(engineOf(platform)),
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
  const redis = mainOf(redisTargets(platform));
  return collectorsFor(platform, createSources(world, platform), records, halts, redis);
}

function redisTargets({ redis, tls }: Platform): Stores<string> {
  return eachStore(redis, (store) => createRedis(redisSettings(store, tls)).target);
}
