import { chooseIncident } from "../../../app/context/incident.ts";
import { refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { stateFolder } from "../../../app/context/state-folder.ts";
import { show } from "../../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { deskKey } from "../../../store/desk.ts";
import { incidentFolder, journalIn } from "../../../store/layout.ts";
import { verifyJournal } from "../../../store/verify-journal.ts";
import { verdictCodes, verdictLines } from "../verified.ts";

/**
 * `lav-ir incident verify`: whether an incident's journal is what was written, from its files and the desk's key.
 * @returns 0 when it holds, 1 when it was changed, cut or rewritten, 4 when that cannot be said.
 */
export async function incidentVerify(world: World, options: GlobalOptions): Promise<number> {
  const chosen = await chooseIncident(world, options, {});
  if (!chosen.ok) return refuse(world, options, chosen.failure);
  const [state, incident] = [stateFolder(world, options), chosen.value];
  if (incident === undefined) {
    const { failure } = refusal("no incident is open; --incident names one that is over", "state");
    return refuse(world, options, failure);
  }
  const { path, ...rest } = verifyJournal(journalIn(incidentFolder(state, incident)), deskKey(state));
  const row = { type: "incident.verified", incident, journal: path, ...rest } as const;
  show(world, options, [row], () => verdictLines(incident, { path, ...rest }));
  return verdictCodes[rest.verdict];
}
