import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { dataFolder, freePort, startChild, type Child } from "./child.ts";
import { brokerOptions, javaOptions } from "./kafka-java.ts";

const run = promisify(execFile);

/** Kafka from Maven's jars, started as plain Java processes: nothing is installed on the machine. */
export type KafkaVersion = "3.9" | "4.1";

export const kafkaReleases: Readonly<Record<KafkaVersion, string>> = { "3.9": "3.9.1", "4.1": "4.1.0" };

/**
 * Folder with Kafka's jars and all they need, brought by Maven the first time. It appears whole or not
 * at all: a killed run leaves a folder of another name, two runs side by side end with the same one.
 * @param root folder that holds `.cache`
 */
export async function kafkaLibs(version: KafkaVersion, root: string = process.cwd()): Promise<string> {
  const folder = resolve(root, ".cache", "kafka", version);
  const libs = join(folder, "libs");
  if (existsSync(libs)) return libs;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, "fetch-"));
  try {
    await writeFile(join(work, "pom.xml"), pom(kafkaReleases[version]));
    const output = join(work, "libs");
    const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${output}`];
    await run("mvn", ["-q", "-B", "-f", join(work, "pom.xml"), ...goal], { maxBuffer: 64 << 20 });
    await rename(output, libs).catch((error: unknown) => {
      if (!existsSync(libs)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return libs;
}

/** One logger for both versions: the server's own differ, and one of them is not among its dependencies. */
function pom(release: string): string {
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>` +
    "<exclusions><exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion>" +
    "</exclusions></dependency>";
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    "<groupId>lav</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>",
    "<dependencies>",
    dependency("org.apache.kafka", "kafka_2.13", release),
    dependency("org.apache.kafka", "kafka-tools", release),
    dependency("org.slf4j", "slf4j-simple", "1.7.36"),
    dependency("ch.qos.reload4j", "reload4j", "1.2.25"),
    "</dependencies></project>",
  ].join("\n");
}

export interface Listener {
  /** Upper case; the first listener is the one brokers use between themselves. */
  readonly name: string;
  /** `host:port` it listens on. */
  readonly bind: string;
  /** `host:port` clients are told. */
  readonly advertised: string;
  /** PLAINTEXT by default. */
  readonly protocol?: Security;
}

export type Security = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

export interface ServerOptions {
  readonly node: number;
  /** Node 1 is the controller as well; the others are brokers only. */
  readonly listeners: readonly Listener[];
  /** `host:port` of node 1's controller. */
  readonly controller: string;
  /** Where it keeps its data. */
  readonly data: string;
  /** Goes over everything else. */
  readonly config?: Readonly<Record<string, string>>;
}

