import type { IncidentRecord } from "../../events/incident-record.ts";
import type { Store } from "../../store/store.ts";
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

/** What cannot be read is not adopted: nothing keeps an alert waiting. */
export async function adoptable(store: Store, now: number): Promise<Adopted> {
  try {
    const found = [...(await haltsSince(store, now - hour)), ...(await snapshotsSince(store, now - hour))];
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

async function haltsSince(store: Store, since: number): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const id of (await store.halts()).slice(-most)) {
    const records = (await store.read({ halt: id }))?.records ?? [];
    const [first] = records;
    if (first === undefined || Date.parse(first.time) < since) continue;
    if (records.some(({ type }) => type === "halt.incident")) continue;
    const proven = records.find(
      (record) => record.type === "halt.receipt" && record.data.outcome === "PROVEN",
    );
    found.push(proven === undefined ? { id } : { id, fact: measured("halted", proven.time, id) });
  }
  return found;
}

async function snapshotsSince(store: Store, since: number): Promise<readonly Found[]> {
  const records = (await store.read("snapshots"))?.records ?? [];
  return records.flatMap((record): readonly Found[] => {
    if (record.type !== "snapshot.sealed" || Date.parse(record.time) < since) return [];
    const { snapshot: id, sha256 } = record.data;
    return [{ id, fact: measured("evidence", record.time, `${id}, SHA-256 ${sha256}`) }];
  });
}

function measured(name: string, time: string, value: string): IncidentRecord {
  return { type: "incident.fact", data: { name, at: { at: time }, value, how: "measured" } };
}
