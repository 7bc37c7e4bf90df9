import type { Outcome, RungFinished } from "../events/run.ts";
import type { StepResult } from "./step-types.ts";

/** What the diagnosis said of one thing. */
export interface Measured {
  readonly id: string;
  readonly result: StepResult;
}

/**
 * Where the climb stands: a value that each rung's end replaces, so that the rules of the ladder can be
 * read, and tested, apart from running anything.
 */
export type Climb =
  | {
      readonly at: "climbing";
      readonly mitigated: string | undefined;
      /** What the rungs so far came to at best; undefined when none was climbed. */
      readonly climbed?: "failed" | "done";
      /** Why the first rung that nobody could be asked about was not attempted: no later one is climbed. */
      readonly unasked?: string;
      /** Rungs that nobody could be asked about after that one. */
      readonly alsoUnasked?: readonly string[];
    }
  | { readonly at: "ended"; readonly outcome: Outcome; readonly rung?: string; readonly message: string };

/** The foot of the ladder. */
export const foot: Climb = { at: "climbing", mitigated: undefined };

/** Not entered when all is well; entered when something failed; with only unknowns, mended first. */
export function enter(measured: readonly Measured[], climbOnUnknown: boolean): Climb {
  const failed = measured.filter(({ result }) => result.status === "failed");
  const unknown = measured.filter(({ result }) => result.status === "unknown");
  if (failed.length === 0 && unknown.length === 0) {
    return { at: "ended", outcome: "healthy", message: "every finding is ok; nothing to resolve" };
  }
  if (failed.length === 0 && !climbOnUnknown) {
    const names = unknown.map(({ id }) => id).join(", ");
    const first = unknown[0]?.result.sentence ?? "";
    return {
      at: "ended",
      outcome: "unknown",
      message: `no check failed, but ${names} could not be measured; fix that first: ${first}`,
    };
  }
  return foot;
}

/** What the end of one rung means for the climb. */
export function after(
  climb: Climb,
  rung: string,
  finished: Pick<RungFinished, "status" | "message" | "despite">,
): Climb {
  if (climb.at === "ended") return climb;
  switch (finished.status) {
    case "held":
      // What did not take place has resolved nothing: it got well by itself, or by an earlier rung.
      return finished.despite === undefined
        ? { at: "ended", outcome: "resolved", rung, message: `resolved by rung ${rung}` }
        : {
            at: "ended",
            outcome: "resolved",
            rung,
            message: `resolved at rung ${rung}: ${finished.message}`,
          };
    case "mitigated":
      return { ...climb, climbed: "done", mitigated: rung };
    case "unknown":
      return { at: "ended", outcome: "unknown", rung, message: finished.message };
    case "declined":
      return { at: "ended", outcome: "declined", rung, message: finished.message };
    case "persist":
      return { ...climb, climbed: "done" };
    case "failed":
      return { ...climb, climbed: climb.climbed ?? "failed" };
    case "not-attempted":
      return climb.unasked === undefined
        ? { ...climb, unasked: finished.message }
        : { ...climb, alsoUnasked: [...(climb.alsoUnasked ?? []), rung] };
    case "skipped":
      return climb;
  }
}

/** The top of the ladder. @param passed what the operator passed over on it, in a sentence */
export function exhausted(
  climb: Climb,
  still: readonly string[],
  passed?: string,
): Extract<Climb, { at: "ended" }> {
  if (climb.at === "ended") return climb;
  const findings = still.length === 0 ? "" : `: ${still.join(", ")} still not ok`;
  if (climb.unasked !== undefined) {
    const { alsoUnasked = [] } = climb;
    const others = alsoUnasked.length === 0 ? "" : `; also not attempted: ${alsoUnasked.join(", ")}`;
    return { at: "ended", outcome: "approval-needed", message: `${climb.unasked}${others}` };
  }
  const left = passed === undefined ? "" : `; ${passed}`;
  if (climb.mitigated !== undefined) {
    const message = `mitigated by rung ${climb.mitigated}${findings}${left}`;
    return { at: "ended", outcome: "mitigated", rung: climb.mitigated, message };
  }
  // Nothing was tried, and it was a person who said so: that nothing helped would be wrong.
  if (climb.climbed === undefined && passed !== undefined)
    return { at: "ended", outcome: "declined", message: `${passed}${findings}` };
  return { at: "ended", outcome: "exhausted", message: `${reached(climb)}${findings}${left}` };
}

function reached({ climbed }: Extract<Climb, { at: "climbing" }>): string {
  if (climbed === undefined) return "no rung applied";
  switch (climbed) {
    case "failed":
      return "every rung failed";
    case "done":
      return "no rung was enough";
  }
}
