import type { Clock } from "../../src/ports/ports.ts";

/** A clock that stands still while something happens, and jumps where somebody sleeps. */
export class VirtualClock implements Clock {
  /** Milliseconds since it was made. */
  at = 0;

  now(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.at);
  }

  monotonic(): number {
    return this.at;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) this.at += ms;
    await Promise.resolve();
  }
}
