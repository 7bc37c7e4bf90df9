import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tools/places.ts";
import { createAdmin, type Answered } from "./admin.ts";
import { choosePorts, composeFile, composeProgram, makeSecrets } from "./compose-file.ts";
import { containersOf, urlOf, type Container } from "./docker.ts";
import { ensureEngine, type EngineName } from "./engine.ts";
import { clearFaults, setFault, type Fault } from "./faults.ts";
import { waitHealthy } from "./health.ts";
import { ensureImage } from "./image.ts";
import { kafkaLibs, type KafkaVersion } from "./kafka.ts";
import { whileUsed, withLock } from "./lock.ts";
import { operatorEnvironment, platformFile } from "./platform-file.ts";
import { bundlePrograms } from "./programs.ts";
import { remember, startContainers } from "./recreate.ts";
import { removeProject, removeStack } from "./remove.ts";
import { isStore, rememberLook, resetStack, seedStores } from "./reset.ts";
import { runCompose } from "./run-compose.ts";
import { brokerSettings, formattedFolder } from "./seed-kafka.ts";
import { isServiceName, services, storeNames, type ServiceName } from "./services.ts";
import {
  faultsFolder,
  noteReset,
  readState,
  stackFolder,
  writeMade,
  writeState,
  type StackState,
} from "./state.ts";

export interface StackOptions {
  /** 4.1 when left out. */
  readonly kafka?: KafkaVersion;
  /** Flavour of Compose; 2 when left out. */
  readonly compose?: 1 | 2;
  /** Name of the Compose project, and of the stack's folder; `lav` when left out. */
  readonly project?: string;
  /** Where it runs, when no other engine of this machine answers; the one that stacks share when left out. */
  readonly engine?: EngineName;
  /** Seed of what is random: generated orders, faults by a part, prices. Nothing is random when left out. */
  readonly seed?: number | undefined;
  readonly log?: (line: string) => void;
}

/** The platform, running. Every address is on 127.0.0.1. */
export interface Stack {
  readonly state: StackState;
  readonly folder: string;
  readonly platformFile: string;
  /** What an operator's shell has: DATABASE_URL, KAFKA_BROKERS, REDIS_URL, DOCKER_HOST, EMERGENCY_TOKEN. */
  readonly env: Readonly<Record<string, string>>;
  /** Base URL of a service; of its first instance unless a number is given. */
  url(service: string, instance?: number): string;
  /** One of its `/admin/…` endpoints: GET, or POST when something is sent. @throws what it says is missing */
  admin(service: ServiceName, path: string, json?: object, instance?: number): Promise<Answered>;
  /** Waits until nothing is on its way any more, in any service. @throws what is */
  settled(): Promise<void>;
  /** No order any more but those that somebody makes, and nothing on its way of those before. */
  quiet(): Promise<void>;
  /** Makes what every service has stored so many seconds older. */
  age(seconds: number): Promise<void>;
  /** As they are now, the stopped ones too. */
  containers(): Promise<Container[]>;
  fault(service: string, fault: Fault): Promise<void>;
  clear(service?: string): Promise<void>;
  /** Waits until every service answers its health check; 60 s by default. */
  healthy(timeoutMs?: number): Promise<void>;
  /**
   * Back to how it came up: faults cleared, every service opened anew in its first number, the stores' contents
   * as seeded. Only where a container was touched are those of its service made again.
   * @returns the services of which they were
   */
  reset(): Promise<readonly string[]>;
  down(): Promise<void>;
}

/** For every service to be healthy, on a machine that others use as well; in milliseconds. */
const startTime = 120_000;

/** Brings the stack up, or takes the one that is up; a half-made one of a killed run is removed first. */
export async function stackUp(options: StackOptions = {}): Promise<Stack> {
  const { project = "lav", kafka = "4.1", compose: flavour = 2, engine = "engine", seed } = options;
  const { log = () => {} } = options;
  return await withLock(`stack-${project}`, async () => {
    const state = readState(project);
    const same =
      state?.complete === true &&
      state.kafka === kafka &&
      state.flavour === flavour &&
      state.seed === seed &&
      state.engine === engine;
    if (same && (await stillThere(state))) {
      log(`${project} is up already`);
      return await opened(state);
    }
    log(`bringing up ${project}: Kafka ${kafka}, Compose ${flavour === 1 ? "1.29" : "2"}`);
    if (seed !== undefined) log(`random, by seed ${seed}`);
    if (state !== undefined) await removeStack(project, log);
    return await whileUsed(engine, async () => {
      return await opened(await create({ project, kafka, flavour, engine, seed }, log));
    });
  });
}

