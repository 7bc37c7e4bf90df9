import type { Clock } from "../../../../src/ports/ports.ts";

/** Whoever sleeps by it wakes when the simulation has moved it so far; no time passes by itself. */
export class VirtualClock implements Clock {
  /** Milliseconds that have truly passed since the simulation began. */
  private passed = 0;
  private ahead = 0;
  private readonly epoch: number;
  private readonly late: (until: number) => number;
  private readonly sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  /** @param epoch true time at the beginning @param late by how much who sleeps until then wakes later */
  constructor(epoch: number, late: (until: number) => number) {
    this.epoch = epoch;
    this.late = late;
  }

  /** The machine's wall clock, which may have stepped. */
  now(): Date {
    return new Date(this.epoch + this.passed + this.ahead);
  }

  monotonic(): number {
    return this.passed;
  }

  /** What every clock but this machine's says. */
  readonly truth = (): number => this.epoch + this.passed;

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const wake = (): void => {
        this.sleepers.delete(sleeper);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const until = this.passed + Math.max(0, ms);
      const sleeper = { at: until + this.late(until), wake };
      this.sleepers.add(sleeper);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** When the next sleeper wakes; Infinity where nobody sleeps. */
  get next(): number {
    return Math.min(Infinity, ...[...this.sleepers].map(({ at }) => at));
  }

  /** Whoever wanted to wake by then wakes. */
  passTo(at: number): void {
    this.passed = Math.max(this.passed, at);
    for (const sleeper of this.sleepers) if (sleeper.at <= this.passed) sleeper.wake();
  }

  /** The machine sleeps: nobody wakes before it is over. */
  suspend(ms: number): void {
    this.passed += ms;
  }

  step(ms: number): void {
    this.ahead += ms;
  }
}
