import { join } from "node:path";
import { hasState } from "../base/state-file.ts";
import { readJournal } from "../incident/journal-record.ts";
import { stateFolder, type GlobalOptions, type World } from "./world.ts";

/** What this machine's records say of an incident. */
export function incidentState(
  world: World,
  options: GlobalOptions,
  id: string,
): "open" | "resolved" | "unknown" {
  const path = join(stateFolder(world, options), "incidents", id, "journal.ndjson");
  // The id comes from outside: it names a folder and nothing above it.
  if (!/^INC-[\w-]+$/.test(id) || !hasState(path)) return "unknown";
  return readJournal(path).records.some(({ type }) => type === "incident.resolved") ? "resolved" : "open";
}
