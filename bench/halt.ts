import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { environment, timed, type Command } from "./child.ts";
import { root, type Place } from "./place.ts";
import { figure, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

/** Executioners that halt: each notes when the first byte of a request to halt reaches it. */
class Instances {
  readonly urls: string[] = [];
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private firsts: number[] = [];
  private full: (() => void) | undefined;

  static async start(count: number): Promise<Instances> {
    const instances = new Instances();
    for (let at = 0; at < count; at++) await instances.listen(at);
    return instances;
  }

  /** Resolves when every instance has seen the first byte of a halt, with the times, sorted. */
  async all(): Promise<readonly number[]> {
    this.firsts = [];
    await new Promise<void>((resolve) => {
      this.full = resolve;
    });
    return this.firsts.toSorted((a, b) => a - b);
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    for (const server of this.servers) server.close();
  }

  private async listen(at: number): Promise<void> {
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("data", (chunk) => this.hear(socket, chunk.toString("latin1"), at));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.servers.push(server);
    this.urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  private hear(socket: Socket, text: string, at: number): void {
    if (text.startsWith("POST /api/emergency/halt-all")) {
      this.firsts.push(performance.now());
      if (this.firsts.length === this.urls.length) this.full?.();
    }
    const covers = { all: true, venues: [], strategies: [] };
    const halt = {
      halted: true,
      halt_id: `H-${at}`,
      since: new Date().toISOString(),
      instance: `i-${at}`,
      scope: covers,
      stage: "halted",
    };
    const venues = [
      { venue: "ATLAS", before: 0, cancelled: 0, refused: [], market: "open", halted: true, open_orders: 0 },
    ];
    const body = JSON.stringify({
      ...halt,
      venues,
      orders: [],
      fills: [],
      boot: "b",
      before: 0,
      cancelled: 0,
      refused: [],
    });
    socket.end(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
}

/** From a process's start to the first byte of the halt at the server, and how far the last one is behind. */
export async function haltOnTheWire(place: Place, rounds: number): Promise<readonly Row[]> {
  const nothing: Command = { program: process.execPath, args: ["-e", ""], cwd: place.folder };
  const one = await Instances.start(1);
  const twenty = await Instances.start(20);
  try {
    const single = haltCommand(place, "one", one.urls);
    const many = haltCommand(place, "twenty", twenty.urls);
    const pairs: { readonly a: number; readonly b: number }[] = [];
    const lasts: number[] = [];
    for (let at = -3; at < rounds; at++) {
      const [a = Number.NaN] = await firstBytes(single, one);
      const b = (await timed(nothing)).ms;
      const times = await firstBytes(many, twenty);
      if (at < 0) continue;
      pairs.push({ a, b });
      lasts.push((times.at(-1) ?? Number.NaN) - (times[0] ?? Number.NaN));
    }
    const median = (values: readonly number[]): string => figure(spread(values).median);
    return [
      {
        what: "halt-all: start to first byte, over node -e ''",
        unit: "×",
        spread: spread(pairs.map(({ a, b }) => a / b)),
        atMost: 1.5,
        note: `by the server; medians ${median(pairs.map(({ a }) => a))} and ${median(pairs.map(({ b }) => b))} ms`,
      },
      {
        what: "halt-all: 20 instances, first to last request",
        unit: "ms",
        spread: spread(lasts),
        atMost: 20,
        note: "first bytes, by the servers",
      },
    ];
  } finally {
    one.close();
    twenty.close();
  }
}

/**
 * The same with the state folder on a disk that is frozen, over the ordinary: a loop file of its own. Only root
 * may mount one.
 */
export async function haltOnFrozenDisk(place: Place, rounds: number): Promise<readonly Row[]> {
  if (process.getuid?.() !== 0) return [];
  const one = await Instances.start(1);
  const image = place.write("frozen.img", "");
  const disk = join(place.folder, "frozen");
  const run = (program: string, ...args: readonly string[]): void => void execFileSync(program, args);
  mkdirSync(disk);
  run("truncate", "-s", "16M", image);
  run("mkfs.ext4", "-q", "-F", image);
  run("mount", "-o", "loop", image, disk);
  try {
    const ordinary = haltCommand(place, "ordinary", one.urls);
    const frozen = { ...ordinary, args: [...ordinary.args, "--state-dir", join(disk, "state")] };
    const pairs: { readonly a: number; readonly b: number }[] = [];
    for (let at = -3; at < rounds; at++) {
      // At the first rounds neither has kept the platform; at the others only the ordinary has.
      run("fsfreeze", "-f", disk);
      const [a = Number.NaN] = await firstBytes(frozen, one).finally(() => run("fsfreeze", "-u", disk));
      const [b = Number.NaN] = await firstBytes(ordinary, one);
      if (at >= 0) pairs.push({ a, b });
      rmSync(join(disk, "state"), { recursive: true, force: true, maxRetries: 5 });
    }
    const median = (values: readonly number[]): string => figure(spread(values).median);
    return [
      {
        what: "halt-all, first byte, state folder's disk frozen, over the ordinary",
        unit: "×",
        spread: spread(pairs.map(({ a, b }) => a / b)),
        atMost: 1.5,
        note: `nothing kept there; medians ${median(pairs.map(({ a }) => a))} and ${median(pairs.map(({ b }) => b))} ms`,
      },
    ];
  } finally {
    run("umount", "-l", disk);
    one.close();
  }
}

/** The stand-alone executable, where it has been built, against the plain command for one instance. */
export async function binaryOnTheWire(place: Place, rounds: number): Promise<readonly Row[]> {
  const binary = join(root, "dist-binary", "lav-ir");
  if (!existsSync(binary)) return [];
  const one = await Instances.start(1);
  try {
    const { args, ...command } = haltCommand(place, "binary", one.urls);
    const ours: Command = { ...command, program: binary, args: args.slice(1) };
    const curl: Command = {
      program: "curl",
      args: ["-sS", "-X", "POST", "-H", "Authorization: Bearer x", `${one.urls[0]}/api/emergency/halt-all`],
    };
    const pairs: { readonly a: number; readonly b: number }[] = [];
    for (let at = -3; at < rounds; at++) {
      const [a = Number.NaN] = await firstBytes(ours, one);
      const [b = Number.NaN] = await firstBytes(curl, one);
      if (at >= 0) pairs.push({ a, b });
    }
    const median = (values: readonly number[]): string => figure(spread(values).median);
    return [
      {
        what: "halt-all, one executable: start to first byte, over curl",
        unit: "×",
        spread: spread(pairs.map(({ a, b }) => a / b)),
        atMost: 4,
        note: `by the server; medians ${median(pairs.map(({ a }) => a))} and ${median(pairs.map(({ b }) => b))} ms`,
      },
    ];
  } finally {
    one.close();
  }
}

export function haltCommand(place: Place, name: string, urls: readonly string[]): Command {
  const text = [
    `platform: bench`,
    `compose: { project: bench, files: [compose.yaml] }`,
    `docker: { host: "unix:///nowhere" }`,
    `postgres: { url: "postgres://127.0.0.1:1/x" }`,
    `kafka: { brokers: ["127.0.0.1:1"] }`,
    `services: { executioner: { url: "${urls[0]}", instances: ${JSON.stringify(urls)} } }`,
    `trading: { venues: "${urls[0]}" }`,
  ].join("\n");
  const config = place.write(`halt-${name}.yaml`, `${text}\n`);
  return place.lavIr("halt-all", "--reason", "bench", "--yes", "--config", config);
}

/** Runs it until every instance has been told, then ends it: the proof is not what is measured here. */
export async function firstBytes(command: Command, instances: Instances): Promise<readonly number[]> {
  const told = instances.all();
  const started = performance.now();
  const child = spawn(command.program, command.args, {
    stdio: "ignore",
    env: { ...environment, ...command.env },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const times = await Promise.race([told, ended.then(() => undefined)]);
  if (times === undefined) throw new Error(`${command.args.join(" ")} ended without telling every instance`);
  // What it keeps for the next time is written once the requests are out.
  setTimeout(() => child.kill("SIGKILL"), 150);
  await ended;
  return times.map((time) => time - started);
}
