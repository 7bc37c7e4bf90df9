import { createHttp, type HttpSettings } from "../../drivers/http/http.ts";
import { createKafka } from "../../drivers/kafka/kafka.ts";
import type { KafkaSettings } from "../../drivers/kafka/session.ts";
import { envOf, type PostgresSettings } from "../../drivers/postgres/address.ts";
import { createPostgres } from "../../drivers/postgres/postgres.ts";
import { createPrometheus } from "../../drivers/prometheus/prometheus.ts";
import { createRedis, type RedisSettings } from "../../drivers/redis/redis.ts";
import type { Where } from "../../kinds/kind.ts";
import type {
  Platform,
  PlatformKafka,
  PlatformPostgres,
  PlatformPrometheus,
  PlatformRedis,
  PlatformTls,
} from "../../platform/platform.ts";
import { eachStore, mainOf, mainStore, type Stores } from "../../platform/stores.ts";
import type { Ports, StoreKind } from "../../ports/ports.ts";
import type { World } from "../context/world.ts";
import { originOf } from "./servers.ts";

/** A platform's stores, each kind's main one for what names none. Each driver loads its library on its first use. */
export function createStores(
  { env }: Pick<World, "env">,
  { postgres, kafka, redis, prometheus = {}, tls }: Platform,
): Pick<Ports, StoreKind | "stores"> {
  const stores: Ports["stores"] = {
    postgres: eachStore(postgres, (store, name) => createPostgres(postgresSettings(store, name, tls, env))),
    kafka: eachStore(kafka, (store) => createKafka(kafkaSettings(store))),
    redis: eachStore(redis, (store) => createRedis(redisSettings(store, tls))),
    prometheus: eachStore(prometheus, (store) =>
      createPrometheus(store.url, createHttp(prometheusHttp(store, tls))),
    ),
  };
  return {
    stores,
    postgres: mainOf(stores.postgres),
    kafka: mainOf(stores.kafka),
    redis: mainOf(stores.redis),
    ...mainPrometheus(stores.prometheus),
  };
}

/** There may be none. */
function mainPrometheus<S>(stores: Stores<S>): { readonly prometheus?: S } {
  return Object.keys(stores).length === 0 ? {} : { prometheus: mainOf(stores) };
}

/** The two that a halt's proof asks as second witnesses. */
export function createWitnesses(
  { env }: Pick<World, "env">,
  { postgres, kafka, tls }: Pick<Platform, "postgres" | "kafka" | "tls">,
): Pick<Ports, "postgres" | "kafka"> {
  return {
    postgres: createPostgres(postgresSettings(mainOf(postgres), mainStore, tls, env)),
    kafka: createKafka(kafkaSettings(mainOf(kafka))),
  };
}

/** Where the stores are, for a plan: nothing here could connect. */
export function storesWhere({
  postgres,
  kafka,
  redis,
  prometheus = {},
}: Platform): Pick<Where, StoreKind | "stores"> {
  const stores: Where["stores"] = {
    postgres: eachStore(postgres, ({ url }) => createPostgres({ url }).target),
    kafka: eachStore(kafka, (store) => createKafka(kafkaSettings(store)).target),
    redis: eachStore(redis, (store) => createRedis(redisSettings(store, undefined)).target),
    prometheus: eachStore(prometheus, ({ url }) => url),
  };
  return {
    stores,
    postgres: mainOf(stores.postgres),
    kafka: mainOf(stores.kafka),
    redis: mainOf(stores.redis),
    ...mainPrometheus(stores.prometheus),
  };
}

export function postgresSettings(
  { url, admin }: PlatformPostgres,
  name: string,
  tls: PlatformTls | undefined,
  env: World["env"],
): PostgresSettings {
  return { url, ...(admin === undefined ? {} : { admin }), ...tls, env: envOf(env, name === mainStore) };
}

/** The brokers, and what they ask for as far as it was read. */
export function kafkaSettings({ brokers, tls, sasl }: PlatformKafka): KafkaSettings {
  const password = sasl?.password.value;
  return {
    brokers: brokers.join(","),
    tls: tls === undefined ? undefined : (tls.pem ?? {}),
    sasl: sasl === undefined || password === undefined ? undefined : { ...sasl, password },
  };
}

/** Redis, and what it asks for as far as it was read. */
export function redisSettings(
  { url, password, tls }: PlatformRedis,
  trusted: PlatformTls | undefined,
): RedisSettings {
  return { url, password: password?.value, tls: tls?.pem ?? { ca: trusted?.ca } };
}

/** A client of its own for each: several may be at one address, told apart by who asks. */
function prometheusHttp(store: PlatformPrometheus, trusted: PlatformTls | undefined): HttpSettings {
  return { origins: new Map([[new URL(store.url).origin, originOf(store, trusted)]]) };
}
