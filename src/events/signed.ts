import type { JournalRecord, RecordType } from "./record.ts";

/** Records that are always signed. */
const always: ReadonlySet<RecordType> = new Set<RecordType>([
  "step.list",
  "group.list",
  "step.intent",
  "run.finished",
  "halt.receipt",
  "snapshot.sealed",
  "incident.declared",
  "incident.resolved",
  "incident.cancelled",
  "lock.taken",
  "run.removed",
]);

/**
 * Whether the desk signs the chain's head behind this record: a second person's yes, the list and the intent of a
 * change, what ends a run, a halt, a snapshot or an incident, a lock taken from somebody, a run's removal. What is cut
 * off or made anew before such a record is then no longer believed.
 */
export function isSigned({ type, data }: JournalRecord): boolean {
  // The operator's own yes stands in the intent that follows at once; the second person's is good once.
  if (type === "approval") return data.decision === "granted" && data.how === "second-person";
  return always.has(type);
}
