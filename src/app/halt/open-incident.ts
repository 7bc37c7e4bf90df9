import { incidentsIn } from "../../store/incidents.ts";
import { openOnes } from "../../store/pick-incident.ts";
import { stateFault } from "../../store/state-file.ts";

/** The open incident of the highest severity, of several the last; and what could not be read of any. */
export interface OpenIncident {
  readonly incident?: string;
  readonly problem?: string;
}

/** @param root the state folder, whose disk may keep this process waiting */
export async function openIncident(root: string): Promise<OpenIncident> {
  try {
    const all = await incidentsIn(root);
    const [first] = openOnes(all);
    const unreadable = all.find((one) => one.is === "unreadable");
    return {
      ...(first === undefined ? {} : { incident: first.id }),
      ...(unreadable === undefined ? {} : { problem: `${notKnown}: ${unreadable.why}` }),
    };
  } catch (error) {
    return { problem: `${notKnown}: ${stateFault(error)}` };
  }
}

const notKnown = "whether an incident is open is not known";
