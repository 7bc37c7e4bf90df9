import type { JournalRecord } from "./record.ts";

/**
 * Whether the desk signs the chain's head behind this record: consent, the intent of a change, and what ends a run, a
 * halt, a snapshot or an incident. What is cut off or made anew before such a record is then no longer believed.
 */
export function isSigned({ type, data }: JournalRecord): boolean {
  switch (type) {
    case "approval":
      return data.decision === "granted";
    case "step.list":
    case "step.intent":
    case "run.finished":
    case "halt.receipt":
    case "snapshot.sealed":
    case "incident.declared":
    case "incident.resolved":
    case "incident.cancelled":
      return true;
    default:
      return false;
  }
}
