import { createClock } from "../../../src/drivers/clock.ts";
import type { Clock } from "../../../src/ports/ports.ts";

/** The machine's time, which a test moves on: whoever sleeps wakes then, as after a night of the machine. */
export interface HandClock extends Clock {
  pass(ms: number): void;
  /** The wall clock alone jumps. */
  step(ms: number): void;
}

export function handClock(): HandClock {
  const real = createClock();
  const sleepers = new Set<AbortController>();
  let ahead = 0;
  let stepped = 0;
  return {
    now: () => new Date(real.now().getTime() + ahead + stepped),
    monotonic: () => real.monotonic() + ahead,
    sleep: async (ms, signal) => {
      const woken = new AbortController();
      sleepers.add(woken);
      await real.sleep(ms, AbortSignal.any([woken.signal, signal]));
      sleepers.delete(woken);
    },
    step: (ms) => void (stepped += ms),
    pass: (ms) => {
      ahead += ms;
      for (const sleeper of sleepers) sleeper.abort();
    },
  };
}
