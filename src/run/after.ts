// What a runbook does when its outcome is known. The order is the point of this file:
//
//   verdict -> "run.outcome" on the disk, with all that the steps here read -> the steps, as a list of their own
//
// The run's progress is over by then, and what stopped it (a failed step, its deadline) does not stop this: it has a
// progress of its own, under the operator's signals alone. A process that is killed in here leaves the record, and the
// next one runs these steps and nothing before them, by the values that stand in the record: a finding that is read
// again, or a rung that is climbed again, would be of another run. Whatever becomes of these steps, the run's outcome
// keeps its name; its exit code gets no better.

import type { Json } from "../base/json.ts";
import { celDuration } from "../language/expression.ts";
import type { Names } from "../language/value.ts";
import { expressionsOf } from "../runbook/expressions.ts";
import { ownItems, type Item } from "../runbook/runbook.ts";
import { exitCodeOf, type Outcome } from "../events/run.ts";
import type { ItemPlace } from "./group.ts";
import { inOrder } from "./items.ts";
import { keepOutputs } from "./journal-values.ts";
import { passedIn } from "./passed.ts";
import { Progress, refusedOutcome, refusedText } from "./progress.ts";
import type { PastEnd } from "./resume-state.ts";
import type { Scope } from "./scope.ts";
import { record, type Session } from "./session.ts";
import type { StepResult } from "./step-types.ts";
import type { TaskSpec, View } from "./task-view.ts";
import { notOkOf, toleratedIn } from "./tolerated.ts";
import { verdict, type Verdict } from "./verdict.ts";

/** The steps behind the outcome, and what they come to. */
export class After {
  private readonly progress: Progress;
  private readonly items: readonly Item[];
  /** How the run ended before them. */
  private before: Verdict | undefined;

  /** @param session without the run's own deadline: each step here has one. */
  constructor(session: Session, view: View) {
    this.progress = new Progress(session, view);
    this.items = session.plan.runbook.after;
  }

  /** @param decide how the run ended, once all that comes before has */
  task(place: Omit<ItemPlace, "section" | "tolerate">, decide: () => Decided): TaskSpec {
    const { progress, items } = this;
    const { session } = progress;
    const here: ItemPlace = { ...place, section: "after", tolerate: session.plan.runbook.tolerate };
    return {
      title: "After",
      task: (_context, task) =>
        progress.guard(async () => {
          const { past } = session;
          const { end, elapsed } = past.end ?? decide();
          if (!isKnown(end.outcome) || session.stop.aborted || session.rehearsal) {
            task.skip("After: not begun");
            return undefined;
          }
          if (past.end === undefined) await writeDown(session, items, place.scope, { end, elapsed });
          else {
            Object.assign(place.scope.steps, past.end.steps);
            Object.assign(place.scope.vars, past.end.vars);
          }
          this.before = end;
          place.scope.ended({
            outcome: end.outcome,
            rung: end.rung ?? "",
            elapsed: celDuration(elapsed),
            not_ok: end.notOk ?? [],
          });
          const tasks = inOrder(items, here, progress, (result) => this.hear(result));
          return task.newListr(tasks, { concurrent: false, exitOnError: false });
        }),
    };
  }

  private hear(result: StepResult): void {
    const { progress } = this;
    const { status } = result;
    if (result.passed !== undefined) progress.passed.push(result);
    if (status === "ok" || status === "skipped") return;
    if (result.tolerated === true) progress.tolerated.push(result);
    else if (result.failure?.type !== "interrupted" || !progress.session.stop.aborted)
      progress.stop ??= { outcome: refusedOutcome(result) ?? status, message: refusedText(result) };
  }

  /** What must not end in a step: a bug, or a journal that cannot be written. */
  get fatal(): unknown {
    return this.progress.fatal;
  }

  /** The run's end with what became of these steps. @param end as it is without them */
  ended(end: Verdict): AfterAll {
    const { items, progress, before } = this;
    const { session, stop, tolerated, passed, fatal } = progress;
    if (items.length === 0 || session.rehearsal) return { end };
    if (fatal !== undefined) return { end: verdict(progress, undefined) };
    if (before === undefined)
      return { end: { ...end, message: `${end.message}; not run yet: after (${titlesOf(items)})` } };
    if (session.stop.aborted) {
      const message = `${before.message}; interrupted in after; next: ${session.resume}`;
      return { end: { ...before, outcome: "interrupted", message } };
    }
    const parts = [stop, toleratedIn(tolerated), passedIn(passed)].flatMap((part) => part ?? []);
    const message = [before.message, ...parts.map((part) => part.message)].join("; after: ");
    const codes = [before, ...parts].map(({ outcome }) => codeOf(outcome));
    const exitCode = badFirst.find((code) => codes.includes(code)) ?? 1;
    // It lacks a person's word, and goes on once that is given.
    const waits = exitCode === 3 ? parts.find(({ outcome }) => codeOf(outcome) === 3) : undefined;
    const notOk = [...(before.notOk ?? []), ...[...tolerated, ...passed].map(notOkOf)];
    const all = { ...before, outcome: waits?.outcome ?? before.outcome, message };
    return { end: notOk.length === 0 ? all : { ...all, notOk }, exitCode };
  }
}

/** How a run ended before these steps, and how many milliseconds that took. */
type Decided = Pick<PastEnd, "end" | "elapsed">;

interface AfterAll {
  readonly end: Verdict;
  /** Where it is not the outcome's own. */
  readonly exitCode?: number;
}

function codeOf(outcome: Outcome): number {
  return outcome === "interrupted" ? 3 : exitCodeOf(outcome);
}

/** Exit codes, the worst first. */
const badFirst = [1, 4, 3, 0];

/** A run that was refused or broken off has not ended: it owes this, and goes on. */
function isKnown(outcome: Outcome): boolean {
  return outcome !== "interrupted" && outcome !== "declined" && outcome !== "approval-needed";
}

function titlesOf(items: readonly Item[]): string {
  return items.map(({ id, title }) => title ?? id).join(", ");
}

/** With what the steps behind it read: that is all that a resumption has of what was measured. */
async function writeDown(
  session: Session,
  items: readonly Item[],
  scope: Scope,
  { end, elapsed }: Decided,
): Promise<void> {
  const { redactor } = session;
  const steps = Object.entries(readBy(items, "steps", scope.steps)).map(([id, step]) => {
    return [id, keepOutputs(step as Names, redactor)];
  });
  await record(session, "run.outcome", {
    outcome: end.outcome,
    message: end.message,
    ...(end.rung === undefined ? {} : { rung: end.rung }),
    elapsed_ms: elapsed,
    ...(end.notOk === undefined ? {} : { not_ok: end.notOk }),
    steps: Object.fromEntries(steps) as Readonly<Record<string, Json>>,
    vars: keepOutputs(readBy(items, "vars", scope.vars), redactor),
  });
}

/** Of all that a name leads to, what the items' own expressions read. */
function readBy(items: readonly Item[], root: string, all: Names): Names {
  const reads = [...ownItems(items)]
    .flatMap(expressionsOf)
    .flatMap(({ expression }) => expression.reads.filter(({ names: [first] }) => first === root));
  const ids = new Set(reads.flatMap(({ names: [, id] }) => id ?? Object.keys(all)));
  return Object.fromEntries(Object.entries(all).filter(([id]) => ids.has(id)));
}
