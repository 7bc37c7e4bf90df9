import { printable } from "../../base/printable.ts";
import type { Result } from "../../base/result.ts";
import { dockerForm, readAddress as readDocker } from "../../drivers/docker/address.ts";
import { kafkaForm, readBrokers } from "../../drivers/kafka/address.ts";
import {
  postgresForm,
  readAddress as readPostgres,
  unusedVariables,
  wrongVariable,
} from "../../drivers/postgres/address.ts";
import { loginOf, readAddress as readRedis, redisForm } from "../../drivers/redis/address.ts";
import type { Source } from "../../language/source.ts";
import { platformProblem } from "../../platform/load.ts";
import type { Platform } from "../../platform/platform.ts";
import { refusal, refusalFor, type Refusal } from "./refusal.ts";
import type { GlobalOptions, World } from "./world.ts";

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
  for (const { variable, key, read, form } of addressesOf(platform, env)) {
    if (read.ok) continue;
    const message = `${read.failure}; ${form}`;
    const refused = isSet(env[variable])
      ? refusal(`${variable} ${message}`, "configuration")
      : refusalFor(platformProblem(source, options.env, key, `${key.join(".")} ${message}`), "configuration");
    return refused.failure;
  }
  return undefined;
}

function addressesOf({ postgres, kafka, redis, docker }: Platform, env: World["env"]): readonly Written[] {
  const { admin } = postgres;
  return [
    {
      variable: "DATABASE_URL",
      key: ["postgres", "url"],
      read: readPostgres({ url: postgres.url, env }),
      form: postgresForm,
    },
    ...(admin === undefined
      ? []
      : [
          {
            variable: "DATABASE_ADMIN_URL",
            key: ["postgres", "admin"],
            read: readPostgres({ url: admin, env }),
            form: postgresForm,
          },
        ]),
    {
      variable: "KAFKA_BROKERS",
      key: ["kafka", "brokers"],
      read: readBrokers(kafka.brokers.join(",")),
      form: kafkaForm,
    },
    {
      variable: "REDIS_URL",
      key: ["redis", "url"],
      read: redisLogin(redis),
      form: redisForm,
    },
    { variable: "DOCKER_HOST", key: ["docker", "host"], read: readDocker(docker.host), form: dockerForm },
  ];
}

/** A password that is named is read later, and counts as one. */
function redisLogin({ url, password }: Platform["redis"]): Result<unknown, string> {
  const read = readRedis(url);
  return read.ok ? loginOf(read.value, password?.name) : read;
}

/** Tells of what psql would take from this environment and lav-ir does not: nobody may count on it. */
export function tellUnused({ env, stderr }: World): void {
  const names = unusedVariables(env);
  if (names.length === 0) return;
  const [are, them] = names.length === 1 ? ["is", "it"] : ["are", "them"];
  stderr.write(`${printable(`warning: ${names.join(", ")} ${are} set; lav-ir does not use ${them}`)}\n`);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
