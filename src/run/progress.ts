import { findingIds, findingsNamed } from "../runbook/finding-ids.ts";
import { judges, ownItems } from "../runbook/runbook.ts";
import type { Outcome } from "../events/run.ts";
import { foot, type Climb, type Measured } from "./ladder.ts";
import { emit, type Session } from "./session.ts";
import { Slots } from "./map-limit.ts";
import { settleAll, type Around } from "./standing.ts";
import { runStep } from "./step.ts";
import { TaskFailed, type View } from "./task-view.ts";
import type { Running, StepResult } from "./step-types.ts";

/** What a run has found and decided so far. Tasks write it, the verdict reads it. */
export class Progress {
  readonly session: Session;
  readonly view: View;
  climb: Climb = foot;
  /** What ends the run outside the ladder's own rules: a refusal, a procedure's failed step. */
  stop: { readonly outcome: Outcome; readonly message: string } | undefined;
  /** What did not end well and did not end the run. */
  readonly tolerated: StepResult[] = [];
  /** What the operator passed over at the question. */
  readonly passed: StepResult[] = [];
  /** Steps that came to an end of their own. */
  ended = 0;
  /** What no step may end in: the journal's failure, or a bug. */
  fatal: unknown;
  private readonly doubts = new Set<string>();
  /** Findings that were not ok at any time. */
  private readonly broken = new Set<string>();
  /** How each finding ended in the diagnosis. */
  private readonly first = new Map<string, StepResult["status"]>();
  private readonly measured = new Map<string, { running: Running; result: StepResult }>();
  /** How many turns each group with a `foreach` has, by where it stands. */
  private readonly turns = new Map<string, number>();
  /** Groups in which something was measured again since they were settled. */
  private readonly dirty = new Set<Around>();
  private readonly slots = new Slots();

  constructor(session: Session, view: View) {
    this.session = session;
    this.view = view;
  }

  /** True once nothing more may begin. */
  halted(): boolean {
    return this.stop !== undefined || this.fatal !== undefined || this.session.stop.aborted;
  }

