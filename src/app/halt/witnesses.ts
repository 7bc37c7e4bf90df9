import { printable } from "../../base/printable.ts";
import type { Platform } from "../../platform/platform.ts";
import type { SecretSources } from "../../platform/secret-sources.ts";
import { mainOf } from "../../platform/stores.ts";
import { witnessFiles, withCredentials } from "../context/credentials.ts";
import { anywhere } from "../../plan/reach.ts";
import { platformIn } from "../context/platform.ts";
import type { World } from "../context/world.ts";
import { createWitnesses } from "../wiring/stores.ts";
import { askDisks } from "./disks.ts";
import type { HaltFlags } from "./flags.ts";
import type { UnderWay } from "./under-way.ts";

type Stores = ReturnType<typeof createWitnesses>;

/** Milliseconds for disks on which certificates and passwords lie. */
const within = 500;

/**
 * The database and Kafka are second witnesses: a platform that cannot be read again leaves them out. What they ask
 * for is read here, when the requests are out, and from disks that answer alone.
 */
export async function witnessesOf(
  world: World,
  flags: HaltFlags,
  { source, platform: { ca } }: UnderWay,
): Promise<Stores> {
  const loaded = platformIn(world, flags, source);
  if (!loaded.ok) {
    say(world, loaded.failure.message);
    const { DATABASE_URL: url = "postgres://127.0.0.1:1/unknown", KAFKA_BROKERS: brokers = "127.0.0.1:1" } =
      world.env;
    return createWitnesses(world, {
      postgres: { main: { url } },
      kafka: { main: { brokers: brokers.split(",") } },
    });
  }
  const { tls } = loaded.value;
  // What Redis and the services ask for is none of the proof's, and not read.
  const platform: Platform = {
    ...loaded.value,
    ...witnessStores(loaded.value),
    services: {},
    secrets: withoutCommands(loaded.value.secrets),
    ...(tls === undefined || ca === undefined ? {} : { tls: { ...tls, ca } }),
  };
  const silent = await silentDisk(world, flags, source.path, witnessFiles(world, platform));
  if (silent !== undefined) {
    say(world, `${silent} does not answer; the proof goes without it`);
    return createWitnesses(world, platform);
  }
  const whole = await withCredentials(world, flags, source, platform, {
    untrusted: "refuse",
    reach: anywhere,
  });
  if (!whole.ok) say(world, whole.failure.message);
  return createWitnesses(world, whole.ok ? whole.value : platform);
}

/** A halt waits for no command: the proof goes without what one would print. */
function withoutCommands(sources: SecretSources = {}): SecretSources {
  const why = "a halt runs no command; export it for the proof";
  return Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [
      name,
      source.type === "command" ? { type: "withheld", why } : source,
    ]),
  );
}

/** The two that are asked, and of Redis nothing that it would ask for. */
function witnessStores({ postgres, kafka, redis }: Platform): Pick<Platform, "postgres" | "kafka" | "redis"> {
  return {
    postgres: { main: mainOf(postgres) },
    kafka: { main: mainOf(kafka) },
    redis: { main: { url: mainOf(redis).url } },
  };
}

/** The first of these files whose disk does not answer. */
export async function silentDisk(
  world: World,
  flags: HaltFlags,
  path: string,
  files: readonly string[],
): Promise<string | undefined> {
  if (files.length === 0) return undefined;
  const disks = askDisks(world, flags, path, files);
  try {
    const answers = await Promise.all(files.map(async (file) => await disks.answer(file, within)));
    return files[answers.indexOf(false)];
  } finally {
    disks.close();
  }
}

function say({ stderr }: World, message: string): void {
  stderr.write(`${printable(message)}\n`);
}
