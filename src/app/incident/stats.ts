import { foldIncident } from "../../incident/fold.ts";
import { statsOf, type Stats, type Told } from "../../incident/stats.ts";
import { StateFault } from "../../store/state-check.ts";
import type { Store } from "../../store/store.ts";
import { readChain } from "./chain.ts";

/** The figures of every incident of this machine that was declared since. */
export async function statsIn(store: Store, since: number | undefined): Promise<Stats> {
  const all: Told[] = [];
  // One by one: a thousand journals at once are more than a process may have open.
  for (const incident of await store.incidentNames()) all.push(await told(store, incident));
  return statsOf(all, since);
}

async function told(store: Store, incident: string): Promise<Told> {
  try {
    const { records, problem } = await readChain({ store, incident });
    if (records.length === 0) return { incident, unreadable: problem ?? "nothing is on record" };
    return { incident, fold: foldIncident(records), problem };
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return { incident, unreadable: error.message };
  }
}
