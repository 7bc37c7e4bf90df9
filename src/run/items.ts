import { groupNames } from "../plan/names.ts";
import { innerPlan, type Plan } from "../plan/plan.ts";
import type { Group, Item, Step } from "../runbook/runbook.ts";
import type { Section } from "../events/run.ts";
import { emitFinding, type Progress } from "./progress.ts";
import type { Scope } from "./scope.ts";
import { conditionText, judge } from "./judge.ts";
import { runStep, unverifiable } from "./step.ts";
import { TaskFailed, type Task, type TaskSpec } from "./task-view.ts";
import type { Running, StepResult } from "./step-types.ts";

/** Where a list of items runs. */
export interface ItemPlace {
  readonly section: Section;
  readonly rung: string | undefined;
  readonly plan: Plan;
  readonly scope: Scope;
  /** Ids of the groups around it, outermost first. */
  readonly path: readonly string[];
  /** Why nobody can say whether the group around it is meant: its steps are not begun, and none of them is well. */
  readonly undecided?: string;
}

interface Hooks {
  readonly skip?: () => boolean;
  /** Awaited before the item begins. */
  readonly before?: () => Promise<unknown>;
  /** Called once when it has ended, however it did. */
  readonly after?: () => void;
  readonly result?: (result: StepResult) => void;
  /** In a rehearsal: the change that was not made and that the item stands behind. */
  readonly behind?: () => string | undefined;
}

/** Tasks that all begin at once, each after those it `needs`. For a concurrent list. */
export function sideBySide(items: readonly Item[], place: ItemPlace, progress: Progress): TaskSpec[] {
  const ends = new Map<string, () => void>();
  const ended = new Map(
    items.map((item) => [item.id, new Promise<void>((resolve) => ends.set(item.id, resolve))]),
  );
  return items.map((item) =>
    itemTask(item, place, progress, {
      before: () => Promise.all(item.needs.map((need) => ended.get(need.id) ?? Promise.resolve())),
      after: () => ends.get(item.id)?.(),
    }),
  );
}

/**
 * Tasks one after the other. The first that does not end well ends the list: what follows was written
 * to come after it. `onEnd` hears of every step that ran.
 */
export function inOrder(
  items: readonly Item[],
  place: ItemPlace,
  progress: Progress,
  onEnd: (result: StepResult) => void,
): TaskSpec[] {
  let broken = false;
  let change: string | undefined;
  const { rehearsal } = progress.session;
  const behind = (): string | undefined => (rehearsal ? change : undefined);
  const result = (ended: StepResult): void => {
    if (ended.status === "failed" || ended.status === "unknown") broken = true;
    onEnd(ended);
  };
  return items.map((item) => {
    const passed = (ended: StepResult): void => {
      if (item.type === "group" || item.effect !== "read") change ??= ended.title;
      result(ended);
    };
    return itemTask(item, place, progress, { skip: () => broken, result: passed, behind });
  });
}

function itemTask(item: Item, place: ItemPlace, progress: Progress, hooks: Hooks): TaskSpec {
  return item.type === "step"
    ? stepTask(item, place, progress, hooks)
    : groupTask(item, place, progress, hooks);
}

function groupTask(group: Group, place: ItemPlace, progress: Progress, hooks: Hooks): TaskSpec {
  return {
    title: group.title ?? group.runbook.title,
    skip: () => progress.halted() || hooks.skip?.() === true,
    task: (_context, task) =>
      progress.guard(async () => {
        await hooks.before?.();
        const verdict = group.when === undefined ? true : judge(group.when, place.scope.names());
        const condition = conditionText(group.when?.expression.text ?? "");
        if (verdict === false) {
          hooks.after?.();
          task.skip(`${condition} is false`);
          return undefined;
        }
        const undecided = verdict === true ? undefined : `cannot evaluate ${condition}: ${verdict}`;
        const { inner, reads } = enterGroup(group, undecided === undefined ? place : { ...place, undecided });
        const onEnd = hooks.result ?? (() => {});
        const tasks = reads
          ? sideBySide(group.items, inner, progress)
          : inOrder(group.items, inner, progress, onEnd);
        // A list with its own end, so that what waits for this group waits for all of it.
        return task.newListr(
          [
            { task: (_inner, all) => all.newListr(tasks, { concurrent: reads, exitOnError: false }) },
            { task: () => hooks.after?.() },
          ],
          { exitOnError: false },
        );
      }),
  };
}

/** The place of a group's items: its own parameters and steps, seen from outside by the group's id. */
function enterGroup(group: Group, place: ItemPlace): { readonly inner: ItemPlace; readonly reads: boolean } {
  const fixed = groupNames(group, place.plan.platform, place.scope.names());
  const scope = place.scope.inner(fixed);
  place.scope.steps[group.id] = scope.steps;
  const plan = { ...innerPlan(group, place.plan), names: fixed };
  const inner: ItemPlace = { ...place, scope, plan, path: [...place.path, group.id] };
  return { inner, reads: place.section === "diagnose" };
}

function stepTask(step: Step, place: ItemPlace, progress: Progress, hooks: Hooks): TaskSpec {
  return {
    title: step.title ?? step.id,
    skip: () => progress.halted() || hooks.skip?.() === true,
    task: (_context, task) =>
      progress.guard(async () => {
        try {
          await hooks.before?.();
          if (progress.halted()) {
            task.skip(`${step.title ?? step.id}: not begun`);
            return;
          }
          const result = await runInTask(step, place, progress, task, hooks.behind?.());
          hooks.result?.(result);
          show(task, result, place.section === "diagnose" ? step.why : undefined);
        } finally {
          hooks.after?.();
        }
      }),
  };
}

async function runInTask(
  step: Step,
  place: ItemPlace,
  progress: Progress,
  task: Task,
  behind: string | undefined,
): Promise<StepResult> {
  const { session, view } = progress;
  const running: Running = { session, step, ...place, prompt: view.promptIn(task) };
  const reads = step.effect === "read";
  const result = behind !== undefined && reads ? await unverifiable(running, behind) : await runStep(running);
  // What was not begun is in no doubt.
  const begun = result.failure?.effect !== "none";
  if (result.status === "unknown" && step.effect !== "read" && begun) progress.doubt(result.title);
  if (place.section !== "diagnose") return result;
  const id = [...place.path, step.id].join(".");
  progress.found(id, running, result);
  await emitFinding(running, id, result);
  return result;
}

/** Puts a result where the terminal shows it; an error marks the task as failed, and goes no further. */
function show(task: Task, result: StepResult, why: string | undefined): void {
  const because = why === undefined ? "" : `\n  ${why}`;
  const sentence = result.sentence === result.title ? result.title : `${result.title}: ${result.sentence}`;
  task.title = sentence;
  switch (result.status) {
    case "ok":
      return;
    case "skipped":
      task.skip(sentence);
      return;
    case "failed":
      throw new TaskFailed(`${sentence}${because}`);
    case "unknown":
      throw new TaskFailed(`${result.title}: unknown: ${result.sentence}${because}`);
  }
}
