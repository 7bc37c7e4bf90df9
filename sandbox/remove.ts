import { rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { askEngine, containersOf, engineJson } from "./docker.ts";
import { answeringEngine, engineNames, ensureEngine, stopEngine } from "./engine.ts";
import { whileUsed } from "./lock.ts";
import { readState, stackFolder } from "./state.ts";

/**
 * Takes a stack down: its containers, networks and volumes, found by the project's labels, so that one of
 * which nothing else is left goes as well; then our engine, when nothing else runs on it.
 */
export async function removeStack(project: string, log: (line: string) => void): Promise<void> {
  log(`taking down ${project}`);
  const state = readState(project);
  for (const name of state === undefined ? engineNames : [state.engine]) {
    const engine = await whileUsed(name, async () => {
      // Ours may have been killed: its networks and volumes are taken down by starting it once more.
      const found = state?.ownEngine === true ? await ensureEngine(name) : await answeringEngine(name);
      if (found !== undefined) await removeProject(found.host, project);
      rmSync(stackFolder(project), { recursive: true, force: true });
      return found;
    });
    if (engine === undefined || engine.own) await stopEngine(name);
  }
}

/** Its containers, networks and volumes; the engine runs on. */
export async function removeProject(host: string, project: string): Promise<void> {
  const containers = await containersOf(host, project);
  await Promise.all(
    containers.map(async ({ id }) => {
      await engineJson(host, { method: "DELETE", path: `/containers/${id}?force=1&v=1` }, [404, 409]);
    }),
  );
  const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.compose.project=${project}`] }));
  const networks = (await engineJson(host, { path: `/networks?filters=${filters}` })) as { Id: string }[];
  for (const { Id } of networks) await removeNetwork(host, Id);
  const { Volumes } = (await engineJson(host, { path: `/volumes?filters=${filters}` })) as {
    Volumes: { Name: string }[] | null;
  };
  for (const { Name } of Volumes ?? []) {
    await engineJson(host, { method: "DELETE", path: `/volumes/${Name}?force=1` }, [404]);
  }
}

/** Milliseconds in which a container that is being removed lets go of its network. */
const patience = 5000;

/**
 * An engine that was busy may count a container of which it knows nothing any more among a network's, until it is
 * started again (seen with 20.10). Such a network hurts nobody: a stack of the same name takes it over.
 */
async function removeNetwork(host: string, id: string): Promise<void> {
  for (const deadline = performance.now() + patience; ; await wait(100)) {
    const { status, text } = await askEngine(host, { method: "DELETE", path: `/networks/${id}` });
    if (status < 300 || status === 404) return;
    if (status !== 403 || !text.includes("active endpoints")) {
      throw new Error(`DELETE /networks/${id}: ${status} ${text.trim()}`);
    }
    const found = await engineJson(host, { path: `/networks/${id}` }, [404]);
    const { Containers } = (found ?? { Containers: {} }) as { Containers: Record<string, unknown> | null };
    if (performance.now() < deadline) continue;
    if (Object.keys(Containers ?? {}).length === 0) return;
    throw new Error(`DELETE /networks/${id}: ${status} ${text.trim()}`);
  }
}
