import { asWritten } from "../events/imported.ts";
import { looseRecord, textIn, type LooseRecord } from "./loose-record.ts";
import type { StateLine } from "./state-lines.ts";

/**
 * Whether an incident is open, and how severe it is, from the few lines of its journal that decide it. There is
 * this one answer: commands find the lines in the file, and a halt, which must not wait for a disk, is handed
 * them by another process. Whether the chain holds is not asked here: an incident whose journal was damaged is
 * still the one that everybody works on. An incident without a single record is none: a declaration that failed
 * on a full disk, or a file of something else.
 */
export type IncidentState =
  | { readonly is: "open"; readonly severity: string | undefined; readonly declared: string }
  | { readonly is: "closed"; readonly by: string; readonly at: string }
  /** No record is in it. `why` completes "…: ". */
  | { readonly is: "none"; readonly why: string };

/**
 * What the deciding lines have in them: other lines may have it too. It is asked of bytes, and of `grep -F`; a text
 * within a record has its quotes escaped, and never looks like this.
 */
export const decidingTexts = [
  '"seq":1,',
  ...["declared", "severity", "resolved", "cancelled", "reopened"].map((what) => `"type":"incident.${what}"`),
] as const;

/** @param lines those that have a deciding text, in their order */
export function incidentStateOf(lines: Iterable<StateLine>): IncidentState {
  let begun = false;
  let severity: string | undefined;
  let declared = "";
  let isDeclared = false;
  let closed: { readonly by: string; readonly at: string } | undefined;
  const records: LooseRecord[] = [];
  for (const { first, text } of lines) {
    const record = looseRecord(text);
    if (record === undefined) continue;
    begun ||= first && record.seq === 1;
    records.push(record);
  }
  for (const record of asWritten(records, writtenAt)) {
    const { data } = record;
    // An incident of before there was a declaration began with its first record.
    if (record.seq === 1 && declared === "") declared = record.time;
    switch (record.type) {
      case "incident.declared":
        // One that is in the journal twice was declared when it was first.
        if (!isDeclared) declared = record.time;
        isDeclared = true;
        severity = textIn(data, "severity") ?? severity;
        break;
      case "incident.severity":
        severity = textIn(data, "to") ?? severity;
        break;
      case "incident.resolved":
      case "incident.cancelled":
        closed ??= { by: record.actor, at: record.time };
        break;
      case "incident.reopened":
        closed = undefined;
        break;
    }
  }
  if (!begun) return { is: "none", why: "its journal does not begin with an incident's first record" };
  return closed === undefined ? { is: "open", severity, declared } : { is: "closed", ...closed };
}

function writtenAt({ imported, time }: LooseRecord): { readonly imported: boolean; readonly at: number } {
  return { imported: imported !== undefined, at: Date.parse(time) };
}
