import { noJournal } from "./runs.ts";
import { join } from "node:path";
import { fail, ok, type Result } from "../base/result.ts";
import { StateFault } from "./state-check.ts";
import { hasState, stateNames } from "./state-file.ts";
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

/**
 * The incident a new run belongs to: the one named, else the one that is open, else none.
 * @param state the state folder. The failure is a sentence.
 */
export function currentIncident(
  state: string,
  named: string | undefined,
): Result<string | undefined, string> {
  const folder = join(state, "incidents");
  let open: readonly string[];
  let all: readonly string[];
  try {
    all = stateNames(folder, { root: state }).filter((name) => name.startsWith("INC-"));
    open = all.filter((name) => isOpen(join(folder, name, "journal.ndjson")));
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return fail(noJournal(state, error.message));
  }
  if (named !== undefined) {
    return all.includes(named) ? ok(named) : fail(`there is no incident ${named}`);
  }
  if (open.length > 1)
    return fail(`several incidents are open: ${open.join(", ")}; name one with --incident`);
  return ok(open[0]);
}

/** Whether the incident of this journal has not been resolved. */
export function isOpen(path: string): boolean {
  return hasState(path) && !readJournal(path).records.some((record) => record.type === "incident.resolved");
}
