import { join } from "node:path";
import { longestJournal, readStateSync, stateFault, stateNames } from "../../store/state-file.ts";

/** The newest incident, when its journal does not say that it is resolved; and why that could not be read. */
export interface OpenIncident {
  readonly incident?: string;
  readonly problem?: string;
}

/** @param root the state folder, whose disk may keep this process waiting */
export function openIncident(root: string): OpenIncident {
  try {
    const folder = join(root, "incidents");
    const newest = stateNames(folder, { root }).findLast((name) => name.startsWith("INC-"));
    if (newest === undefined) return {};
    const journal = readStateSync(join(folder, newest, "journal.ndjson"), longestJournal, { root });
    if (journal === undefined || journal.includes('"type":"incident.resolved"')) return {};
    return { incident: newest };
  } catch (error) {
    return { problem: `whether an incident is open is not known: ${stateFault(error)}` };
  }
}
