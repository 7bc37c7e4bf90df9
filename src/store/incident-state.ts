import { join } from "node:path";
import { hasState } from "./state-file.ts";
import { readJournal } from "./journal-record.ts";

/** What this machine's records say of an incident, or of the one that a halt turned out to belong to. */
export function incidentState(state: string, id: string): "open" | "resolved" | "unknown" {
  const incident = id.startsWith("HALT-") ? incidentOf(state, id) : id;
  const path = join(state, "incidents", incident, "journal.ndjson");
  // The id comes from outside: it names a folder and nothing above it.
  if (!/^INC-[\w-]+$/.test(incident) || !hasState(path)) return "unknown";
  return readJournal(path).records.some(({ type }) => type === "incident.resolved") ? "resolved" : "open";
}

/** A halt waits for no journal: of which incident it is may be known only once it was sent. */
function incidentOf(state: string, halt: string): string {
  const path = join(state, "halts", halt, "journal.ndjson");
  if (!/^HALT-[\w-]+$/.test(halt) || !hasState(path)) return "";
  const linked = readJournal(path).records.find(({ type }) => type === "halt.incident")?.data["incident"];
  return typeof linked === "string" ? linked : "";
}
