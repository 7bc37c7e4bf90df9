import { engineJson, type Container } from "./docker.ts";

/** A container as Compose first made it: enough to make it again without Compose, in milliseconds. */
export interface Made {
  readonly name: string;
  readonly service: string;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Inspected {
  Name: string;
  Config: Record<string, unknown> & { Labels: Record<string, string> };
  HostConfig: Record<string, unknown>;
  NetworkSettings: { Networks: Record<string, { Aliases: string[] | null }> };
}

/** Compose's labels go along: for it, the new container is the one it made. */
export async function remember(host: string, containers: readonly Container[]): Promise<Made[]> {
  return await Promise.all(
    containers.map(async ({ id, service }) => {
      const inspected = (await engineJson(host, { path: `/containers/${id}/json` })) as Inspected;
      const { Hostname: _, ...config } = inspected.Config;
      const networks = Object.entries(inspected.NetworkSettings.Networks).map(([name, { Aliases }]) => {
        const aliases = (Aliases ?? []).filter((alias) => !id.startsWith(alias));
        return [name, { Aliases: aliases }] as const;
      });
      const body = {
        ...config,
        HostConfig: inspected.HostConfig,
        NetworkingConfig: { EndpointsConfig: Object.fromEntries(networks) },
      };
      return { name: inspected.Name.replace(/^\//, ""), service, body };
    }),
  );
}

/** Makes the containers of these services again, and starts them. Whatever they had is gone. */
export async function makeAgain(host: string, made: readonly Made[]): Promise<void> {
  await Promise.all(
    made.map(async ({ name, body }) => {
      const path = `/containers/create?name=${encodeURIComponent(name)}`;
      const { Id } = (await engineJson(host, { method: "POST", path, json: body })) as { Id: string };
      await engineJson(host, { method: "POST", path: `/containers/${Id}/start` });
    }),
  );
}

export async function startContainers(host: string, containers: readonly Container[]): Promise<void> {
  await Promise.all(
    containers.map(async ({ id }) => {
      await engineJson(host, { method: "POST", path: `/containers/${id}/start` }, [304]);
    }),
  );
}
