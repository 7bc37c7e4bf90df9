import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { patience, slowness } from "../patience.ts";
import { Rig } from "./rig.ts";
import { ScriptedServer } from "./server.ts";

const covers = { all: true, venues: [], strategies: [] };

/** An instance that halts when it is told to, and says so. */
export class Executioner {
  readonly server: ScriptedServer;
  readonly name: string;
  halted = false;
  private since = new Date().toISOString();

  constructor(server: ScriptedServer, name: string) {
    this.server = server;
    this.name = name;
    server.on("POST /api/emergency/halt-all", () => ({ json: this.halt() }));
    server.on("GET /api/emergency/status", () => ({ json: this.state() }));
  }

  halt(): object {
    const repeated = this.halted;
    if (!repeated) this.since = new Date().toISOString();
    this.halted = true;
    const venues = repeated ? [] : [{ venue: "ATLAS", before: 1, cancelled: 1, refused: [] }];
    return { ...this.state(), repeated, persisted: true, venues, unknown: [] };
  }

  state(): object {
    const { halted, name: instance, since } = this;
    if (!halted) return { halted, halt_id: null, stage: "trading", instance };
    return { halted, halt_id: `H-${instance}`, since, stage: "halted", instance, scope: covers };
  }

  /** The requests to halt that reached it. */
  asked(): number {
    return this.server.count("POST /api/emergency/halt-all");
  }
}

/** Milliseconds an instance has to answer: it lives in this process, which a busy machine slows down. */
const deadline = Math.round(patience / 3);

/** The same where one never does, and the halt waits for that: the others must still be in time. */
export const givenUp = Math.round(2000 * slowness);

/** Executioners, a venue, and an engine that knows containers, all on loopback; neither database nor Kafka. */
export class HaltWorld implements AsyncDisposable {
  readonly rig: Rig;
  readonly instances: readonly Executioner[];
  readonly venue: ScriptedServer;
  /** The venue takes no orders itself. */
  closed = false;
  open: readonly object[] = [];
  market = "open";
  /** What the engine lists: the configured instances' containers, unless a test says otherwise. */
  containers: object[];
  private readonly engine: Server;

  private constructor(rig: Rig, instances: readonly Executioner[], venue: ScriptedServer, engine: Server) {
    this.rig = rig;
    this.instances = instances;
    this.venue = venue;
    this.engine = engine;
    this.containers = instances.map(({ server, name }) => containerOf(server, name));
    const state = (): object => ({
      venue: "ATLAS",
      market: this.market,
      halted: this.closed,
      open_orders: this.open.length,
    });
    venue.on("GET /venues", () => ({ json: { venues: [state()] } }));
    venue.on("GET /venues/ATLAS/orders", () => ({ json: { venue: "ATLAS", orders: this.open } }));
    venue.on("GET /venues/ATLAS/fills", () => ({ json: { venue: "ATLAS", boot: "b", fills: [] } }));
    venue.on("POST /venues/ATLAS/halt", () => {
      this.closed = true;
      this.open = [];
      return { json: { before: 0, cancelled: 0, refused: [] } };
    });
  }

  /** One that starts the program for every halt. */
  static async create(count = 2): Promise<HaltWorld> {
    return await HaltWorld.on(await Rig.create(), count);
  }

  /** One that halts in the test's own process; what writes the record is one of its own, as ever. */
  static async inside(count = 2): Promise<HaltWorld> {
    return await HaltWorld.on(await Rig.inside(), count);
  }

  private static async on(rig: Rig, count: number): Promise<HaltWorld> {
    const instances: Executioner[] = [];
    for (let at = 1; at <= count; at++)
      instances.push(new Executioner(await ScriptedServer.start(), `ex${at}`));
    const venue = await ScriptedServer.start();
    const engine = createServer((request, response) => {
      response.setHeader("api-version", "1.41");
      response.end(request.url === "/_ping" ? "OK" : JSON.stringify(world.containers));
    });
    engine.listen(0, "127.0.0.1");
    await once(engine, "listening");
    const world = new HaltWorld(rig, instances, venue, engine);
    world.platform();
    return world;
  }

  /** Writes the platform file. @param within milliseconds that an instance has to answer */
  platform(more = "", instances = this.instances, within = deadline): this {
    const urls = instances.map(({ server }) => server.url);
    const { port } = this.engine.address() as AddressInfo;
    this.rig.file(
      "runbooks/platform.yaml",
      `platform: world
compose: { project: test, files: [compose.yaml] }
docker: { host: "tcp://127.0.0.1:${port}" }
postgres: { url: "postgres://127.0.0.1:1/none" }
kafka: { brokers: ["127.0.0.1:1"] }
services: { executioner: { url: "${urls[0]}", instances: ${JSON.stringify(urls)} } }
trading: { venues: "${this.venue.url}", deadline: ${within}ms, proof: { window: 500ms, every: 100ms }, phones: [{ who: Risk desk, phone: "+1 555 0100" }], token_help: ask the desk ${more} }
`,
    );
    return this;
  }

  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { EMERGENCY_TOKEN: "a-good-token", ...more };
  }

  /** Requests to halt that reached anybody. */
  asked(): number {
    return this.instances.reduce((sum, instance) => sum + instance.asked(), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.engine.closeAllConnections();
    this.engine.close();
    for (const { server } of this.instances) await server[Symbol.asyncDispose]();
    await this.venue[Symbol.asyncDispose]();
    await this.rig[Symbol.asyncDispose]();
  }
}

/** A container as the engine lists it. */
export function containerOf({ url }: ScriptedServer, name: string, state = "running"): object {
  const port = { PrivatePort: 3003, PublicPort: Number(new URL(url).port), IP: "127.0.0.1", Type: "tcp" };
  return {
    Id: name,
    Names: [`/${name}`],
    State: state,
    Ports: state === "running" ? [port] : [],
    NetworkSettings: { Networks: {} },
  };
}
