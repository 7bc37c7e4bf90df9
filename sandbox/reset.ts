import { containersOf, engineJson, type Container } from "./docker.ts";
import { clearFaults } from "./faults.ts";
import { makeAgain, startContainers } from "./recreate.ts";
import { runCompose } from "./run-compose.ts";
import { seedKafka } from "./seed-kafka.ts";
import { makeRoles, resetSettings, seedPostgres } from "./seed-postgres.ts";
import { seedRedis } from "./seed-redis.ts";
import { storeNames, type ServiceName } from "./services.ts";
import { readMade, type StackState } from "./state.ts";

/** Every service and every store, as they came up. */
export async function resetAll(state: StackState): Promise<void> {
  const { project, dockerHost } = state;
  clearFaults(project);
  const containers = await containersOf(dockerHost, project);
  const stores = containers.filter(isStore);
  await Promise.all([
    ...stores
      .filter((one) => one.state === "paused")
      .map(({ id }) => engineJson(dockerHost, { method: "POST", path: `/containers/${id}/unpause` })),
    removeContainers(
      dockerHost,
      containers.filter((one) => !isStore(one)),
    ),
  ]);
  if (stores.length === storeNames.length) await startContainers(dockerHost, stores);
  else await runCompose(state, ["up", "-d", "--no-recreate", ...storeNames]);
  if (await resetSettings(state.ports.postgres, state.secrets)) {
    const postgres = (await containersOf(dockerHost, project)).find(({ service }) => service === "postgres");
    await engineJson(dockerHost, { method: "POST", path: `/containers/${postgres?.id}/restart?t=3` });
  }
  await seedStores(state);
  await makeAgain(dockerHost, readMade(project));
}

/** These services, and what Redis holds; the others run on. */
export async function resetOnly(state: StackState, only: readonly ServiceName[]): Promise<void> {
  const { project, dockerHost, ports, secrets } = state;
  const named = ({ service }: { readonly service: string }): boolean => only.some((one) => one === service);
  clearFaults(project);
  await removeContainers(dockerHost, (await containersOf(dockerHost, project)).filter(named));
  await seedRedis(ports.redis, secrets.redis);
  await makeAgain(dockerHost, readMade(project).filter(named));
}

/** Whether every container but those of these services is the same as then, and runs. */
export async function asTheyWere(
  { project, dockerHost }: StackState,
  then: readonly Container[],
  but: readonly ServiceName[],
): Promise<boolean> {
  const now = await containersOf(dockerHost, project);
  const others = (containers: readonly Container[]): string =>
    containers
      .filter(({ service }) => !but.some((one) => one === service))
      .map(({ id, state }) => `${id} ${state}`)
      .toSorted()
      .join();
  return but.length > 0 && then.length > 0 && others(now) === others(then);
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
