import { chooseIncident } from "../../../app/context/incident.ts";
import { refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { storeOf } from "../../../app/context/store.ts";
import { show } from "../../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { verdictCodes, verdictLines } from "../verified.ts";

/**
 * `lav-ir incident verify`: whether an incident's journal is what was written, from its files and the desk's key.
 * @returns 0 when it holds, 1 when it was changed, cut or rewritten, 4 when that cannot be said.
 */
export async function incidentVerify(world: World, options: GlobalOptions): Promise<number> {
  const chosen = await chooseIncident(world, options, {});
  if (!chosen.ok) return refuse(world, options, chosen.failure);
  const incident = chosen.value;
  if (incident === undefined) {
    const { failure } = refusal("no incident is open; --incident selects an ended one", "state");
    return refuse(world, options, failure);
  }
  const { path, ...rest } = await storeOf(world, options).verify({ incident });
  const row = { type: "incident.verified", incident, journal: path, ...rest } as const;
  show(world, options, [row], () => verdictLines(incident, { path, ...rest }));
  return verdictCodes[rest.verdict];
}
