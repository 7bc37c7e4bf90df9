import type { NotOk } from "../events/not-ok.ts";
import type { Outcome } from "../events/run.ts";
import { refusedOutcome } from "./progress.ts";
import type { StepResult } from "./step-types.ts";

/** What was tolerated of a run, and what that makes of its end. */
export interface Tolerated {
  readonly outcome: Outcome;
  /** One sentence: how many of which, with their names. */
  readonly message: string;
}

/** Names in a sentence; each step has a line of its own. */
const mostNamed = 5;

/** Failed before unknown before what waits for a person. Undefined when nothing was tolerated. */
export function toleratedIn(results: readonly StepResult[]): Tolerated | undefined {
  const waits = results.filter((result) => refusedOutcome(result) !== undefined);
  const others = results.filter((result) => refusedOutcome(result) === undefined);
  const failed = others.filter(({ status }) => status === "failed");
  const unknown = others.filter(({ status }) => status === "unknown");
  const parts = [
    named(failed, "failed", "failed"),
    named(unknown, "is unknown", "are unknown"),
    named(waits, "waits for a person", "wait for a person"),
  ].flatMap((part) => part ?? []);
  if (parts.length === 0) return undefined;
  const [asked] = waits.flatMap((result) => refusedOutcome(result) ?? []);
  const outcome = failed.length > 0 ? "failed" : unknown.length > 0 ? "unknown" : (asked ?? "declined");
  return { outcome, message: parts.join("; ") };
}

/** Each by itself, for whoever wants more than a sentence. */
export function notOkOf(result: StepResult): NotOk {
  const { title, sentence, status, passed } = result;
  const waits = passed !== undefined || refusedOutcome(result) !== undefined;
  return { title, sentence, outcome: waits ? "waits" : status === "unknown" ? "unknown" : "failed" };
}

function named(results: readonly StepResult[], one: string, several: string): string | undefined {
  if (results.length === 0) return undefined;
  const names = results
    .slice(0, mostNamed)
    .map(({ title, sentence }) => (sentence === title ? title : `${title}: ${sentence}`));
  if (results.length > mostNamed) names.push(`and ${results.length - mostNamed} more`);
  return `${results.length} step${results.length === 1 ? "" : "s"} ${results.length === 1 ? one : several}: ${names.join("; ")}`;
}
