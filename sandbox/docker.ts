import { request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** What the stack asks of a Docker Engine beyond what Compose does, over its API. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface Call {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly json?: unknown;
  /** A body that arrives in pieces: an image's tar. */
  readonly body?: AsyncIterable<Buffer>;
  /** Milliseconds; 60 s by default. */
  readonly within?: number;
}

/** @param host `unix:///path` or `tcp://host:port` @throws when nothing answers */
export async function askEngine(host: string, call: Call): Promise<Reply> {
  const where = host.startsWith("unix://")
    ? { socketPath: host.slice("unix://".length) }
    : { host: new URL(host).hostname, port: new URL(host).port };
  const headers: Record<string, string> =
    call.json !== undefined
      ? { "Content-Type": "application/json" }
      : call.body !== undefined
        ? { "Content-Type": "application/x-tar" }
        : {};
  const signal = AbortSignal.timeout(call.within ?? 60_000);
  return await new Promise((resolve, reject) => {
    const { method = "GET", path } = call;
    const outgoing = request({ ...where, method, path, headers, signal, agent: false }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject);
    if (call.body === undefined)
      outgoing.end(call.json === undefined ? undefined : JSON.stringify(call.json));
    else void send(call.body, outgoing).catch(reject);
  });
}

async function send(body: AsyncIterable<Buffer>, outgoing: ReturnType<typeof request>): Promise<void> {
  for await (const chunk of body) {
    if (!outgoing.write(chunk)) await new Promise((resolve) => outgoing.once("drain", resolve));
  }
  outgoing.end();
}

/** The reply's JSON. @throws on any other status than a success, unless it is among `also` */
export async function engineJson(host: string, call: Call, also: readonly number[] = []): Promise<unknown> {
  const reply = await askEngine(host, call);
  if (reply.status >= 300 && !also.includes(reply.status)) {
    throw new Error(`${call.method ?? "GET"} ${call.path}: ${reply.status} ${reply.text.trim()}`);
  }
  return reply.text === "" || reply.status >= 300 ? undefined : (JSON.parse(reply.text) as unknown);
}

/** Milliseconds for which a container's freezing is tried, and between two tries. */
const freezing = { within: 60_000, every: 200 };

/**
 * Pauses a container. runc gives up on a container whose processes do not all stand still within its thousand looks,
 * which on a busy machine they often do not; it has thawed them again by then, and it is tried once more.
 */
export async function pauseContainer(host: string, id: string): Promise<void> {
  const path = `/containers/${id}/pause`;
  const end = performance.now() + freezing.within;
  for (;;) {
    const { status, text } = await askEngine(host, { method: "POST", path });
    if (status < 300) return;
    if (!text.includes("unable to freeze") || performance.now() > end) {
      throw new Error(`POST ${path}: ${status} ${text.trim()}`);
    }
    await wait(freezing.every);
  }
}

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly project: string;
  readonly number: number;
  readonly state: string;
  /** By its health check's last look; undefined without one, and before anything is known. */
  readonly health: "healthy" | "unhealthy" | "starting" | undefined;
  /** Its address in the project's network, while it runs. */
  readonly address: string | undefined;
  /** Port inside → port on the host. */
  readonly ports: Readonly<Record<number, number>>;
}

interface Listed {
  Id: string;
  Names: string[];
  State: string;
  /** For people: "Up 2 minutes (healthy)". */
  Status: string;
  Labels: Record<string, string>;
  Ports: { PrivatePort: number; PublicPort?: number }[];
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
}

/** Every container of a Compose project, stopped ones too; of every project without a name. */
export async function containersOf(host: string, project?: string): Promise<Container[]> {
  const label = `com.docker.compose.project${project === undefined ? "" : `=${project}`}`;
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const listed = (await engineJson(host, { path: `/containers/json?all=1&filters=${filters}` })) as Listed[];
  return listed
    .map((one) => ({
      id: one.Id,
      name: (one.Names[0] ?? "").replace(/^\//, ""),
      service: one.Labels["com.docker.compose.service"] ?? "",
      project: one.Labels["com.docker.compose.project"] ?? "",
      number: Number(one.Labels["com.docker.compose.container-number"] ?? 1),
      state: one.State,
      health: healthIn(one.Status),
      address: Object.values(one.NetworkSettings.Networks)
        .map(({ IPAddress }) => IPAddress)
        .find((address) => address !== ""),
      ports: Object.fromEntries(
        one.Ports.flatMap((port) =>
          port.PublicPort === undefined ? [] : [[port.PrivatePort, port.PublicPort]],
        ),
      ),
    }))
    .toSorted((a, b) => a.service.localeCompare(b.service) || a.number - b.number);
}

/** Engines put it nowhere else in a list. */
function healthIn(status: string): Container["health"] {
  const word = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status)?.[1];
  return (["healthy", "unhealthy", "starting"] as const).find((one) => one === word);
}

/** Base URL of an instance of a service: its published port, else its address in the project's network. */
export function urlOf(container: Container, inside: number): string | undefined {
  const published = container.ports[inside];
  if (published !== undefined) return `http://127.0.0.1:${published}`;
  return container.address === undefined ? undefined : `http://${container.address}:${inside}`;
}
