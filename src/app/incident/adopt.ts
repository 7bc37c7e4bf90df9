import type { IncidentRecord } from "../../events/incident-record.ts";
import { readJournal } from "../../store/journal-record.ts";
import { haltFolder, haltsFolder, isHaltId, journalIn, snapshotsFolder } from "../../store/layout.ts";
import { hasState } from "../../store/state-file.ts";
import { stateNames } from "../../store/state-folder.ts";
import { StateFault } from "../../store/state-check.ts";

/** What was done in the hour before an incident was declared, and belongs to it. */
export interface Adopted {
  /** Ids of halts, names of snapshots. */
  readonly ids: readonly string[];
  /** Proven halts and sealed snapshots, as facts that the tool measured. */
  readonly facts: readonly IncidentRecord[];
}

const hour = 3_600_000;
/** Halts that are looked at: of more in an hour the newest. */
const most = 50;

/** @param state the state folder. What cannot be read is not adopted: nothing keeps an alert waiting. */
export function adoptable(state: string, now: number): Adopted {
  try {
    const found = [...haltsSince(state, now - hour), ...snapshotsSince(state, now - hour)];
    return { ids: found.map(({ id }) => id), facts: found.flatMap(({ fact }) => fact ?? []) };
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return { ids: [], facts: [] };
  }
}

interface Found {
  readonly id: string;
  readonly fact?: IncidentRecord;
}

function haltsSince(state: string, since: number): readonly Found[] {
  const ids = stateNames(haltsFolder(state), { root: state }).filter(isHaltId).slice(-most);
  return ids.flatMap((id): readonly Found[] => {
    const path = journalIn(haltFolder(state, id));
    const { records } = hasState(path) ? readJournal(path) : { records: [] };
    const [first] = records;
    if (first === undefined || Date.parse(first.time) < since) return [];
    if (records.some(({ type }) => type === "halt.incident")) return [];
    const proven = records.find(
      (record) => record.type === "halt.receipt" && record.data.outcome === "PROVEN",
    );
    return [proven === undefined ? { id } : { id, fact: measured("halted", proven.time, id) }];
  });
}

function snapshotsSince(state: string, since: number): readonly Found[] {
  const path = journalIn(snapshotsFolder(state, undefined));
  if (!hasState(path)) return [];
  return readJournal(path).records.flatMap((record): readonly Found[] => {
    if (record.type !== "snapshot.sealed" || Date.parse(record.time) < since) return [];
    const { snapshot: id } = record.data;
    return [{ id, fact: measured("evidence", record.time, id) }];
  });
}

function measured(name: string, time: string, value: string): IncidentRecord {
  return { type: "incident.fact", data: { name, at: { at: time }, value, how: "measured" } };
}
