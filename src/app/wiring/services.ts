import { composeEvidence } from "../../drivers/compose/evidence.ts";
import { createCompose, type ComposeSettings } from "../../drivers/compose/compose.ts";
import { labelsOf } from "../../drivers/compose/labels.ts";
import type { EngineAt } from "../../drivers/docker/at.ts";
import type { ContainersAt } from "../../drivers/docker/published.ts";
import { createServices } from "../../drivers/services/by-service.ts";
import { createUnmanaged } from "../../drivers/services/unmanaged.ts";
import { createSystemd } from "../../drivers/systemd/systemd.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ContainerRunner } from "../../ports/evidence.ts";
import type { Processes, Services } from "../../ports/ports.ts";

/** The platform's services, each by what runs it. */
export function servicesOf(
  platform: Platform,
  processes: Processes,
  env: Readonly<Record<string, string>> = {},
): Services {
  const all = Object.values(platform.services);
  const settings = composeOf(platform);
  const compose = settings === undefined ? undefined : createCompose({ ...settings, env }, processes);
  const units = all.flatMap(({ name, runs }) => (runs.by === "systemd" ? [[name, runs.unit] as const] : []));
  const systemd = createSystemd(Object.fromEntries(units), processes);
  const unmanaged = createUnmanaged(all.map(({ name }) => name));
  const runners = all.map(({ name, runs }): [string, Services] => {
    switch (runs.by) {
      case "compose":
        return [name, compose ?? unmanaged];
      case "systemd":
        return [name, systemd];
      case "none":
        return [name, unmanaged];
    }
  });
  return createServices(Object.fromEntries(runners), compose ?? unmanaged);
}

/** Those without a platform file: what it would say, as a plan shows what is not known. */
export function servicesNowhere(processes: Processes): Services {
  const unknown = { project: "‹project›", files: ["‹compose.yaml›"], engine: { host: "" }, services: {} };
  return createCompose({ program: ["docker", "compose"], ...unknown }, processes);
}

/** How a snapshot takes the containers of the platform; undefined where no service runs in one. */
export function containersOf(platform: Platform): ContainerRunner | undefined {
  const settings = composeOf(platform);
  return settings === undefined ? undefined : composeEvidence(settings);
}

/** The containers of one service, where it runs in some. */
export function containersAt(platform: Platform, name: string): ContainersAt | undefined {
  const { compose, services } = platform;
  const runs = services[name]?.runs ?? { by: "compose", service: name };
  if (compose === undefined || runs.by !== "compose") return undefined;
  return { engine: engineOf(platform), labels: labelsOf(compose.project, runs.service) };
}

/** Where the engine is; as the file alone has it where nobody looked for it. */
export function engineOf({ engine, docker }: Platform): EngineAt {
  return engine ?? { host: docker.host ?? "" };
}

function composeOf(platform: Platform): ComposeSettings | undefined {
  const { compose, services } = platform;
  if (compose === undefined) return undefined;
  const { project, files, program, envFiles = [] } = compose;
  const named = Object.values(services).flatMap(({ name, runs }) =>
    runs.by === "compose" ? [[name, runs.service] as const] : [],
  );
  const engine = engineOf(platform);
  return { program, project, files, envFiles, engine, services: Object.fromEntries(named) };
}
