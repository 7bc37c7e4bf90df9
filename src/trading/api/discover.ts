import { publishedBy, type ContainersAt } from "../../drivers/docker/published.ts";
import type { TradingInstance, TradingInstances } from "../../ports/trading.ts";

export interface WhereTrading {
  /** Its containers, where it runs in some. */
  readonly containers: ContainersAt | undefined;
  /** The port of its API inside a container. */
  readonly port: number;
  /** Base URLs that the platform file has. */
  readonly instances: readonly string[];
}

/** The configured instances: known at once, without asking anyone. */
export function configured(where: WhereTrading): readonly TradingInstance[] {
  return where.instances.map((url) => ({ url, found: "configured", container: undefined }));
}

/** Configured instances, and those that only the engine knows, found by the labels of their containers. */
export async function discover(where: WhereTrading, signal: AbortSignal): Promise<TradingInstances> {
  const known = configured(where);
  if (where.containers === undefined) return { running: known, stopped: [], unseen: undefined };
  const seen = await publishedBy(where.containers, where.port, signal);
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

function sameHost(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  const here = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/.test(hostname) ? "here" : hostname;
  return `${here}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
}
