import { openOnes } from "../../store/pick-incident.ts";
import { storeOf } from "../context/store.ts";
import type { World } from "../context/world.ts";
import { stateFault } from "../../store/state-file.ts";

/** The open incident of the highest severity, of several the last; and what could not be read of any. */
export interface OpenIncident {
  readonly incident?: string;
  readonly problem?: string;
}

/** @param root the state folder, whose disk may keep this process waiting */
export async function openIncident(world: World, root: string): Promise<OpenIncident> {
  try {
    const all = await storeOf(world, {}, { state: root }).incidents();
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

const notKnown = "cannot tell whether an incident is open";
