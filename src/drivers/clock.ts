import { uptime } from "node:os";
import type { Clock } from "../ports/ports.ts";

/**
 * The machine's own time, whose monotonic part goes on while the machine sleeps: for what is due at a time of day.
 * It is coarser than the other one, a hundredth of a second.
 */
export function createSleeplessClock(): Clock {
  return { ...createClock(), monotonic: () => uptime() * 1000 };
}

/** The machine's own time; while the machine sleeps, `monotonic` stands. */
export function createClock(): Clock {
  return {
    now: () => new Date(),
    monotonic: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal.addEventListener("abort", end, { once: true });
      }),
  };
}
