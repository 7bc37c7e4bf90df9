import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { foldCacheFile, senderLock } from "../src/store/layout.ts";
import { lockHolder } from "../src/store/lock.ts";
import { timed, type Command } from "./child.ts";
import { longJournal } from "./journal.ts";
import type { Place } from "./place.ts";
import { figure, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

/** The status of an incident of 100 000 records, half of them of messages, with and without its cache. */
export async function statusOfLong(place: Place, rounds: number): Promise<readonly Row[]> {
  const incident = "INC-2026-0001";
  const state = join(place.folder, "long");
  mkdirSync(state, { mode: 0o700 });
  longJournal(state, incident, 100_000);
  const command = inState(place.lavIr("status"), state);
  const pairs = async (before: () => void): Promise<readonly Pair[]> => {
    const found: Pair[] = [];
    for (let at = -1; at < rounds; at++) {
      before();
      const ours = (await timed(command)).ms;
      const nothing = (await timed(emptyNode(place))).ms;
      // The first one makes the cache.
      if (at >= 0) found.push({ ours, nothing });
    }
    return found;
  };
  const cached = await pairs(() => {});
  const bare = await pairs(() => rmSync(foldCacheFile(state, incident), { force: true }));
  const what = "status of 100 000 records";
  return [...overNode(`${what}, cached`, cached, 500), ...overNode(`${what}, without a cache`, bare, 2500)];
}

/** From the start of `declare` to the first byte at the last of four channels, with and without a living sender. */
export async function declaring(place: Place, rounds: number): Promise<readonly Row[]> {
  await using channels = await Channels.listen();
  const config = place.write("declare.yaml", channels.platform);
  const [living, starting]: [Pair[], Pair[]] = [[], []];
  for (let at = -1; at < rounds; at++) {
    const state = join(place.folder, `declare-${at}`);
    mkdirSync(state, { mode: 0o700 });
    const declare = (): Command => ({
      ...inState(place.lavIr("declare", "P0", "orders rejected"), state, {
        LAV_IR_CONFIG: config,
        ...secrets,
      }),
      // Nobody is at a terminal to halt: what it says of that is not measured.
      codes: [0, 1],
    });
    const measured = async (incident: string): Promise<Pair> => {
      await pause(betweenPosts);
      const begun = performance.now();
      const [last] = await Promise.all([channels.reached(incident), timed(declare())]);
      return { ours: last - begun, nothing: (await timed(emptyNode(place))).ms };
    };
    const first = await measured("0001");
    const second = await measured("0002");
    await endSender(state);
    if (at < 0) continue;
    starting.push(first);
    living.push(second);
  }
  return [
    ratio("declare to the first byte at each channel, a sender lives", living, 2.5),
    ratio("the same, declare starts one", starting, 4),
  ];
}

interface Pair {
  readonly ours: number;
  readonly nothing: number;
}

function emptyNode({ folder }: Place): Command {
  return { program: process.execPath, args: ["-e", ""], cwd: folder };
}

function inState(command: Command, state: string, env: Readonly<Record<string, string>> = {}): Command {
  return { ...command, env: { ...command.env, ...env, LAV_IR_STATE_DIR: state } };
}

function overNode(what: string, pairs: readonly Pair[], atMost: number): readonly Row[] {
  const more = spread(pairs.map(({ ours, nothing }) => ours - nothing));
  return [
    { what: `${what}: more than node -e ''`, unit: "ms", spread: more, atMost },
    ratio("the same", pairs, undefined),
  ];
}

function ratio(what: string, pairs: readonly Pair[], atMost: number | undefined): Row {
  const median = (values: readonly number[]): string => figure(spread(values).median);
  const [ours, nothing] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.nothing)];
  return {
    what: `${what}, over node -e ''`,
    unit: "×",
    spread: spread(pairs.map((pair) => pair.ours / pair.nothing)),
    ...(atMost === undefined ? {} : { atMost }),
    note: `medians ${median(ours)} and ${median(nothing)} ms`,
  };
}

