import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

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
    await run("mvn", ["-q", "-B", "-f", join(work, "pom.xml"), ...goal]);
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
}

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

/** `server.properties` of a KRaft node without security, small enough for a test. */
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
    "listener.security.protocol.map": ["CONTROLLER", ...listeners.map(({ name }) => name)]
      .map((name) => `${name}:PLAINTEXT`)
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

/** What keeps a broker small and quick to start, at the cost of its top speed. */
export const javaOptions: readonly string[] = [
  "-Xmx512m",
  "-Xss512k",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-Xshare:auto",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];

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
  readonly root?: string;
}

export interface Broker {
  readonly id: number;
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly pid: number;
  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void>;
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
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "lav-ir-kafka-")));
  const nodes: Broker[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const count = options.brokers ?? 1;
    const [controllerPort = 0, ...ports] = await freePorts(count + 1);
    const controller = `127.0.0.1:${controllerPort}`;
    const begun = ports.map(async (free, index) => {
      const node = index + 1;
      const address = `127.0.0.1:${node === 1 ? (options.port ?? free) : free}`;
      const listeners = [{ name: "OUTSIDE", bind: address, advertised: address }];
      const data = join(folder, `node-${node}`);
      const settings = join(folder, `node-${node}.properties`);
      await mkdir(folder, { recursive: true });
      const config = options.config === undefined ? {} : { config: options.config };
      await writeFile(settings, serverProperties({ node, listeners, controller, data, ...config }));
      await formatStorage(libs, settings);
      return await startNode(libs, settings, { id: node, address }, nodes);
    });
    for (const result of await Promise.allSettled(begun)) {
      if (result.status === "rejected") throw result.reason;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  nodes.sort((a, b) => a.id - b.id);
  return { brokers: nodes.map(({ address }) => address).join(","), nodes, libs, stop };
}

/** The same id for every node and every run: a cluster's folder can be started again. */
export const clusterId = "bGF2LWlyLXRlc3Qta2Fma2E";

export async function formatStorage(libs: string, settings: string): Promise<void> {
  const format = ["format", "--ignore-formatted", "-t", clusterId, "-c", settings];
  await run("java", [...javaOptions, "-cp", join(libs, "*"), "kafka.tools.StorageTool", ...format]);
}

async function startNode(
  libs: string,
  settings: string,
  broker: { readonly id: number; readonly address: string },
  started: Broker[],
): Promise<void> {
  const command = ["java", ...javaOptions, "-cp", join(libs, "*"), "kafka.Kafka", settings];
  // Should this process be killed, the kernel ends the broker with it.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...command], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  started.push({ ...broker, pid: child.pid ?? 0, kill });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stderr });
  await new Promise<void>((done, refuse) => {
    reader.on("line", (line) => {
      if (lines.push(line) > 200) lines.shift();
      if (line.includes(readyLine)) done();
    });
    child.once("error", refuse);
    child.once("close", () => refuse(new Error(`Kafka broker ${broker.id} ended:\n${lines.join("\n")}`)));
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  return await Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, "close");
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
}

/** Runs a program to its end. @returns what it wrote to standard output. */
async function run(program: string, args: readonly string[]): Promise<string> {
  const child: ChildProcess = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  const errors: string[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} exited with ${code}:\n${output.join("")}${errors.join("")}`);
  return output.join("");
}
