import type { StepPlace } from "../events/run.ts";
import type { Running } from "./step-types.ts";

/** Where a step is, as events and records say it. */
export function placeOf({ step, section, rung, path, groups }: Running): StepPlace {
  const id = [...path, step.id].join(".");
  return {
    step: id,
    section,
    ...(rung === undefined ? {} : { rung }),
    ...(groups.length === 0 ? {} : { groups }),
  };
}
