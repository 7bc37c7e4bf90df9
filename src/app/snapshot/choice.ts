import type { EvidenceTarget } from "../../ports/ports.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import { storeSet } from "../../evidence/collectors/index.ts";
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
  const sets = new Set(targets.flatMap((target) => (target.type === "service" ? [] : [setOf(target)])));
  const wanted = (id: string): boolean =>
    sets.has(id.split(".")[0] ?? "") ||
    services.some((service) => id === `http.${service}`) ||
    (services.length > 0 && (id === "docker.containers" || id === "docker.stats"));
  const chosen = everything(settings).filter(({ id, volatile }) => volatile && wanted(id));
  const { engine, containers } = createSources(world, platform);
  if (services.length === 0 || containers === undefined) return chosen;
  return [...chosen, containerLogs(engine, containers, services)];
}

/** The set of the collectors that take a store. */
function setOf({ type, at }: Exclude<EvidenceTarget, { type: "service" }>): string {
  const kind = type === "database" ? "postgres" : type;
  return at === undefined ? kind : storeSet(kind, at);
}
