import { setTimeout as wait } from "node:timers/promises";
import { numberOption } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Context } from "../shared/service.ts";

export const regimeGroup = "market-sentinel-group";
export const regimeTopic = "market-regime";

/**
 * Reads the regime messages back, as the dashboard's feed does, in the group `market-sentinel-group`.
 * Under the fault `backlog` this member takes `consume` messages a second and no more (none by default),
 * so that lag grows, and more members really do more. What it does not take it reads again later: a
 * handler that waited inside would outlive a rebalance.
 */
export function startConsuming(context: Context, bus: Bus) {
  const { faults, metrics } = context;
  let allowance = 0;
  let since = Date.now();
  let taking = 0;
  const allowed = (): number => {
    const backlog = faults.active("backlog");
    if (backlog === undefined) {
      // What was taken freely is no debt: with less than none allowed, a slice would leave that many and take the rest.
      allowance = 0;
      return Number.POSITIVE_INFINITY;
    }
    const now = Date.now();
    const rate = numberOption(backlog, "consume", 0);
    allowance = Math.min(rate, allowance + ((now - since) / 1000) * rate);
    since = now;
    return Math.floor(allowance);
  };
  bus.consume(regimeGroup, regimeTopic, async ({ messages, beat, commit }) => {
    const taken = messages.slice(0, allowed());
    const last = taken.at(-1);
    if (last === undefined) {
      await wait(100);
      await beat();
      return;
    }
    allowance = Math.max(0, allowance - taken.length);
    metrics.count("regime_consumed_total", taken.length);
    taking += 1;
    try {
      await commit(last.offset);
    } finally {
      taking -= 1;
    }
  });
  return {
    /** Batches that are taken and not committed yet. */
    taking: () => taking,
  };
}
