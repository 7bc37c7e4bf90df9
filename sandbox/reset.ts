import { truncateSync } from "node:fs";
import { containersOf, engineJson, urlOf, type Container } from "./docker.ts";
import { clearFaults } from "./faults.ts";
import { lookAt, touched, type Looked } from "./look.ts";
import { makeAgain, startContainers } from "./recreate.ts";
import { runCompose } from "./run-compose.ts";
import { seedKafka } from "./seed-kafka.ts";
import { makeRoles, resetSettings, seedPostgres } from "./seed-postgres.ts";
import { seedRedis } from "./seed-redis.ts";
import { isServiceName, serviceNames, services, storeNames } from "./services.ts";
import { readLook, readMade, writeLook, type StackState } from "./state.ts";
import { callService } from "./call-service.ts";

/** Services that others ask from their first moment on: they are there first. */
const asked: readonly string[] = ["venues", "risk-warden"];

/**
 * Every service and every store as they came up. A service none of whose containers was touched since keeps them:
 * its programs let go of everything, and are opened anew when the stores are seeded. Of any other every container
 * is made again.
 * @returns the services whose containers were made again
 */
export async function resetStack(state: StackState): Promise<string[]> {
  const { project, dockerHost } = state;
  clearFaults(project);
  const containers = await containersOf(dockerHost, project);
  const stores = containers.filter(isStore);
  const platform = containers.filter((one) => !isStore(one));
  // A program lets go of a broker that answers, not of one that stands still.
  await Promise.all(
    stores
      .filter((one) => one.state === "paused")
      .map(async ({ id }) => {
        await engineJson(dockerHost, { method: "POST", path: `/containers/${id}/unpause` });
      }),
  );
  const looks = await lookAt(dockerHost, platform);
  const again = new Set(touched(readLook(project), looks, serviceNames));
  await Promise.all(
    platform.map(async (one) => {
      const look = looks.find(({ id }) => id === one.id);
      if (again.has(one.service) || look === undefined) return;
      if (!(await letGo(one, look))) again.add(one.service);
    }),
  );
  const gone = ({ service }: { readonly service: string }): boolean =>
    again.has(service) || !isServiceName(service);
  await removeContainers(dockerHost, platform.filter(gone));
  if (stores.length === storeNames.length) await startContainers(dockerHost, stores);
  else await runCompose(state, ["up", "-d", "--no-recreate", ...storeNames]);
  if (await resetSettings(state.ports.postgres, state.secrets)) {
    const postgres = (await containersOf(dockerHost, project)).find(({ service }) => service === "postgres");
    await engineJson(dockerHost, { method: "POST", path: `/containers/${postgres?.id}/restart?t=3` });
  }
  await seedStores(state);
  const made = makeAgain(dockerHost, readMade(project).filter(gone));
  const kept = platform.filter((one) => !gone(one));
  const first = await openAnew(kept.filter(({ service }) => asked.includes(service)));
  const [, then] = await Promise.all([
    made,
    openAnew(kept.filter(({ service }) => !asked.includes(service))),
  ]);
  const failed = [...first, ...then];
  const also = platform.filter(({ service }) => failed.includes(service));
  await removeContainers(dockerHost, also);
  await makeAgain(
    dockerHost,
    readMade(project).filter(({ service }) => failed.includes(service)),
  );
  for (const service of failed) again.add(service);
  return [...again];
}

/** What a later reset compares with: the services' containers as they are now, all of them healthy. */
export async function rememberLook(state: StackState): Promise<void> {
  const { project, dockerHost } = state;
  const platform = (await containersOf(dockerHost, project)).filter((one) => !isStore(one));
  const looks = await lookAt(dockerHost, platform);
  writeLook(
    project,
    looks.map(({ name, service, digest }) => ({ name, service, digest })),
  );
}

/** Whether the program has ended within its process, and what it said is gone. */
async function letGo(container: Container, look: Looked): Promise<boolean> {
  try {
    await callService(baseOf(container), "/admin/stop");
    truncateSync(look.log);
    return true;
  } catch {
    // It does not answer, or its engine keeps what it said where only it can remove it.
    return false;
  }
}

/** @returns the services of which one did not get well in its old process */
async function openAnew(containers: readonly Container[]): Promise<string[]> {
  const looks = containers.map(async (one) => {
    const well = await callService(baseOf(one), "/admin/start").then(
      () => true,
      () => false,
    );
    return well ? [] : [one.service];
  });
  return [...new Set((await Promise.all(looks)).flat())];
}

function baseOf(container: Container): string {
  const { service } = container;
  const url = isServiceName(service) ? urlOf(container, services[service].port) : undefined;
  if (url === undefined) throw new Error(`${container.name} has no address`);
  return url;
}

async function removeContainers(host: string, containers: readonly Container[]): Promise<void> {
  await Promise.all(
    containers.map(async ({ id }) => {
      // Asked first, so that its consumers leave their groups.
      await engineJson(host, { method: "POST", path: `/containers/${id}/stop?t=2` }, [304, 404]);
      await engineJson(host, { method: "DELETE", path: `/containers/${id}?force=1` }, [404, 409]);
    }),
  );
}

/** The stores' contents, as the platform finds them when it is new. Waits until they answer. */
export async function seedStores({ ports, secrets }: StackState): Promise<void> {
  await Promise.all([
    makeRoles(ports.postgres, secrets).then(async () => await seedPostgres(ports.postgres, secrets)),
    seedRedis(ports.redis, secrets.redis),
    seedKafka(ports.kafka),
  ]);
}

export function isStore(container: Container): boolean {
  return storeNames.some((store) => store === container.service);
}
