import { looseRecord, textIn } from "./loose-record.ts";
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
  let closed: { readonly by: string; readonly at: string } | undefined;
  for (const { first, text } of lines) {
    const record = looseRecord(text);
    if (record === undefined) continue;
    if (first && record.seq === 1) {
      begun = true;
      declared = record.time;
    }
    const { data } = record;
    switch (record.type) {
      case "incident.declared":
        declared = record.time;
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