/** The stack that is up. @throws when there is none */
export async function attach(project = "lav"): Promise<Stack> {
  const state = readState(project);
  if (state?.complete !== true)
    throw new Error(`the stack ${project} is not up; \`npm run stack -- up\` brings it`);
  return await opened(state);
}

async function create(
  chosen: Pick<StackState, "project" | "kafka" | "flavour" | "engine" | "seed">,
  log: (line: string) => void,
): Promise<StackState> {
  const { project, kafka, flavour, seed } = chosen;
  const started = performance.now();
  const done = (what: string): void => log(`${((performance.now() - started) / 1000).toFixed(1)} s  ${what}`);
  const engine = await ensureEngine(chosen.engine);
  done(engine.own ? "Docker Engine of our own" : "the machine's Docker Engine");
  // Left from a run whose folder is gone: found by the project's labels.
  await removeProject(engine.host, project);
  const libs = await kafkaLibs(kafka, root);
  // Kept for the next stack, which may be coming up beside this one.
  const [image, programs, formatted] = await withLock("made", async () => {
    return await Promise.all([ensureImage(engine.host), bundlePrograms(), formattedFolder(kafka, libs)]);
  });
  done("image and programs");
  const folder = stackFolder(project);
  const faults = faultsFolder(project);
  mkdirSync(faults, { recursive: true });
  const state: StackState = {
    ...chosen,
    compose: await composeProgram(flavour),
    dockerHost: engine.host,
    ownEngine: engine.own,
    ports: await choosePorts(),
    secrets: makeSecrets(),
    complete: false,
  };
  writeState(state);
  const { ports, secrets, dockerHost, compose } = state;
  const settings = join(folder, "server.properties");
  writeFileSync(settings, brokerSettings(ports.kafka));
  const broker = { libs, formatted, settings };
  const file = composeFile({
    project,
    dockerHost,
    image,
    ports,
    secrets,
    programs,
    faults,
    kafka: broker,
    seed,
  });
  writeFileSync(join(folder, "compose.yaml"), file, { mode: 0o600 });
  writeFileSync(join(folder, "platform.yaml"), platformFile({ project, ports, dockerHost, compose }));
  // Compose makes everything, once; the rest is faster through the engine, whatever the flavour.
  // Two engines side by side would choose the same addresses for two networks.
  await withLock("networks", async () => await runCompose(state, ["up", "--no-start"]));
  const containers = await containersOf(dockerHost, project);
  done("containers made");
  await startContainers(dockerHost, containers.filter(isStore));
  await seedStores(state);
  done("stores seeded");
  const platform = containers.filter((one) => !isStore(one));
  await remember(dockerHost, platform).then((made) => writeMade(project, made));
  await startContainers(dockerHost, platform);
  await waitHealthy(dockerHost, project, startTime);
  await rememberLook(state);
  done("everything healthy");
  const complete = { ...state, complete: true };
  writeState(complete);
  return complete;
}

async function opened(state: StackState): Promise<Stack> {
  const { project, dockerHost, ports, secrets } = state;
  const folder = stackFolder(project);
  let known = await containersOf(dockerHost, project);
  const stack: Stack = {
    state,
    folder,
    platformFile: join(folder, "platform.yaml"),
    env: operatorEnvironment(ports, secrets, dockerHost),
    url(service, instance = 1) {
      // The edge has the first one's port.
      if (service === "market-sentinel" && instance === 1) return `http://127.0.0.1:${ports.sentinel}`;
      const found = known.find((one) => one.service === service && one.number === instance);
      const inside = isServiceName(service) ? services[service].port : 0;
      const url = found === undefined ? undefined : urlOf(found, inside);
      if (url === undefined) throw new Error(`${service} ${instance} is not running, or has no address`);
      return url;
    },
    ...createAdmin((service, instance) => stack.url(service, instance)),
    containers: async () => (known = await containersOf(dockerHost, project)),
    async fault(service, fault) {
      setFault(project, await stack.containers(), service, fault);
    },
    async clear(service) {
      clearFaults(project, service);
    },
    async healthy(timeoutMs = startTime) {
      known = await waitHealthy(dockerHost, project, timeoutMs);
    },
    async reset() {
      const begun = performance.now();
      const again = await resetStack(state);
      known = await waitHealthy(dockerHost, project, startTime);
      await rememberLook(state);
      noteReset(project, { ms: Math.round(performance.now() - begun), again });
      return again;
    },
    async down() {
      await removeStack(project, () => {});
    },
  };
  return stack;
}

async function stillThere(state: StackState): Promise<boolean> {
  try {
    const containers = await containersOf(state.dockerHost, state.project);
    return storeNames.every((store) =>
      containers.some((one) => one.service === store && one.state === "running"),
    );
  } catch {
    return false;
  }
}
