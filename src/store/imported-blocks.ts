import type { Imported } from "../events/imported.ts";
import { incidentFolder, incidentsFolder, isDrillId, isIncidentId, journalIn } from "./layout.ts";
import { looseRecord } from "./loose-record.ts";
import { linesWith } from "./state-lines.ts";
import { stateNames } from "./state-folder.ts";

/** What a line of an imported record has in it; a text within a record has its quotes escaped. */
const mark = '"imported":{"at":';

/**
 * Blocks that are in the journals of this machine, each with the incident or exercise that it was imported into.
 * @throws StateFault, where one of them is not this user's own: nobody can say what is in it.
 */
export async function importedBlocks(state: string): Promise<ReadonlyMap<string, string>> {
  const place = { root: state };
  const found = new Map<string, string>();
  for (const id of stateNames(incidentsFolder(state), place)) {
    if (!isIncidentId(id) && !isDrillId(id)) continue;
    const lines = await linesWith(journalIn(incidentFolder(state, id)), [mark], place);
    for (const { text } of lines ?? []) {
      const imported = looseRecord(text)?.imported as Partial<Imported> | undefined;
      if (typeof imported?.block === "string") found.set(imported.block, id);
    }
  }
  return found;
}
