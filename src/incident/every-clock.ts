import { clocksOf, type ClockReading } from "./clocks.ts";
import { levelClocks } from "./escalation.ts";
import type { IncidentFold } from "./fold.ts";

/** The clocks of the policy, and those of the levels of the escalation that were paged. */
export function allClocksOf(fold: IncidentFold, now: number): readonly ClockReading[] {
  return [...clocksOf(fold, now), ...levelClocks(fold, now)];
}
