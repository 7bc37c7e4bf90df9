import { createHash } from "node:crypto";
import { engineJson, type Container } from "./docker.ts";

/** What tells that a container was touched since: by its name, everything an operator or a test can do to it. */
export interface Look {
  readonly name: string;
  readonly service: string;
  readonly digest: string;
}

export interface Looked extends Look {
  readonly id: string;
  /** Where the engine keeps what it said; empty when it keeps it elsewhere than in a file. */
  readonly log: string;
}

interface Inspected {
  Id: string;
  State: { Status: string; StartedAt: string; Paused: boolean; Health?: { Status: string } };
  RestartCount: number;
  LogPath: string;
  Config: unknown;
  HostConfig: unknown;
  NetworkSettings: {
    Networks: Record<string, { NetworkID: string; IPAddress: string; Aliases: string[] | null }>;
  };
}

/** Containers as they are now; one that is removed meanwhile is left out. */
export async function lookAt(host: string, containers: readonly Container[]): Promise<Looked[]> {
  const looks = containers.map(async ({ id, name, service }): Promise<Looked[]> => {
    const found = await engineJson(host, { path: `/containers/${id}/json` }, [404]);
    return found === undefined ? [] : [looked(found as Inspected, name, service)];
  });
  return (await Promise.all(looks)).flat();
}

function looked(found: Inspected, name: string, service: string): Looked {
  const { State: state, NetworkSettings: settings } = found;
  const networks = Object.values(settings.Networks).map((network) => [
    network.NetworkID,
    network.IPAddress,
    [...(network.Aliases ?? [])].toSorted(),
  ]);
  const seen = [
    [found.Id, found.RestartCount, found.Config, found.HostConfig, networks],
    // The engine looks at its health now and then: what it saw last would stay until it looks again.
    [state.Status, state.StartedAt, state.Paused, state.Health?.Status === "unhealthy"],
  ];
  const digest = createHash("sha256").update(JSON.stringify(seen)).digest("hex");
  return { id: found.Id, name, service, digest, log: found.LogPath };
}

/** The services of which a container is not as it was then, or there is another number of them. */
export function touched(
  then: readonly Look[],
  now: readonly Look[],
  names: readonly string[],
): ReadonlySet<string> {
  const of = (looks: readonly Look[], service: string): string =>
    looks
      .filter((look) => look.service === service)
      .map(({ name, digest }) => `${name} ${digest}`)
      .toSorted()
      .join();
  return new Set(names.filter((name) => of(then, name) === "" || of(then, name) !== of(now, name)));
}
