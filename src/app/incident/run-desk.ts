import type { IncidentDesk } from "../../ports/incident.ts";
import type { RunDeskSettings } from "./step-statements.ts";

/** The incident for the steps of a run: loaded with the first of them that speaks to it. */
export function createIncidentDesk(settings: RunDeskSettings): IncidentDesk {
  const use = async () => await import("./step-statements.ts");
  return {
    foresee: async (saying) => await (await use()).foresee(settings, saying),
    say: async (saying, key, incident) => await (await use()).say(settings, saying, key, incident),
    said: async (key, incident) => await (await use()).wasSaid(settings, key, incident),
    standing: async () => await (await use()).standing(settings),
  };
}
