import { StateFault } from "./state-check.ts";
import { hasState } from "./state-file.ts";
import { stateNames } from "./state-folder.ts";
import { readJournal } from "./journal-record.ts";
import { decidingTexts, incidentStateOf, type IncidentState } from "./incident-state.ts";
import {
  haltFolder,
  incidentFolder,
  incidentsFolder,
  isDrillId,
  isHaltId,
  isIncidentId,
  journalIn,
} from "./layout.ts";
import { linesWith } from "./state-lines.ts";

/** An incident that this machine has a folder of. */
export type Incident = { readonly id: string } & (
  | IncidentState
  /** Nobody can say: it is not this user's own, or no file. `why` completes "…: ". */
  | { readonly is: "unreadable"; readonly why: string }
);

/**
 * Every incident of this machine, the oldest first.
 * @param state the state folder.
 * @throws StateFault, where the folder of incidents is not this user's own.
 */
export async function incidentsIn(state: string): Promise<readonly Incident[]> {
  const ids = stateNames(incidentsFolder(state), { root: state }).filter(isIncidentId);
  const found: Incident[] = [];
  // One by one: a thousand files at once are more than a process may have open.
  for (const id of ids) found.push(await readIncident(state, id));
  return found;
}

/**
 * One incident, or an exercise.
 * @returns undefined when there is none of that name.
 * @throws StateFault, where the folder of incidents is not this user's own.
 */
export async function incidentIn(state: string, id: string): Promise<Incident | undefined> {
  const known =
    (isIncidentId(id) || isDrillId(id)) && stateNames(incidentsFolder(state), { root: state }).includes(id);
  return known ? await readIncident(state, id) : undefined;
}

async function readIncident(state: string, id: string): Promise<Incident> {
  try {
    const journal = journalIn(incidentFolder(state, id));
    const lines = await linesWith(journal, decidingTexts, { root: state });
    return {
      id,
      ...(lines === undefined ? { is: "none", why: "it has no journal" } : incidentStateOf(lines)),
    };
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return { id, is: "unreadable", why: error.message };
  }
}

/**
 * What an interlock may believe of an incident, or of the one that a halt turned out to belong to: that it is
 * resolved only where the journal's chain holds.
 */
export async function provenState(state: string, id: string): Promise<"open" | "resolved" | "unknown"> {
  const incident = incidentOf(state, id);
  // No interlock believes an exercise.
  if (isDrillId(incident)) return "unknown";
  const found = await incidentIn(state, incident);
  if (found?.is === "open") return "open";
  if (found?.is !== "closed") return "unknown";
  return readJournal(journalIn(incidentFolder(state, incident))).problem === undefined
    ? "resolved"
    : "unknown";
}

/** The incident that a halt turned out to belong to, empty where it is of none; every other id is an incident's own. */
export function incidentOf(state: string, id: string): string {
  return id.startsWith("HALT-") ? incidentOfHalt(state, id) : id;
}

/** A halt waits for no journal: of which incident it is may be known only once it was sent. */
function incidentOfHalt(state: string, halt: string): string {
  const path = journalIn(haltFolder(state, halt));
  if (!isHaltId(halt) || !hasState(path)) return "";
  for (const { type, data } of readJournal(path).records) if (type === "halt.incident") return data.incident;
  return "";
}
