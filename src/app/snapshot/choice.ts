import type { EvidenceTarget } from "../../ports/ports.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import { containerLogs } from "../../evidence/collectors/logs.ts";
import type { Platform } from "../../platform/platform.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { allCollectors, createSources } from "./sources.ts";

/** Whose evidence, of which platform. */
export interface EvidenceOptions {
  readonly world: World;
  readonly options: GlobalOptions;
  readonly platform: Platform;
  readonly incident: string | undefined;
  readonly secrets: Readonly<Record<string, string>>;
}

export function everything({ world, options, platform, incident }: EvidenceOptions): readonly Collector[] {
  return allCollectors(world, options, platform, incident);
}

/** What a change of these targets destroys: of a service its containers and their logs, of a store its state. */
export function volatileOf(
  settings: EvidenceOptions,
  targets: readonly EvidenceTarget[],
): readonly Collector[] {
  const { world, platform } = settings;
  const services = targets.flatMap((target) => (target.type === "service" ? [target.service] : []));
  const stores = new Set(targets.map(({ type }) => type));
  const wanted = (id: string): boolean =>
    (stores.has("database") && id === "postgres.state") ||
    (stores.has("kafka") && id.startsWith("kafka.")) ||
    (stores.has("redis") && id === "redis.state") ||
    services.some((service) => id === `http.${service}`) ||
    (services.length > 0 && (id === "docker.containers" || id === "docker.stats"));
  const chosen = everything(settings).filter(({ id, volatile }) => volatile && wanted(id));
  const { engine, containers } = createSources(world, platform);
  if (services.length === 0 || containers === undefined) return chosen;
  return [...chosen, containerLogs(engine, containers, services)];
}