/** Each round has a sender of its own; the next one must not find it. */
async function endSender(state: string): Promise<void> {
  const pid = lockHolder(senderLock(state))?.pid;
  if (pid !== undefined) process.kill(pid, "SIGTERM");
  while (lockHolder(senderLock(state)) !== undefined) await pause(10);
}

const secrets = {
  ROOM: "https://hooks.slack.com/services/T0/B0/X0",
  PD: "R0UTINGKEY0000000000000000000001",
  ACCOUNT: "ACbench00000000000000000000000001",
  SMS: "twilio-token-of-the-bench",
};

/** Slack takes one message a second in a channel, and the sender keeps to that: milliseconds of rest, and more. */
const betweenPosts = 1200;

/** Milliseconds after which a measurement has failed. */
const longestWait = 60_000;

/** Four providers that take everything, and note when a request about an incident began to reach them. */
class Channels implements AsyncDisposable {
  private readonly server: Server;
  /** By incident, when the first request of each provider came. */
  private readonly firsts = new Map<string, Map<string, number>>();
  private heard = (): void => {};

  private constructor() {
    this.server = createServer((request, response) => {
      const at = performance.now();
      void bodyOf(request).then((body) => {
        const [, provider = ""] = (request.url ?? "").split("/");
        const [, incident = ""] = /INC-\d{4}-(\d{4})/.exec(body) ?? [];
        this.note(incident, provider, at);
        const [status, answer] = answers[provider] ?? [404, ""];
        response.writeHead(status, { "content-type": "application/json" }).end(answer);
      });
    });
  }

  static async listen(): Promise<Channels> {
    const channels = new Channels();
    channels.server.listen(0, "127.0.0.1");
    await once(channels.server, "listening");
    return channels;
  }

  private get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A platform file with these channels, in which a P0 pages by all of them. */
  get platform(): string {
    return [
      "platform: bench",
      "compose: { project: bench, files: [compose.yaml] }",
      "services: { executioner: http://127.0.0.1:9 }",
      'people: { rosa: { name: Rosa, phone: "+15550103" } }',
      "channels:",
      `  war-room: { slack: { webhook: "\${secrets.ROOM}" }, url: "${this.url}" }`,
      `  on-call: { pagerduty: { routing_keys: ["\${secrets.PD}"] }, url: "${this.url}/pagerduty" }`,
      `  sms: { twilio: { account: "\${secrets.ACCOUNT}", token: "\${secrets.SMS}", from: "+15550100" }, url: "${this.url}/twilio" }`,
      `  hook: { webhook: { address: "${this.url}/hook" } }`,
      "severities: { P0: { name: Critical, means: All, page: [war-room, on-call, sms:rosa, hook] } }",
      "",
    ].join("\n");
  }

  private note(incident: string, provider: string, at: number): void {
    const firsts = this.firsts.get(incident) ?? new Map<string, number>();
    this.firsts.set(incident, firsts);
    if (!firsts.has(provider)) firsts.set(provider, at);
    this.heard();
  }

  /** When the last provider of all was reached about that incident; it is forgotten then. */
  async reached(incident: string): Promise<number> {
    this.firsts.delete(incident);
    return await new Promise((resolve, reject) => {
      const late = new Error(`not every channel was reached about INC-…-${incident}`);
      const patience = setTimeout(() => reject(late), longestWait);
      this.heard = () => {
        const firsts = this.firsts.get(incident);
        if (firsts?.size !== Object.keys(answers).length) return;
        clearTimeout(patience);
        resolve(Math.max(...firsts.values()));
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** By the first part of the path. */
const answers: Readonly<Record<string, readonly [number, string]>> = {
  services: [200, "ok"],
  pagerduty: [202, '{"status":"success","message":"Event processed"}'],
  twilio: [201, '{"sid":"SM00000000000000000000000000000001","status":"queued"}'],
  hook: [202, "{}"],
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of request) body += String(piece);
  return body;
}
