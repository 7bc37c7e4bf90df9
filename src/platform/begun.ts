import { writtenText } from "../language/written-text.ts";
import type { ServicesBeside } from "./services-beside.ts";

/** A service as a platform file is begun with it. */
export interface BegunService {
  readonly name: string;
  readonly url: string;
  /** It answers HTTP. */
  readonly api: boolean;
}

/** What a platform file is begun with. */
export interface Begun {
  readonly platform: string;
  readonly services: readonly BegunService[];
  /** Names of services that no address is known of. */
  readonly unreached: readonly string[];
  /** What runs them, where lav-ir can look at it and restart it. */
  readonly project?: { readonly name: string; readonly file: string };
  /** Addresses of the stores among them, by the section of the platform file. */
  readonly stores: Readonly<Partial<Record<"postgres" | "kafka" | "redis", string>>>;
}

/** What speaks no HTTP, by the port that it has inside its container. */
const stores: ReadonlyMap<number, "postgres" | "kafka" | "redis"> = new Map([
  [5432, "postgres"],
  [6379, "redis"],
  [9092, "kafka"],
]);
const silent: ReadonlySet<number> = new Set([...stores.keys(), 3306, 5672, 11_211, 27_017]);

/** A platform file's beginning from what is beside it. @param project its name where the file gives none */
export function begunFrom(platform: string, beside: ServicesBeside, project: string): Begun {
  const reached = beside.services.flatMap(({ name, at }) =>
    at === undefined ? [] : [{ name, ...at, address: `${at.host}:${at.port}` }],
  );
  return {
    platform,
    services: reached.map(({ name, address, inside }) => ({
      name,
      url: `http://${address}`,
      api: !silent.has(inside),
    })),
    unreached: beside.services.filter(({ at }) => at === undefined).map(({ name }) => name),
    project: { name: beside.project ?? project, file: beside.file },
    stores: Object.fromEntries(
      reached.flatMap(({ address, inside }) => {
        const section = stores.get(inside);
        return section === undefined ? [] : [[section, address]];
      }),
    ),
  };
}

function serviceLine({ name, url, api }: BegunService): string {
  const address = writtenText(url);
  return `  ${writtenText(name)}: ${api ? address : `{ url: ${address}, api: false }`}`;
}

/**
 * The text of `runbooks/platform.yaml`, with the comments that a newcomer reads; made for a folder beside that of
 * what runs the services.
 */
export function begunText({ platform, services, unreached, project, stores: found }: Begun): string {
  const noApi = services.some(({ api }) => !api) ? ["  # api: false: it speaks no HTTP."] : [];
  const redis = `redis: { url: redis://${found.redis ?? "localhost:6379"} }`;
  const kafka = `kafka: { brokers: [${writtenText(found.kafka ?? "localhost:9092")}] }`;
  return [
    "# yaml-language-server: $schema=./platform.schema.json",
    "# What your platform is and where it runs. Runbooks say what to do; this file alone says where.",
    "# No password is written here. `lav-ir lint` checks it, and your editor completes it.",
    `platform: ${writtenText(platform)}`,
    "",
    "# Each service by its name, with the address of its API.",
    "services:",
    ...noApi,
    ...services.map(serviceLine),
    ...unreached.map(
      (name) => `  # ${writtenText(name)} publishes no port: { url: http://HOST:PORT, api: false }`,
    ),
    "",
    ...(project === undefined
      ? [
          "# What runs a service, so that a step may look at it and restart it: beside its url,",
          "#   api: { url: http://localhost:3000, runs: { systemd: api } }",
          "# or, for all of them, a Compose project:",
          "# compose: { project: shop, files: [../compose.yaml] }",
        ]
      : [
          "# What runs them: service.inspect, service.logs and service.restart use it.",
          `compose: { project: ${writtenText(project.name)}, files: [../${project.file}] }`,
        ]),
    "",
    "# Stores that postgres.*, redis.* and kafka.* steps ask. A password comes from the environment: DATABASE_URL,",
    "# or `password: NAME` for the variable NAME.",
    `# postgres: { url: postgres://USER@${found.postgres ?? "localhost:5432"}/DATABASE }`,
    found.redis === undefined ? `# ${redis}` : redis,
    found.kafka === undefined ? `# ${kafka}` : kafka,
    "",
    "# Who responds, how they are paged and how soon (people, channels, severities, clocks): `lav-ir schema platform`.",
    "",
  ].join("\n");
}
