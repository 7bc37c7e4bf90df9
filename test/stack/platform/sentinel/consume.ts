import { setTimeout as wait } from "node:timers/promises";
import { numberOption } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Context } from "../shared/service.ts";

/**
 * Reads the regime messages back, as the dashboard's feed does, in the group `market-sentinel-group`.
 * Under the fault `backlog` this member takes `consume` messages a second and no more (none by default),
 * so that lag grows, and more members really do more.
 */
export function startConsuming(context: Context, bus: Bus): void {
  const { faults, metrics } = context;
  bus.consume("market-sentinel-group", "market-regime", async ({ messages, beat, commit }) => {
    let done: string | undefined;
    let since = Date.now();
    for (const { offset } of messages) {
      for (
        let backlog = faults.active("backlog");
        backlog !== undefined;
        backlog = faults.active("backlog")
      ) {
        if (!(await beat())) return;
        const rate = numberOption(backlog, "consume", 0);
        if (rate <= 0) {
          await wait(200);
          continue;
        }
        await wait(1000 / rate);
        break;
      }
      done = offset;
      metrics.count("regime_consumed_total");
      if (Date.now() - since < 250) continue;
      since = Date.now();
      await commit(offset);
      if (!(await beat())) return;
    }
    if (done !== undefined) await commit(done);
  });
}
