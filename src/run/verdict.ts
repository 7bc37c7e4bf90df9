import type { NotOk } from "../events/not-ok.ts";
import type { Outcome } from "../events/run.ts";
import { stepsOf } from "../runbook/runbook.ts";
import { exhausted } from "./ladder.ts";
import { passedIn } from "./passed.ts";
import type { Progress } from "./progress.ts";
import { JournalError } from "./session.ts";
import { notOkOf, toleratedIn, type Tolerated } from "./tolerated.ts";

/** How a run ended, in one sentence. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly message: string;
  readonly rung?: string;
  /** Each of what was not ok; none where it is left out. */
  readonly notOk?: readonly NotOk[];
}

/** @param overrun the sentence that the run's own deadline ended it with, if it did. */
export function verdict(progress: Progress, overrun: string | undefined): Verdict {
  const { climb, session, stop, fatal } = progress;
  const unsure = progress.unsure();
  const doubt = unsure.length === 0 ? "" : `; outcome unknown, may have taken effect: ${unsure.join(", ")}`;
  if (fatal instanceof JournalError) {
    const { change, message } = fatal;
    const lost = change === undefined ? "" : `; its outcome could not be recorded: ${change}`;
    const sure = unsure.length === 0 && change === undefined;
    return { outcome: sure ? "failed" : "unknown", message: `${message}${lost}${doubt}` };
  }
  const well = climb.at === "ended" && (climb.outcome === "resolved" || climb.outcome === "healthy");
  if (overrun !== undefined && !well) {
    return {
      outcome: unsure.length === 0 ? "failed" : "unknown",
      message: `${overrun}${soFar(progress)}${doubt}`,
    };
  }
  if (session.stop.aborted && !well && stop === undefined) {
    return { outcome: "interrupted", message: `interrupted; next: ${session.resume}${doubt}` };
  }
  const { tolerated, passed } = progress;
  const left = [...progress.notOk().map(({ result }) => result), ...tolerated, ...passed].map(notOkOf);
  const end = withTolerated(stop ?? measured(progress), toleratedIn(tolerated));
  return left.length === 0 ? end : { ...end, notOk: left };
}

/** How far a procedure came in the time of the whole run, which is often taken for the time of one step. */
function soFar({ session, ended }: Progress): string {
  const { diagnose, steps, resolve, timeout } = session.plan.runbook;
  if (steps.length === 0 || resolve.length > 0) return "";
  const all = [...stepsOf([...diagnose, ...steps])].length;
  const hint =
    timeout === undefined ? "" : "; timeout: of a runbook is of the whole run, a group or a step has its own";
  return ` after ${ended} of ${all} steps${hint}`;
}

/**
 * What was tolerated makes the good end of a procedure worse, and is named behind every other. A ladder's findings have
 * the last word on it.
 */
function withTolerated(end: Verdict, tolerated: Tolerated | undefined): Verdict {
  if (tolerated === undefined) return end;
  if (end.outcome === "completed") return { ...end, ...tolerated };
  return { ...end, message: `${end.message}; tolerated: ${tolerated.message}` };
}

function measured(progress: Progress): Verdict {
  const { runbook } = progress.session.plan;
  const notOk = progress.notOk();
  const names = few(notOk.map(({ id }) => id));
  const passed = passedIn(progress.passed);
  if (runbook.resolve.length > 0 && !progress.session.rehearsal)
    return exhausted(progress.climb, names, passed?.message);
  if (runbook.diagnose.length === 0) {
    const message = progress.session.rehearsal ? "dry run: nothing was changed" : "every step completed";
    if (passed !== undefined) return { ...passed, message: `${passed.message}; every other step completed` };
    return { outcome: "completed", message };
  }
  if (notOk.some(({ result }) => result.status === "failed")) {
    return { outcome: "findings", message: `not ok: ${names.join(", ")}` };
  }
  if (notOk.length > 0) return { outcome: "unknown", message: `could not be measured: ${names.join(", ")}` };
  if (passed !== undefined) return passed;
  return { outcome: runbook.steps.length > 0 ? "completed" : "healthy", message: "every finding is ok" };
}

/** Enough to begin with; the findings above have them all. */
const mostNamed = 20;

function few(names: readonly string[]): readonly string[] {
  if (names.length <= mostNamed) return names;
  return [...names.slice(0, mostNamed), `and ${names.length - mostNamed} more`];
}
