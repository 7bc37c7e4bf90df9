import { ownItems, stepsOf, type Group, type Include, type Item, type Step } from "../runbook/runbook.ts";
import { enterGroup, titleOfGroup, toleratesIn, type ItemPlace } from "./group.ts";
import { most } from "./map-limit.ts";
import { emitFinding, type Progress } from "./progress.ts";
import { runStep, unverifiable } from "./step.ts";
import { Ticks } from "./ticks.ts";
import { TaskFailed, type Task, type TaskSpec } from "./task-view.ts";
import { isTurn } from "./turns.ts";
import type { Running, StepResult } from "./step-types.ts";

interface Hooks {
  readonly skip?: () => boolean;
  /** Awaited before the item begins. */
  readonly before?: () => Promise<unknown>;
  /** Called when it has ended, however it did. */
  readonly after?: () => void;
  readonly result?: (result: StepResult) => void;
  /** In a rehearsal: the change that was not made and that the item stands behind. */
  readonly behind?: () => string | undefined;
  /** Of a section whose items run side by side: what they wait for. */
  readonly waits?: Waits;
}

/** The ends of all items of a section, for those that wait for one. */
class Waits {
  private readonly ends = new Map<string, () => void>();
  private readonly ended: ReadonlyMap<string, Promise<void>>;
  private readonly around: Waits | undefined;

  /** @param around of a turn, whose ids are its own: what it waits for outside */
  constructor(section: readonly Item[], around?: Waits) {
    this.around = around;
    const promises = [...ownItems(section)].map(({ id }): [string, Promise<void>] => [
      id,
      new Promise<void>((resolve) => this.ends.set(id, resolve)),
    ]);
    this.ended = new Map(promises);
  }

  /** Waits for all that an item needs. */
  async before({ needs }: Item): Promise<void> {
    await Promise.all(needs.flatMap(({ id }) => this.endOf(id) ?? []));
  }

  private endOf(id: string): Promise<void> | undefined {
    return this.ended.get(id) ?? this.around?.endOf(id);
  }

  /** An item is over, with all that is in it. */
  after(item: Item): void {
    for (const { id } of ownItems([item])) this.ends.get(id)?.();
  }
}

/** Tasks that all begin at once, each after those it `needs`. For a concurrent list. */
export function sideBySide(
  items: readonly Item[],
  place: ItemPlace,
  progress: Progress,
  waits: Waits = new Waits(items),
): TaskSpec[] {
  return items.map((item) =>
    itemTask(item, place, progress, {
      before: async () => await waits.before(item),
      after: () => waits.after(item),
      waits,
    }),
  );
}

/**
 * Tasks one after the other. The first that does not end well ends the list: what follows was written
 * to come after it. So does the operator who leaves the rung. `onEnd` hears of every step that ran.
 */
export function inOrder(
  items: readonly Item[],
  place: ItemPlace,
  progress: Progress,
  onEnd: (result: StepResult) => void,
  behindAll: () => string | undefined = () => undefined,
): TaskSpec[] {
  let broken = false;
  let change: string | undefined;
  const { rehearsal } = progress.session;
  const behind = (): string | undefined => behindAll() ?? (rehearsal ? change : undefined);
  return items.map((item) => {
    const passed = (ended: StepResult): void => {
      if ([...stepsOf([item])].some(({ effect }) => effect !== "read")) change ??= ended.title;
      const here = tolerated(ended, toleratesIn(item, place));
      if ((!isWell(here) && here.tolerated !== true) || here.passed === "rung") broken = true;
      onEnd(here);
    };
    return itemTask(item, place, progress, { skip: () => broken, result: passed, behind });
  });
}

/** Neither failed nor unknown. */
export function isWell({ status }: StepResult): boolean {
  return status === "ok" || status === "skipped";
}

/** Nothing follows a change that nobody can say took place, whoever tolerates what. */
function tolerated(result: StepResult, tolerates: boolean): StepResult {
  const may = tolerates && !isWell(result) && result.doubtful !== true;
  return may ? { ...result, tolerated: true } : result;
}

