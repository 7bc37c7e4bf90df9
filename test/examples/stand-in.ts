import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { Rig } from "../cli/rig.ts";
import { Screen } from "../cli/screen.ts";
import type { ScriptedServer } from "../cli/server.ts";
import { Authority } from "../drivers/authority.ts";
import { Asked } from "./asked.ts";
import { example, type Runbook } from "./example.ts";
import { Metrics } from "./metrics.ts";
import { programs, type Program } from "./programs.ts";
import { Service } from "./service.ts";

/** Where a store or an engine of the test is, in the place of an address of the platform file. */
export type Addresses = Readonly<Record<string, string>>;

/** Names of the platform file's services that answer over HTTP, each with the address that it has there. */
const plain = {
  api: "http://localhost:3000",
  "app-blue": "http://localhost:3001",
  "app-green": "http://localhost:3002",
  gateway: "http://localhost:3020",
  "market-sentinel": "http://localhost:3021",
  "risk-warden": "http://localhost:3022",
  executioner: "http://localhost:3023",
};
const encrypted = { provider: "https://api.provider.example", desk: "https://desk.example" };
export type ServiceName = keyof typeof plain | keyof typeof encrypted;

/**
 * The platform of docs/examples on loopback, with its runbooks beside it as they are shipped. Whatever it is asked
 * that nobody of this platform understands, the test is told of.
 */
export class StandIn implements AsyncDisposable {
  readonly asked: Asked;
  readonly rig: Rig;
  readonly metrics: Metrics;
  private readonly services: ReadonlyMap<string, Service>;
  private readonly authority: Authority;
  private readonly forwarding: ScriptedServer;
  private readonly screens: Screen[] = [];
  private readonly undone: (() => Promise<void>)[] = [];

  private constructor(
    asked: Asked,
    rig: Rig,
    metrics: Metrics,
    services: ReadonlyMap<string, Service>,
    authority: Authority,
    forwarding: ScriptedServer,
  ) {
    this.asked = asked;
    this.rig = rig;
    this.metrics = metrics;
    this.services = services;
    this.authority = authority;
    this.forwarding = forwarding;
  }

  /**
   * @param addresses what stands in the place of other addresses of the platform file
   * @param days how long the certificates are good for
   */
  static async start(
    addresses: Addresses,
    commands: (asked: Asked) => Readonly<Record<string, Program>> = () => ({}),
    days = 60,
  ): Promise<StandIn> {
    const asked = new Asked();
    const rig = await Rig.create();
    const metrics = await Metrics.start(asked);
    const authority = new Authority();
    const issued = authority.issue({ days });
    const tls = { key: issued.key.reveal(), cert: issued.cert };
    const services = new Map<string, Service>();
    const places: Record<string, string> = { "http://localhost:9090": metrics.service.url, ...addresses };
    for (const [name, address] of Object.entries({ ...plain, ...encrypted })) {
      const service = await Service.start(name, asked, Object.hasOwn(encrypted, name) ? tls : undefined);
      // What a snapshot asks of a service before it is changed.
      services.set(name, service.on("GET /metrics", 404));
      places[address] = service.url;
    }
    const forwarding = await programs(join(rig.folder, "bin"), asked, commands(asked));
    const logs = join(rig.folder, "logs");
    mkdirSync(logs);
    places["/var/log/adaf"] = logs;
    rig.file("runbooks/authority.pem", authority.ca);
    const text = Object.entries(places).reduce(
      (file, [from, to]) => replaced(file, from, to),
      example("platform"),
    );
    rig.file("runbooks/platform.yaml", `${text}tls: { ca: authority.pem }\n`);
    return new StandIn(asked, rig, metrics, services, authority, forwarding);
  }

  on(name: ServiceName): Service {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`there is no ${name}`);
    return service;
  }

  log(name: string, text: string): void {
    writeFileSync(join(this.rig.folder, "logs", name), text);
  }

  /**
   * A runbook as it is shipped, but that what is to hold does so for a moment, and is looked at often.
   * @param changes other words in some places
   */
  runbook(name: Runbook, changes: Readonly<Record<string, string>> = {}): this {
    const text = Object.entries(changes).reduce(
      (book, [from, to]) => replaced(book, from, to),
      example(name),
    );
    const pace = "every: 20ms, hold: 40ms }";
    const paced = text.replaceAll(/(?:every: \w+, )?hold: \w+ \}/g, pace);
    this.rig.file(`runbooks/${name}.yaml`, paced);
    return this;
  }

  /** What a process of it has in its environment. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { PATH: `${this.rig.folder}/bin:${process.env["PATH"]}`, ...more };
  }

  /** At a terminal of 80x24. */
  screen(args: readonly string[], env: Readonly<Record<string, string>> = {}): Screen {
    const screen = new Screen(this.rig, args, { columns: 80, rows: 24, env: this.env(env) });
    this.screens.push(screen);
    return screen;
  }

  /** What is to be done before this one goes. */
  leaves(undo: () => Promise<void>): void {
    this.undone.push(undo);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.undone.splice(0)) await undo();
    for (const screen of this.screens) screen[Symbol.dispose]();
    await this.rig[Symbol.asyncDispose]();
    await this.metrics.service.server[Symbol.asyncDispose]();
    for (const { server } of this.services.values()) await server[Symbol.asyncDispose]();
    await this.forwarding[Symbol.asyncDispose]();
    this.authority[Symbol.dispose]();
    const { wrong } = this.asked;
    if (wrong.length > 0) throw new Error(`nobody of this platform understands:\n${wrong.join("\n")}`);
  }
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the example does not say ${from}`);
  return text.replaceAll(from, to);
}
