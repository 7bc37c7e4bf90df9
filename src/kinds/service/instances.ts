import type { Json } from "../../base/json.ts";
import type { Instance } from "../../ports/ports.ts";

/** What an expression, a journal and a preview see of an instance. */
export function details(instances: readonly Instance[]): readonly { readonly [key: string]: Json }[] {
  return instances.map((instance) => ({
    id: instance.id,
    name: instance.name,
    number: instance.number,
    state: instance.state,
    health: instance.health,
    exit_code: instance.exitCode ?? null,
    oom_killed: instance.oomKilled,
    restarts: instance.restarts,
    started_at: instance.startedAt?.toISOString() ?? null,
    finished_at: instance.finishedAt?.toISOString() ?? null,
    image: instance.image,
    volumes: instance.volumes,
    host_ports: instance.hostPorts,
  }));
}

export function allRun(instances: readonly Instance[]): boolean {
  return instances.length > 0 && instances.every(({ state }) => state === "running");
}

/** The newest start of any instance. */
export function lastStart(instances: readonly Instance[]): Date | undefined {
  return instances
    .map(({ startedAt }) => startedAt)
    .filter((date) => date !== undefined)
    .toSorted((a, b) => b.getTime() - a.getTime())[0];
}

/** `p-x-1 (3f1c9a2b7d40), running, volume p_state`; what is no container is known by its name alone. */
export function instanceSentence(instance: Instance): string {
  if (instance.id === instance.name) {
    const code = instance.exitCode === undefined ? "" : ` with ${instance.exitCode}`;
    return `${instance.name}, ${instance.state}${code}`;
  }
  const volumes = instance.volumes.length === 0 ? "no volume" : `volume ${instance.volumes.join(", ")}`;
  const end = instance.exitCode === undefined ? "" : ` with ${instance.exitCode}`;
  return `${instance.name} (${instance.id.slice(0, 12)}), ${instance.state}${end}, ${volumes}`;
}

/** Id → start, as `capture` records them. */
export function starts(instances: readonly Instance[]): { readonly [id: string]: string | null } {
  return Object.fromEntries(instances.map(({ id, startedAt }) => [id, startedAt?.toISOString() ?? null]));
}
