import { createChance, type Chance } from "./chance.ts";
import type { Check } from "./health.ts";
import type { Faults } from "./faults.ts";
import type { Route } from "./http.ts";
import { createIdempotency, type Idempotency } from "./idempotency.ts";
import { messageOf, type Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";
import type { State } from "./state.ts";

/** What every program has. */
export interface Context {
  readonly settings: Settings;
  readonly log: Log;
  readonly faults: Faults;
  readonly state: State;
  readonly metrics: Metrics;
  readonly idempotency: Idempotency;
  readonly chance: Chance;
  /** Calls back every so many milliseconds, never twice at once; an error is logged and the next call comes. */
  every(ms: number, what: string, work: () => Promise<void> | void): void;
}

export interface Program {
  readonly routes: readonly Route[];
  readonly checks: Readonly<Record<string, Check>>;
  /** What it keeps in memory and in Redis as it was first started, for `POST /admin/reset`. */
  reset(): Promise<void> | void;
  stop(): Promise<void>;
}

/** A program that was opened, with everything it began: it can end while its process lives on. */
export interface Opened {
  readonly context: Context;
  readonly program: Program;
  /** Ends its timers and connections; from here on it is silent. */
  close(): Promise<void>;
}

export function openProgram(
  base: Pick<Context, "settings" | "log" | "faults" | "state">,
  open: (context: Context) => Program,
): Opened {
  let closed = false;
  const ends: (() => void)[] = [];
  const log: Log = (...entry) => {
    if (!closed) base.log(...entry);
  };
  const metrics = createMetrics();
  metrics.gauge("process_uptime_seconds", () => process.uptime());
  metrics.gauge("process_resident_memory_bytes", () => process.memoryUsage.rss());
  const chance = createChance(base.settings.seed, `${base.settings.service}@${base.settings.instance}`);
  const context: Context = {
    ...base,
    log,
    metrics,
    chance,
    faults: {
      ...base.faults,
      watch(callback) {
        const end = base.faults.watch(callback);
        ends.push(end);
        return end;
      },
    },
    idempotency: createIdempotency(base.state),
    every(ms, what, work) {
      const timer = repeat(ms, what, work, log);
      ends.push(() => clearInterval(timer));
    },
  };
  const program = open(context);
  return {
    context,
    program,
    async close() {
      closed = true;
      for (const end of ends) end();
      await program.stop();
    },
  };
}

function repeat(ms: number, what: string, work: () => Promise<void> | void, log: Log): NodeJS.Timeout {
  let running = false;
  let last = "";
  const turn = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      await work();
      last = "";
    } catch (error) {
      const message = messageOf(error);
      if (message !== last) log("error", `${what} failed`, { error: message });
      last = message;
    } finally {
      running = false;
    }
  };
  void turn();
  return setInterval(() => void turn(), ms);
}
