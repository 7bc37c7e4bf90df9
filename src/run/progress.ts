import type { Item } from "../runbook/runbook.ts";
import type { Outcome } from "./event.ts";
import type { Climb, Measured } from "./ladder.ts";
import { emit, type Session } from "./session.ts";
import { runStep, type Running, type StepResult } from "./step.ts";
import { Shown, type View } from "./view.ts";

/** For how long the findings are measured again, in milliseconds, and how often in a row all must hold. */
interface Limits {
  readonly within: number;
  readonly every: number;
  readonly stable: number;
  /** False: the first time that they do not hold is the end. */
  readonly patient: boolean;
}

/** What a run has found and decided so far. Tasks write it, the verdict reads it. */
export class Progress {
  readonly session: Session;
  readonly view: View;
  climb: Climb = { at: "climbing", mitigated: undefined };
  /** What ends the run outside the ladder's own rules: a refusal, a procedure's failed step. */
  stop: { readonly outcome: Outcome; readonly message: string } | undefined;
  /** What no step may end in: the journal's failure, or a bug. */
  fatal: unknown;
  private readonly doubts = new Set<string>();
  /** Findings that were not ok at any time since the ladder was entered: a rung must leave all of them ok. */
  private readonly broken = new Set<string>();
  private readonly measured = new Map<string, { running: Running; result: StepResult }>();

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
      if (!(error instanceof Shown)) this.fatal ??= error;
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
    this.measured.set(id, { running, result });
  }

  /** In the order in which the runbook has them, whichever ended first. */
  findings(): readonly Measured[] {
    return [...idsOf(this.session.plan.runbook.diagnose)].flatMap((id) => {
      const found = this.measured.get(id);
      return found === undefined ? [] : [{ id, result: found.result }];
    });
  }

  notOk(): readonly Measured[] {
    return this.findings().filter(({ result }) => result.status === "failed" || result.status === "unknown");
  }

  /**
   * Measures what was not ok on entry again, side by side, until all of it holds `stable` times in a row
   * or the time is over. What an earlier rung mended is measured too: this one may have broken it again.
   */
  async measureAgain(limits: Limits): Promise<boolean> {
    const { clock } = this.session.ports;
    const until = clock.monotonic() + limits.within;
    for (const { id } of this.notOk()) this.broken.add(id);
    for (let inRow = 0; ;) {
      await Promise.all([...this.broken].map((id) => this.measure(id)));
      const holds = [...this.broken].every((id) => this.measured.get(id)?.result.status === "ok");
      inRow = holds ? inRow + 1 : 0;
      if (inRow >= limits.stable) return true;
      if (!holds && !limits.patient) return false;
      if (clock.monotonic() + limits.every > until || this.halted()) return false;
      await clock.sleep(limits.every, this.session.stop);
      if (this.halted()) return false;
    }
  }

  private async measure(id: string): Promise<void> {
    const known = this.measured.get(id);
    if (known === undefined) return;
    const result = await runStep(known.running);
    this.measured.set(id, { ...known, result });
    await emitFinding(known.running, id, result);
  }
}

function* idsOf(items: readonly Item[], path = ""): Generator<string> {
  for (const item of items) {
    if (item.type === "step") yield `${path}${item.id}`;
    else yield* idsOf(item.items, `${path}${item.id}.`);
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

/** A person, or the absence of one, ended it. */
export function refusal(result: StepResult): "declined" | "approval-needed" | undefined {
  const type = result.failure?.type;
  // Held back before anything changed, and one word of the operator lets it through.
  if (type === "interlock") return "declined";
  return type === "declined" || type === "approval-needed" ? type : undefined;
}