function itemTask(item: Item, place: ItemPlace, progress: Progress, hooks: Hooks): TaskSpec {
  const skip = (): boolean => {
    const skipped = progress.halted() || hooks.skip?.() === true;
    if (skipped) hooks.after?.();
    return skipped;
  };
  return item.type === "step"
    ? { ...stepTask(item, place, progress, hooks), skip }
    : { ...groupTask(item, place, progress, hooks), skip };
}

function groupTask(group: Group | Include, place: ItemPlace, progress: Progress, hooks: Hooks): TaskSpec {
  return {
    title: titleOfGroup(group),
    task: (_context, task) =>
      progress.guard(async () => {
        try {
          await hooks.before?.();
          const entered = progress.halted() ? "not begun" : await enterGroup(group, place, progress);
          if (typeof entered === "string") {
            hooks.after?.();
            task.skip(`${titleOfGroup(group)}: ${entered}`);
            return undefined;
          }
          const { inner, items, leave } = entered;
          const ending = async (): Promise<void> => {
            const { outcome } = await leave();
            if (outcome === "failed" || outcome === "unknown") throw new TaskFailed(titleOfGroup(group));
          };
          const concurrent = place.section === "diagnose";
          const abreast = concurrent && items.some(isTurn) ? turnsAbreast(group) : concurrent;
          const tasks = concurrent
            ? sideBySide(items, inner, progress, waitsIn(group, hooks.waits))
            : inOrder(items, inner, progress, hooks.result ?? (() => {}), hooks.behind);
          // A list with its own end, so that what waits for this group waits for all of it.
          return task.newListr(
            [
              { task: (_inner, all) => all.newListr(tasks, { concurrent: abreast, exitOnError: false }) },
              { task: () => progress.guard(ending).finally(hooks.after) },
            ],
            // Whatever is marked as done above a step that failed would deny it.
            { concurrent: false, exitOnError: true },
          );
        } catch (error) {
          hooks.after?.();
          throw error;
        }
      }),
  };
}

function waitsIn(group: Group | Include, around: Waits | undefined): Waits | undefined {
  if (isTurn(group)) return new Waits(group.items, around);
  return group.type === "group" ? around : undefined;
}

/** Turns side by side: as many as read no more at a time than a list of reads does. */
function turnsAbreast(group: Group | Include): number {
  return Math.max(1, Math.floor(most / [...stepsOf(group.items)].length));
}

function stepTask(step: Step, place: ItemPlace, progress: Progress, hooks: Hooks): TaskSpec {
  return {
    title: step.title ?? step.id,
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
  const tolerate = toleratesIn(step, place);
  const ticks = step.kind.asks === true ? { ticks: new Ticks(session) } : {};
  const tell = (text: string): void => void (task.title = text);
  const shown = { prompt: view.promptIn(task), tell, live: view.liveIn?.(task, step.id) };
  const running: Running = { session, step, ...place, tolerate, ...shown, ...ticks };
  const reads = step.effect === "read";
  const result =
    behind !== undefined && reads ? await unverifiable(running, behind) : await runStep(inTime(running));
  if (result.doubtful === true) progress.doubt(result.title);
  if (result.failure?.type !== "interrupted") progress.ended++;
  if (place.section !== "diagnose") return result;
  const id = [...place.path, step.id].join(".");
  progress.found(id, lasting(running), result);
  await emitFinding(running, id, result);
  return result;
}

/** As it is measured again: whatever time a group had is over by then, and its place on the terminal has its end. */
function lasting({ over: _over, tell: _tell, live: _live, ...running }: Running): Running {
  return running;
}

/** As long as the time of the groups around it lasts; what is measured again later has none. */
function inTime(running: Running): Running {
  const { over, session } = running;
  if (over === undefined) return running;
  if (over.aborted) return { ...running, undecided: String(over.reason) };
  return { ...running, session: { ...session, stop: AbortSignal.any([session.stop, over]) } };
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
