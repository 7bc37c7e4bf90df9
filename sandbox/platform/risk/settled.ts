import type { Bus } from "../shared/kafka.ts";
import type { Pool } from "../shared/postgres.ts";
import { ordersUnderway } from "../trading/underway.ts";
import { checkPositions } from "./validate.ts";

/** A reduction that runs, an order on its way, and a position that is not yet what its venue has. */
export async function unsettled(pool: Pool, bus: Bus, venuesUrl: string): Promise<string[]> {
  const [running, underway] = await Promise.all([
    pool.rows("SELECT id FROM reductions WHERE status = 'running'"),
    ordersUnderway(bus, pool),
  ]);
  const positions = await checkPositions(pool, venuesUrl);
  return [
    ...running.map(({ id }) => `reduction ${String(id)} is running`),
    ...underway,
    ...positions
      .filter(({ status }) => status !== "ok")
      .map(
        ({ venue, symbol, ours, theirs }) =>
          `${symbol} at ${venue}: ${ours} is booked, the venue has ${theirs}`,
      ),
  ];
}
