import { watch, type FSWatcher } from "node:fs";
import { incidentFolder, incidentsFolder, isIncidentId, journalName } from "./layout.ts";
import { stateNames } from "./state-folder.ts";

/** Folders that are watched: the newest. The kernel lets a user watch so many in all. */
const most = 50;

/**
 * Calls back when an incident's journal may have grown, or an incident is new. It only saves whoever follows them from
 * looking often: where the kernel watches no more, nothing is heard.
 * @param state the state folder
 * @returns what ends it.
 */
export function watchJournals(state: string, changed: () => void): () => void {
  const watched = new Map<string, FSWatcher>();
  const add = (folder: string, heard: (name: string | null) => void): void => {
    if (watched.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => heard(name));
      watched.set(folder, watcher);
      watcher.on("error", () => {
        watcher.close();
        watched.delete(folder);
      });
    } catch {
      // A folder that is gone, or one too many.
    }
  };
  const addEach = (): void => {
    for (const id of stateNames(incidentsFolder(state)).filter(isIncidentId).slice(-most)) {
      add(incidentFolder(state, id), (name) => {
        if (name === journalName) changed();
      });
    }
  };
  add(incidentsFolder(state), () => {
    addEach();
    changed();
  });
  addEach();
  return () => {
    for (const watcher of watched.values()) watcher.close();
    watched.clear();
  };
}