/** `server.properties` of a KRaft node, small enough for a test. */
export function serverProperties(options: ServerOptions): string {
  const { node, listeners, controller, data, config } = options;
  const controls = node === 1;
  const own = controls ? [...listeners, { name: "CONTROLLER", bind: controller }] : listeners;
  const properties: Record<string, string> = {
    "process.roles": controls ? "broker,controller" : "broker",
    "node.id": String(node),
    "controller.quorum.voters": `1@${controller}`,
    "controller.listener.names": "CONTROLLER",
    listeners: own.map(({ name, bind }) => `${name}://${bind}`).join(","),
    "advertised.listeners": listeners.map(({ name, advertised }) => `${name}://${advertised}`).join(","),
    "inter.broker.listener.name": listeners[0]?.name ?? "",
    "listener.security.protocol.map": [{ name: "CONTROLLER" }, ...listeners]
      .map(({ name, protocol = "PLAINTEXT" }: Pick<Listener, "name" | "protocol">) => `${name}:${protocol}`)
      .join(","),
    "log.dirs": data,
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    // A restart must not wait for a session that a killed broker left behind.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    ...config,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** Written to the node's standard error (by `javaOptions`) once it takes requests. */
export const readyLine = "Kafka Server started";

export interface KafkaOptions {
  readonly version: KafkaVersion;
  /** Of the first broker; a free one by default. */
  readonly port?: number;
  /** Data and settings, kept after `stop`; a temporary folder, removed at the end, by default. */
  readonly folder?: string;
  /** One by default; all in one cluster, on 127.0.0.1. */
  readonly brokers?: number;
  readonly config?: Readonly<Record<string, string>>;
  /** What clients are told instead of a broker's own `host:port`: something in between, in a test. */
  readonly advertise?: (address: string) => string | Promise<string>;
  readonly root?: string;
  /** Further listeners of each broker, by name; `advertised` stands for what clients are told instead. */
  readonly listeners?: Readonly<
    Record<string, { readonly protocol: Security; readonly advertised?: string }>
  >;
  /** Users of SCRAM: `SCRAM-SHA-256=[name=ops,password=word]`. */
  readonly scram?: readonly string[];
  /** More options of Java, in place of the classes that are kept. */
  readonly java?: readonly string[];
}

export interface Broker {
  readonly id: number;
  /** `127.0.0.1:port`, as it is advertised. */
  readonly address: string;
  /** Of its further listeners, where they listen. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void>;
  /** Ends it as its operator would. @param within milliseconds after which it is killed */
  end(within: number): Promise<void>;
  /** The same node, on the same ports and data, after `kill`. */
  start(): Promise<void>;
  log(): string;
}

export interface RunningKafka {
  /** `host:port,host:port` of every broker. */
  readonly brokers: string;
  readonly nodes: readonly Broker[];
  readonly libs: string;
  stop(): Promise<void>;
}

/** Formats and starts a cluster; resolves once every broker takes requests. */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const libs = await kafkaLibs(options.version, options.root);
  const folder = options.folder ?? dataFolder("kafka");
  await mkdir(folder, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const nodes = await nodesOf(libs, folder, options);
    const stop = async (): Promise<void> => {
      await Promise.all(nodes.map((node) => node.kill()));
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    };
    const started = await Promise.allSettled(nodes.map((node) => node.start()));
    const failed = started.find((result) => result.status === "rejected");
    if (failed === undefined) {
      return { brokers: nodes.map(({ address }) => address).join(","), nodes, libs, stop };
    }
    if (attempt < 4 && /address already in use/i.test(String(failed.reason))) {
      await Promise.all(nodes.map((node) => node.kill()));
      continue;
    }
    await stop();
    throw failed.reason;
  }
}

async function nodesOf(libs: string, folder: string, options: KafkaOptions): Promise<Broker[]> {
  const { advertise = (address: string) => address, config = {} } = options;
  const controller = `127.0.0.1:${await freePort()}`;
  const ids = Array.from({ length: options.brokers ?? 1 }, (_, index) => index + 1);
  return await Promise.all(
    ids.map(async (id) => {
      const inside = `127.0.0.1:${await freePort()}`;
      const bind = `127.0.0.1:${id === 1 && options.port !== undefined ? options.port : await freePort()}`;
      const address = await advertise(bind);
      const listeners: Listener[] = [
        { name: "INSIDE", bind: inside, advertised: inside },
        { name: "OUTSIDE", bind, advertised: address },
      ];
      const addresses: Record<string, string> = {};
      for (const [name, { protocol, advertised }] of Object.entries(options.listeners ?? {})) {
        const own = `127.0.0.1:${await freePort()}`;
        addresses[name] = own;
        listeners.push({ name, bind: own, advertised: advertised ?? own, protocol });
      }
      const data = join(folder, `node-${id}`);
      const settings = join(folder, `node-${id}.properties`);
      await writeFile(settings, serverProperties({ node: id, listeners, controller, data, config }));
      await formatStorage(libs, settings, options.scram);
      return nodeOf({ id, address, addresses }, [
        "java",
        ...(options.java === undefined ? brokerOptions(libs) : [...javaOptions, ...options.java]),
        "-cp",
        join(libs, "*"),
        "kafka.Kafka",
        settings,
      ]);
    }),
  );
}

/** The same id for every node and every run: a cluster's folder can be started again. */
export const clusterId = "bGF2LWlyLXRlc3Qta2Fma2E";

/** Safe to repeat: a folder that has been formatted stays as it is. */
export async function formatStorage(
  libs: string,
  settings: string,
  scram: readonly string[] = [],
): Promise<void> {
  const format = ["format", "--ignore-formatted", "-t", clusterId, "-c", settings];
  for (const user of scram) format.push("--add-scram", user);
  await run("java", [...brokerOptions(libs), "-cp", join(libs, "*"), "kafka.tools.StorageTool", ...format]);
}

function nodeOf(broker: Pick<Broker, "id" | "address" | "addresses">, command: readonly string[]): Broker {
  let child: Child | undefined;
  return {
    ...broker,
    async start() {
      child = await startChild({ command, cwd: "/", ready: new RegExp(readyLine), within: 60_000 });
    },
    async kill() {
      await child?.stop("SIGKILL");
      child = undefined;
    },
    async end(within) {
      await child?.stop("SIGTERM", within);
      child = undefined;
    },
    log: () => child?.log() ?? "",
  };
}
