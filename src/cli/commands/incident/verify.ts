import { openScene } from "../../../app/incident/scene.ts";
import { refuse } from "../../../app/context/refuse.ts";
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
  const scene = await openScene(world, options, { command: "incident verify", closed: true });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const { state, incident } = scene.value.place;
  const { path, ...rest } = verifyJournal(journalIn(incidentFolder(state, incident)), deskKey(state));
  const row = { type: "incident.verified", incident, journal: path, ...rest } as const;
  show(world, options, [row], () => verdictLines(incident, { path, ...rest }));
  return verdictCodes[rest.verdict];
}
