import { fitsShape } from "../language/fits.ts";
import type { ObjectShape } from "../language/shape.ts";
import { haltData, type HaltRecord } from "./halt-record.ts";
import { incidentData, type IncidentRecord } from "./incident-record.ts";
import { runData, type RunRecord } from "./run-record.ts";
import { snapshotData, type SnapshotRecord } from "./snapshot-record.ts";
import { storeData, type StoreRecord } from "./store-record.ts";

/**
 * Everything that this version writes into a journal: one closed union over `type`. A writer appends one of these
 * and a reader switches over them, so that a field cannot be renamed on one side alone. docs/records.md says who
 * writes and who reads each.
 */
export type JournalRecord = RunRecord | HaltRecord | SnapshotRecord | IncidentRecord | StoreRecord;

export type RecordType = JournalRecord["type"];

/** The description of each type's data. */
export const recordData: { readonly [T in RecordType]: ObjectShape<object> } = {
  ...runData,
  ...haltData,
  ...snapshotData,
  ...incidentData,
  ...storeData,
};

/**
 * Why this version does not understand what a line says; undefined where type and data are a `JournalRecord`.
 * @returns `unknown`: a newer version's type. `unreadable`: a type of ours whose data is not what it must be.
 */
export function whyUnread(type: string, data: unknown): "unknown" | "unreadable" | undefined {
  if (!isRecordType(type)) return "unknown";
  return fitsShape(data, recordData[type].spec) ? undefined : "unreadable";
}

function isRecordType(type: string): type is RecordType {
  return Object.hasOwn(recordData, type);
}
