import { nameOf } from "../../store/desk.ts";
import type { Store } from "../../store/store.ts";
import type { IncidentOutcome } from "../../trading/interlock-cause.ts";

/**
 * What an interlock may believe of an incident, or of the one that a halt turned out to belong to: that its impact has
 * ended only where a person said so in a journal whose chain holds.
 */
export async function causeOf(store: Store, id: string): ReturnType<IncidentOutcome> {
  const state = await store.provenState(id);
  if (state !== "open") return state;
  const read = await store.read({ incident: await store.incidentOf(id) });
  if (read === undefined || read.problem !== undefined) return "open";
  const [{ foldIncident }, { eventOf }] = await Promise.all([
    import("../../incident/fold.ts"),
    import("../../incident/key-events.ts"),
  ]);
  const own = nameOf(store.host);
  const fold = foldIncident(read.records.map((record) => ({ ...record, desk: record.desk ?? own })));
  return eventOf(fold, "mitigated") === undefined ? "open" : "mitigated";
}
