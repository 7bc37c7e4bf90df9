import type { IncidentRecord } from "../../events/incident-record.ts";
import type { Store } from "../../store/store.ts";
import { beginsProof, provenHalt } from "../../incident/step-proof.ts";
import { StateFault } from "../../store/state-check.ts";

/** What was done in the hour before an incident was declared, and belongs to it. */
export interface Adopted {
  /** Ids of halts, and of runs that halted; names of snapshots. */
  readonly ids: readonly string[];
  /** Proven halts and sealed snapshots, as facts that the tool measured. */
  readonly facts: readonly IncidentRecord[];
}

export const nothingAdopted: Adopted = { ids: [], facts: [] };

const hour = 3_600_000;
/** Halts that are looked at: of more in an hour the newest. */
const most = 50;
/** Runs that are looked at, likewise: a journal of one is longer. */
const mostRuns = 20;

/** What cannot be read is not adopted: nothing keeps an alert waiting. */
export async function adoptable(store: Store, now: number): Promise<Adopted> {
  try {
    const since = now - hour;
    const found = [
      ...(await haltsSince(store, since)),
      ...(await haltingRunsSince(store, since)),
      ...(await snapshotsSince(store, since)),
    ];
    return { ids: found.map(({ id }) => id), facts: found.flatMap(({ fact }) => fact ?? []) };
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return nothingAdopted;
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

/** Runs outside of incidents that proved a halt. */
async function haltingRunsSince(store: Store, since: number): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const id of (await store.runIdsSince(new Date(since))).slice(-mostRuns)) {
    const proving = new Set<string>();
    const proven = (await store.read({ run: id }))?.records.find(({ type, data }) => {
      const about = type === "step.started" ? beginsProof({ ...data }) : undefined;
      if (about !== undefined) proving.add(about);
      return type === "step.finished" && provenHalt({ ...data }, proving) !== undefined;
    });
    if (proven !== undefined) found.push({ id, fact: measured("halted", proven.time, id) });
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