  /** Runs a task's body. listr2 keeps what a task throws to itself; what is not meant for it is kept here. */
  async guard<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof TaskFailed)) this.fatal ??= error;
      throw error;
    }
  }

  /** Remembers a change that nobody can say took place. */
  doubt(title: string): void {
    this.doubts.add(title);
  }

  unsure(): readonly string[] {
    return [...this.doubts];
  }

  /** Remembers a diagnosis step's result, and how to measure it again. */
  found(id: string, running: Running, result: StepResult): void {
    this.first.set(id, result.status);
    this.measured.set(id, { running, result });
  }

  /** Remembers the turns of a group of the diagnosis: what stands in it is measured in each. */
  turned(group: string, count: number): void {
    this.turns.set(group, count);
  }

  private readonly turnsOf = (group: string): number | undefined => this.turns.get(group);

  /** Findings of the runbook by a step's id, or that of a group or an include. */
  named(id: string): readonly string[] {
    return findingsNamed(this.session.plan.runbook.diagnose, id, "", this.turnsOf);
  }

  /** Findings that a step needs: those of its own turn by their ids alone. */
  private needed({ plan, path }: Pick<Running, "plan" | "path">, id: string): readonly string[] {
    const { diagnose } = plan.runbook;
    const at = path.map((one) => `${one}.`).join("");
    const [, turned] = /^(.+)\[\d+\]$/.exec(path.at(-1) ?? "") ?? [];
    if (turned === undefined) return findingsNamed(diagnose, id, at, this.turnsOf);
    const group = [...ownItems(diagnose)].find((item) => item.type === "group" && item.id === turned);
    const own = group?.type === "group" ? findingsNamed(group.items, id, at, this.turnsOf) : [];
    return own.length > 0 ? own : this.needed({ plan, path: path.slice(0, -1) }, id);
  }

  /** In the order in which the runbook has them, whichever ended first. */
  findings(): readonly Measured[] {
    return [...findingIds(this.session.plan.runbook.diagnose, "", this.turnsOf)].flatMap((id) => {
      const found = this.measured.get(id);
      return found === undefined ? [] : [{ id, result: found.result }];
    });
  }

  notOk(): readonly Measured[] {
    return this.findings().filter(({ result }) => result.status === "failed" || result.status === "unknown");
  }

  /** What counts towards a verification: what judges, or was not ok; skipped from the first it says nothing. */
  counted(): readonly Measured[] {
    return this.findings().filter(({ id, result }) => {
      if (result.status === "skipped") return this.first.get(id) !== "skipped";
      return result.status !== "ok" || this.isMeasuredAgain(id);
    });
  }

  private isMeasuredAgain(id: string): boolean {
    const known = this.measured.get(id);
    return known !== undefined && (judges(known.running.step) || this.broken.has(id));
  }

  /** Findings that were ok in the diagnosis, or are by their last measurement. */
  okSoFar(): ReadonlySet<string> {
    const now = this.findings().filter(({ result }) => result.status === "ok");
    const before = [...this.first].filter(([, status]) => status === "ok");
    return new Set([...now.map(({ id }) => id), ...before.map(([id]) => id)]);
  }

  /**
   * Measures everything that judges once more, and what was not ok at any time; side by side, each after
   * those it needs. A fact that was read keeps what it was: others compare with it.
   */
  async measureAgain(): Promise<void> {
    for (const { id } of this.notOk()) this.broken.add(id);
    const going = new Map<string, Promise<void>>();
    const measure = (id: string): Promise<void> => {
      const known = this.measured.get(id);
      if (known === undefined || !this.isMeasuredAgain(id)) return Promise.resolve();
      const begun = going.get(id);
      if (begun !== undefined) return begun;
      const { step, needs } = known.running;
      // Lint has made sure that no two need each other.
      const needed = [...needs, ...step.needs]
        .flatMap((need) => this.needed(known.running, need.id))
        .map(measure);
      const measured = Promise.all(needed).then(() => this.measure(id, known.running, known.result));
      going.set(id, measured);
      return measured;
    };
    await Promise.all([...this.measured.keys()].map(measure));
    this.settle();
  }

  private async measure(id: string, running: Running, before: StepResult): Promise<void> {
    const again = async (): Promise<StepResult> => {
      if (running.needs.length + running.step.needs.length > 0) this.settle();
      return await runStep({ ...running, known: before.status });
    };
    // A list of thousands must not be asked for all at once.
    const result = running.turn === undefined ? await again() : await this.slots.take(again);
    for (let { around } = running; around !== undefined; around = around.outer) this.dirty.add(around);
    this.measured.set(id, { running, result });
    if (result.status !== before.status) await emitFinding(running, id, result);
  }

  /** Groups stand as their steps do now, for whatever reads them. */
  private settle(): void {
    settleAll(this.dirty);
    this.dirty.clear();
  }

  /** Tells every finding as it is now: the numbers after a change are not those before it. */
  async tellFindings(): Promise<void> {
    for (const [id, { running, result }] of this.measured) {
      if (this.isMeasuredAgain(id)) await emitFinding(running, id, result);
    }
  }
}

/** Tells what a step of the diagnosis found. */
export async function emitFinding(running: Running, id: string, result: StepResult): Promise<void> {
  const { session, step } = running;
  if (result.status === "skipped") return;
  await emit(session, {
    type: "finding",
    step: id,
    section: "diagnose",
    title: result.title,
    status: result.status,
    sentence: result.sentence,
    ...(step.why === undefined ? {} : { why: step.why }),
  });
}

/** The step that was refused, and why where there is more to say than that somebody declined. */
export function refusedText({ title, sentence, failure }: StepResult): string {
  return failure?.type === "declined" && sentence === failure.type ? title : `${title}: ${sentence}`;
}

/** A person, or the absence of one, ended it. */
export function refusedOutcome(result: StepResult): "declined" | "approval-needed" | undefined {
  const type = result.failure?.type;
  // Held back before anything changed, and one word of the operator lets it through.
  if (type === "interlock") return "declined";
  return type === "declined" || type === "approval-needed" ? type : undefined;
}
