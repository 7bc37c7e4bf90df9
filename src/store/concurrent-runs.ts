import { incidentFolder, incidentsFolder, journalIn, runFolder, runLock, runsFolder } from "./layout.ts";
import { stateNames } from "./state-folder.ts";
import { readJournal } from "./journal-record.ts";
import { lockHolder } from "./lock.ts";
import type { Plan } from "../plan/plan.ts";
import type { Platform } from "../platform/platform.ts";
import type { AtWork } from "../events/run.ts";
import { recordsOf } from "../events/run-record.ts";

/**
 * Runs that other processes are at now on this plan's platform, as their journals in this state folder
 * say, the oldest first. Nobody is held up by them: an operator is told, and decides.
 */
export function runsAtWork(state: string, { platform }: Plan, own: string): readonly AtWork[] {
  return locks(state)
    .filter(({ id }) => id !== own)
    .flatMap((lock) => atWork(lock, platform))
    .toSorted((one, other) => one.since.getTime() - other.since.getTime());
}

/** What another's run says of itself. One that cannot be read holds nobody up: this run goes on without it. */
function atWork({ id, folder, lock }: RunLock, platform: Platform): readonly AtWork[] {
  try {
    if (lockHolder(lock) === undefined) return [];
    const { records } = readJournal(journalIn(folder));
    for (const { type, data, actor, time } of recordsOf(records, id)) {
      if (type !== "run.started") continue;
      const same = data.platform === platform.name && data.environment === platform.environment;
      return same ? [{ run: id, runbook: data.runbook, actor, since: new Date(time) }] : [];
    }
    return [];
  } catch {
    return [];
  }
}

interface RunLock {
  readonly id: string;
  readonly folder: string;
  readonly lock: string;
}

/** A run by itself has a folder of its own; those of an incident lie side by side in the incident's. */
function locks(state: string): readonly RunLock[] {
  const alone = namesIn(runsFolder(state)).map((id) => ({ id, folder: runFolder(state, id, undefined) }));
  const within = namesIn(incidentsFolder(state)).flatMap((incident) => {
    const folder = incidentFolder(state, incident);
    const ids = namesIn(folder).filter((name) => /^RUN-[\w-]+\.lock$/.test(name));
    return ids.map((name) => ({ id: name.slice(0, -".lock".length), folder }));
  });
  return [...alone, ...within].map(({ id, folder }) => ({ id, folder, lock: runLock(folder, id) }));
}

function namesIn(folder: string): readonly string[] {
  try {
    return stateNames(folder);
  } catch {
    return [];
  }
}
