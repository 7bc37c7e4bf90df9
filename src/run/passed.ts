import type { Outcome } from "../events/run.ts";
import type { StepResult } from "./step-types.ts";

/** Names in a sentence; each step has a line of its own. */
const mostNamed = 5;

/**
 * What the operator passed over waits for them as what they declined does: a run that ends with it is not completed,
 * and can be resumed.
 * @returns undefined when nothing was
 */
export function passedIn(
  results: readonly StepResult[],
): { readonly outcome: Outcome; readonly message: string } | undefined {
  if (results.length === 0) return undefined;
  const names = results.slice(0, mostNamed).map(({ title }) => title);
  if (results.length > mostNamed) names.push(`and ${results.length - mostNamed} more`);
  const what = results.length === 1 ? "1 step was" : `${results.length} steps were`;
  return { outcome: "declined", message: `${what} skipped by the operator: ${names.join("; ")}` };
}
