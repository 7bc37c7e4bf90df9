import { ok, type Result } from "../../base/result.ts";
import { hostText } from "../../drivers/address.ts";
import { readAddress } from "../../drivers/docker/address.ts";
import { Engine } from "../../drivers/docker/engine.ts";
import type { TradingInstance, TradingInstances } from "../../ports/trading.ts";
import { field } from "./call.ts";

export interface WhereTrading {
  /** `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly dockerHost: string;
  readonly project: string;
  /** The service's name in the Compose project. */
  readonly compose: string;
  /** The port of its API inside a container. */
  readonly port: number;
  /** Base URLs that the platform file has. */
  readonly instances: readonly string[];
}

/** The configured instances: known at once, without asking anyone. */
export function configured(where: WhereTrading): readonly TradingInstance[] {
  return where.instances.map((url) => ({ url, found: "configured", container: undefined }));
}

/** Configured instances, and those that only the engine knows, found by the labels Compose gives them. */
export async function discover(where: WhereTrading, signal: AbortSignal): Promise<TradingInstances> {
  const known = configured(where);
  const seen = await containersOf(where, signal);
  if (!seen.ok) return { running: known, stopped: [], unseen: seen.failure };
  const running = seen.value.filter(
    ({ state }) => state === "running" || state === "paused" || state === "restarting",
  );
  const names = new Map(running.flatMap(({ name, urls }) => urls.map((url) => [sameHost(url), name])));
  const matched = known.map((instance) => ({ ...instance, container: names.get(sameHost(instance.url)) }));
  const taken = new Set(matched.map(({ container }) => container));
  const found = running.flatMap(({ name, urls }): TradingInstance[] => {
    const [url] = urls;
    return taken.has(name) || url === undefined ? [] : [{ url, found: "label", container: name }];
  });
  const stopped = seen.value
    .filter((one) => !running.includes(one))
    .map(({ name, state }) => ({ name, state }));
  return { running: [...matched, ...found], stopped, unseen: undefined };
}

interface Seen {
  readonly name: string;
  readonly state: string;
  /** Where its API can be reached from here, the surest first. */
  readonly urls: readonly string[];
}

async function containersOf(where: WhereTrading, signal: AbortSignal): Promise<Result<readonly Seen[]>> {
  const labels = [
    `com.docker.compose.project=${where.project}`,
    `com.docker.compose.service=${where.compose}`,
  ];
  const filters = encodeURIComponent(JSON.stringify({ label: labels }));
  const listed = await new Engine(where.dockerHost).json(
    "GET",
    `/containers/json?all=1&filters=${filters}`,
    signal,
  );
  if (!listed.ok) return listed;
  const engine = readAddress(where.dockerHost);
  const host = engine.ok && engine.value.type === "tcp" ? hostText(engine.value.host) : "127.0.0.1";
  return ok(
    listOf(listed.value).map((item) => {
      const name = (textOf(listOf(field(item, "Names"))[0]) || textOf(field(item, "Id"))).replace(/^\//, "");
      return { name, state: textOf(field(item, "State")), urls: urlsOf(item, host, where.port) };
    }),
  );
}

/** Its published port, else its own address in a network of the engine's. */
function urlsOf(item: unknown, host: string, port: number): readonly string[] {
  const published = listOf(field(item, "Ports")).flatMap((mapped) => {
    const open = field(mapped, "PublicPort");
    if (field(mapped, "PrivatePort") !== port || typeof open !== "number") return [];
    const ip = textOf(field(mapped, "IP"));
    const everywhere = ip === "" || ip === "0.0.0.0" || ip === "::" || ip.startsWith("127.");
    return [`http://${everywhere ? host : ip.includes(":") ? `[${ip}]` : ip}:${open}`];
  });
  const networks = Object.values((field(field(item, "NetworkSettings"), "Networks") ?? {}) as object);
  const inside = networks.flatMap((network) => {
    const ip = textOf(field(network, "IPAddress"));
    return ip === "" ? [] : [`http://${ip}:${port}`];
  });
  return [...new Set([...published, ...inside])];
}

function sameHost(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  const here = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/.test(hostname) ? "here" : hostname;
  return `${here}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
