import { printable } from "../base/printable.ts";
import type { StepPlace, StepStatus } from "../events/run.ts";
import type { Judged } from "./judge.ts";
import { keyOf } from "./resume-state.ts";
import type { Running } from "./step-types.ts";
import type { shownOutputs } from "./truncate.ts";

/** What a step came to, by itself or over its list. */
export interface Came {
  readonly judged: Omit<Judged, "status"> & { readonly status: StepStatus };
  readonly sentence: string;
  readonly attempts: number;
  /** As events show them. */
  readonly outputs: ReturnType<typeof shownOutputs>;
}

/**
 * A read that held before a change was begun, and does not any more: the change itself may have made it false, or it
 * is what keeps the rest from being done. Only a person can tell which; without one it is judged as ever.
 */
export async function settledBefore(
  { session, step, prompt }: Running,
  place: StepPlace,
  title: string,
  came: Came,
): Promise<Came> {
  const { status } = came.judged;
  if (status === "ok" || status === "skipped" || step.kind.asks === true) return came;
  if (step.effect !== "read" || !session.past.settled.has(keyOf(place))) return came;
  const held = `${came.sentence}; it held before a change that was begun since`;
  const told = printable(session.redactor.text(`${title}: ${held}`));
  const question = `${told}\n  Continue with the rest anyway?`;
  const answer = prompt.available ? await prompt.confirm(question, session.stop) : undefined;
  if (answer?.answered === true && answer.value) {
    const message = `${held}; the operator continues`;
    return { ...came, judged: { status: "ok", message }, sentence: message };
  }
  const message = prompt.available ? held : `${held}: resume at a terminal to decide`;
  return { ...came, judged: { ...came.judged, message }, sentence: message };
}
