import { dirname, join } from "node:path";
import type { ListedRun } from "./run-list.ts";
import { stateNames } from "./state-folder.ts";

/**
 * What a run has kept beside its journal, as whole paths: of an incident's folder that which bears its id.
 * @param state the state folder.
 * @throws StateFault
 */
export function runFiles(state: string, { run, incident, journal }: ListedRun): readonly string[] {
  const folder = dirname(journal);
  const own = (name: string): boolean =>
    incident === undefined || name.toLowerCase().includes(run.toLowerCase());
  return stateNames(folder, { root: state })
    .filter((name) => !name.startsWith("journal.") && own(name))
    .filter((name) => !/\.lock$|\.lock\.|\.break-|\.partial$/.test(name))
    .map((name) => join(folder, name));
}
