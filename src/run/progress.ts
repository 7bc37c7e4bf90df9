import type { Outcome } from "./event.ts";
import type { Climb, Measured } from "./ladder.ts";
import type { Session } from "./session.ts";
import { runStep, type Running, type StepResult } from "./step.ts";
import type { View } from "./view.ts";

/** What a run has found and decided so far. Tasks write it, the verdict reads it. */
export class Progress {
  readonly session: Session;
  readonly view: View;
  climb: Climb = { at: "climbing", mitigated: undefined };
  /** What ends the run outside the ladder's own rules: a refusal, a procedure's failed step. */
  stop: { readonly outcome: Outcome; readonly message: string } | undefined;
  private readonly measured = new Map<string, { running: Running; result: StepResult }>();

  constructor(session: Session, view: View) {
    this.session = session;
    this.view = view;
  }

  /** True once nothing more may begin. */
  halted(): boolean {
    return this.stop !== undefined || this.session.stopping();
  }

  /** Remembers a diagnosis step's result, and how to measure it again. */
  found(id: string, running: Running, result: StepResult): void {
    this.measured.set(id, { running, result });
  }

  findings(): readonly Measured[] {
    return [...this.measured].map(([id, { result }]) => ({ id, result }));
  }

  notOk(): readonly Measured[] {
    return this.findings().filter(({ result }) => result.status === "failed" || result.status === "unknown");
  }

  /**
   * Measures what was not ok again, side by side, until all of it holds `stable` times in a row or the
   * time is over. Times are in milliseconds.
   */
  async measureAgain(limits: { within: number; every: number; stable: number }): Promise<boolean> {
    const { clock } = this.session.ports;
    const until = clock.monotonic() + limits.within;
    const broken = this.notOk().map(({ id }) => id);
    for (let inRow = 0; ;) {
      await Promise.all(broken.map((id) => this.measure(id)));
      const holds = broken.every((id) => this.measured.get(id)?.result.status === "ok");
      inRow = holds ? inRow + 1 : 0;
      if (inRow >= limits.stable) return true;
      if (clock.monotonic() + limits.every > until || this.session.stopping()) return false;
      await clock.sleep(limits.every, this.session.kill);
    }
  }

  private async measure(id: string): Promise<void> {
    const known = this.measured.get(id);
    if (known === undefined) return;
    const result = await runStep(known.running);
    this.measured.set(id, { ...known, result });
  }
}

/** A person, or the absence of one, ended it. */
export function refusal(result: StepResult): "declined" | "approval-needed" | undefined {
  const type = result.failure?.type;
  return type === "declined" || type === "approval-needed" ? type : undefined;
}
