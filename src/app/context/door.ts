import { printable } from "../../base/printable.ts";
import type { Result } from "../../base/result.ts";
import { dockerForm, readAddress as readDocker } from "../../drivers/docker/address.ts";
import { kafkaForm, readBrokers } from "../../drivers/kafka/address.ts";
import {
  envOf,
  postgresForm,
  readAddress as readPostgres,
  unusedVariables,
  wrongVariable,
} from "../../drivers/postgres/address.ts";
import { loginOf, readAddress as readRedis, redisForm } from "../../drivers/redis/address.ts";
import type { Source } from "../../language/source.ts";
import { platformProblem } from "../../platform/load.ts";
import type { Platform, PlatformRedis } from "../../platform/platform.ts";
import { mainStore, pathOf, variableOf } from "../../platform/stores.ts";
import { refusal, refusalFor, type Refusal } from "./refusal.ts";
import type { GlobalOptions, World } from "./world.ts";

/** Secrets are read from such files; an address that was put there would be left out without a word. */
const addressFiles = ["DATABASE_URL_FILE", "DATABASE_ADMIN_URL_FILE", "KAFKA_BROKERS_FILE", "REDIS_URL_FILE"];

/** An address of the platform: where it can come from, and what reading it says. */
interface Written {
  readonly variable: string;
  /** Its key in the platform file. */
  readonly key: readonly string[];
  readonly read: Result<unknown, string>;
  readonly form: string;
}

/**
 * Reads every address before anything happens, by the reader that its driver uses later. One that cannot be read
 * is refused, wherever it came from. A halt does not come through here: of the addresses it needs none but the
 * instances', and a wrong one of another store must not hold it up.
 */
export function wrongAddress(
  { env }: World,
  options: GlobalOptions,
  source: Source,
  platform: Platform,
): Refusal | undefined {
  const wrong = wrongVariable(env);
  if (wrong !== undefined) return refusal(wrong, "configuration").failure;
  const written = addressesOf(platform, env);
  const file = addressFiles.find(
    (name) => isSet(env[name]) && !written.some(({ variable }) => variable === name),
  );
  if (file !== undefined) {
    const name = file.replace(/_FILE$/, "");
    return refusal(`${file} is set, and no address is read from a file; set ${name}`, "configuration")
      .failure;
  }
  for (const { variable, key, read, form } of written) {
    if (read.ok) continue;
    const message = `${read.failure}; ${form}`;
    const refused = isSet(env[variable])
      ? refusal(`${variable} ${message}`, "configuration")
      : refusalFor(platformProblem(source, options.env, key, `${key.join(".")} ${message}`), "configuration");
    return refused.failure;
  }
  return undefined;
}

function addressesOf(platform: Platform, env: World["env"]): readonly Written[] {
  const { postgres, kafka, redis, docker, engine } = platform;
  return [
    ...Object.entries(postgres).flatMap(([name, { url, admin }]) =>
      (
        [
          ["DATABASE_URL", "url", url],
          ["DATABASE_ADMIN_URL", "admin", admin],
        ] as const
      ).flatMap(([variable, key, address]) =>
        address === undefined
          ? []
          : {
              variable: variableOf(variable, name),
              key: [...pathOf("postgres", postgres, name), key],
              read: readPostgres({ url: address, env: envOf(env, name === mainStore) }),
              form: postgresForm,
            },
      ),
    ),
    ...Object.entries(kafka).map(([name, { brokers }]) => ({
      variable: variableOf("KAFKA_BROKERS", name),
      key: [...pathOf("kafka", kafka, name), "brokers"],
      read: readBrokers(brokers.join(",")),
      form: kafkaForm,
    })),
    ...Object.entries(redis).map(([name, store]) => ({
      variable: variableOf("REDIS_URL", name),
      key: [...pathOf("redis", redis, name), "url"],
      read: redisLogin(store),
      form: redisForm,
    })),
    ...(engine === undefined
      ? []
      : [
          {
            variable: isSet(env["DOCKER_HOST"]) ? "DOCKER_HOST" : "DOCKER_CONTEXT",
            key: ["docker", docker.context === undefined ? "host" : "context"],
            read: readDocker(engine.host),
            form: dockerForm,
          },
        ]),
  ];
}

/** A password that is named is read later, and counts as one. */
function redisLogin({ url, password }: PlatformRedis): Result<unknown, string> {
  const read = readRedis(url);
  return read.ok ? loginOf(read.value, password?.name) : read;
}

/** Tells of what psql would take from this environment and lav-ir does not: nobody may count on it. */
export function tellUnused({ env, stderr }: World, platform: Platform): void {
  const names = unusedVariables(env);
  const say = (all: readonly string[], more = ""): void => {
    if (all.length === 0) return;
    const [are, them] = all.length === 1 ? ["is", "it"] : ["are", "them"];
    stderr.write(
      `${printable(`warning: ${all.join(", ")} ${are} set; lav-ir does not use ${them}${more}`)}\n`,
    );
  };
  say(names);
  const server = unsaid(platform);
  if (server !== undefined)
    say(platform.proxyVariables ?? [], `; say of ${server} which proxy it takes, or proxy: none`);
}

/** A server elsewhere of which the platform file says neither that it takes a proxy nor that it takes none. */
function unsaid({ services, prometheus = {} }: Platform): string | undefined {
  const all = [
    ...Object.entries(services).map(([name, server]) => ({ ...server, path: `services.${name}` })),
    ...Object.entries(prometheus).map(([name, server]) => ({
      ...server,
      path: pathOf("prometheus", prometheus, name).join("."),
    })),
  ];
  const here = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
  return all.find(({ url, proxy }) => proxy === undefined && !here.test(new URL(url).hostname))?.path;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
