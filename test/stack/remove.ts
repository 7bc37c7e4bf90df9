import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/places.ts";
import { containersOf, engineJson } from "./docker.ts";
import { answeringEngine, ensureEngine, stopEngine } from "./engine.ts";
import { readState, stackFolder } from "./state.ts";

/**
 * Takes a stack down: its containers, networks and volumes, found by the project's labels, so that one of
 * which nothing else is left goes as well; then our engine, when nothing else runs on it.
 */
export async function removeStack(project: string, log: (line: string) => void): Promise<void> {
  log(`taking down ${project}`);
  const state = readState(project);
  // Ours may have been killed: its networks and volumes are taken down by starting it once more.
  const engine = state?.ownEngine === true ? await ensureEngine() : await answeringEngine();
  if (engine !== undefined) await removeProject(engine.host, project);
  rmSync(stackFolder(project), { recursive: true, force: true });
  if (engine === undefined || engine.own) await stopEngine();
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
  for (const { Id } of networks) {
    await engineJson(host, { method: "DELETE", path: `/networks/${Id}` }, [404]);
  }
  const { Volumes } = (await engineJson(host, { path: `/volumes?filters=${filters}` })) as {
    Volumes: { Name: string }[] | null;
  };
  for (const { Name } of Volumes ?? []) {
    await engineJson(host, { method: "DELETE", path: `/volumes/${Name}?force=1` }, [404]);
  }
}

/** Names of the stacks that have a folder here. */
export function knownStacks(): string[] {
  const folder = join(root, ".stack");
  const own = ["bin", "engine", "locks", "platform"];
  try {
    return readdirSync(folder).filter((name) => !own.includes(name) && readState(name) !== undefined);
  } catch {
    return [];
  }
}
