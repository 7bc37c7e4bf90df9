import { randomUUID } from "node:crypto";
import type { Bus } from "../shared/kafka.ts";
import type { Pool, Row } from "../shared/postgres.ts";
import { conflict, notFound } from "../shared/reply.ts";
import type { Context } from "../shared/service.ts";
import type { Order } from "../trading/order.ts";
import { readPositions, totalsOf, type Position } from "./book.ts";

/** Slices a reduction is spread over at most, and the tries after them to make up for orders that failed. */
const slices = 10;
const topUps = 5;
/** How far above its target a position may stay. */
const tolerance = 0.01;
/** Seconds after the timeframe for orders whose end does not become known. */
const patience = 30;
const strategy = "emergency-reduction";

interface Held {
  readonly symbol: string;
  readonly venue: string;
  readonly quantity: number;
}

/** An order that makes a position smaller, at the position's own venue. */
export function reducingOrder(id: string, held: Held, quantity: number, strategy: string): Order {
  return {
    id,
    symbol: held.symbol,
    side: held.quantity > 0 ? "sell" : "buy",
    quantity,
    type: "market",
    limit_price: null,
    time_in_force: "IOC",
    strategy,
    venue: held.venue,
    reduce_only: true,
    placed_at: new Date().toISOString(),
  };
}

/**
 * Reductions live in PostgreSQL: a key makes one, whichever process is asked, and a restart goes on with
 * the one that runs. An order's id says reduction, slice and position, so that none is executed twice.
 */
export function createReductions(context: Context, pool: Pool, bus: Bus) {
  const sent = new Set<string>();
  const send = async (order: Order): Promise<void> => {
    if (sent.has(order.id)) return;
    await bus.send("orders", [{ key: order.symbol, value: order }]);
    sent.add(order.id);
  };

  /** Writes orders down, and sends every one that this process has not sent and no executioner has seen. */
  const order = async (reduction: string, orders: readonly Order[]): Promise<void> => {
    await pool.rows(
      `INSERT INTO reduction_orders (id, reduction_id, message)
       SELECT o ->> 'id', $1, o FROM jsonb_array_elements($2) AS o ON CONFLICT DO NOTHING`,
      [reduction, JSON.stringify(orders)],
    );
    const waiting = await pool.rows(
      `SELECT message FROM reduction_orders WHERE reduction_id = $1
       AND NOT EXISTS (SELECT FROM orders WHERE orders.id = reduction_orders.id)`,
      [reduction],
    );
    for (const { message } of waiting) await send(message as Order);
  };

  const turn = async (row: Row): Promise<void> => {
    const id = String(row["id"]);
    const part = Number(row["reduction_pct"]);
    const seconds = Number(row["timeframe_seconds"]);
    const elapsed = Number(row["elapsed"]);
    const baseline = Object.entries(row["baseline"] as Record<string, Held>);
    const count = Math.min(slices, Math.max(1, Math.ceil(seconds * 2)));
    const due = Math.min(count, Math.floor((elapsed / seconds) * count) + 1);
    const planned = Array.from({ length: due }, (_, slice) =>
      baseline.map(([position, held]) => {
        const quantity = (Math.abs(held.quantity) * part) / count;
        return reducingOrder(`${id}.${slice + 1}.${position}`, held, quantity, strategy);
      }),
    );
    await order(id, planned.flat());
    if (elapsed < seconds) return;

    // Only when the end of every order is known can be said what is still to do.
    const [state] = await pool.rows(
      `SELECT count(*) FILTER (WHERE o.id IS NULL OR o.status IN ('pending', 'open')) AS unsettled,
              count(DISTINCT substring(r.id FROM '\\.(top\\d+)\\.')) AS tries
       FROM reduction_orders r LEFT JOIN orders o USING (id) WHERE r.reduction_id = $1`,
      [id],
    );
    const [unsettled, tries] = [Number(state?.["unsettled"]), Number(state?.["tries"])];
    if (unsettled > 0 && elapsed < seconds + patience) return;
    const now = new Map((await readPositions(pool)).map((position) => [position.id, position]));
    const above = baseline.filter(([position, held]) => excess(now.get(position), held, part) > 0);
    if (above.length > 0 && unsettled === 0 && tries < topUps) {
      const more = above.map(([position, held]) => {
        const quantity = Math.abs(now.get(position)?.quantity ?? 0) - Math.abs(held.quantity) * (1 - part);
        return reducingOrder(`${id}.top${tries + 1}.${position}`, held, quantity, strategy);
      });
      await order(id, more);
      return;
    }
    const status = above.length === 0 ? "done" : "short";
    await pool.rows("UPDATE reductions SET status = $2, finished_at = now() WHERE id = $1", [id, status]);
    context.log("warn", "reduction ended", { id, status, above: above.map(([position]) => position) });
  };

  context.every(250, "reducing", async () => {
    const rows = await pool.rows(
      "SELECT *, extract(epoch FROM now() - started_at) AS elapsed FROM reductions WHERE status = 'running'",
    );
    for (const row of rows) await turn(row);
  });

  return {
    send,
    async begin(
      part: number,
      seconds: number,
      key: string | undefined,
    ): Promise<{ row: Row; again: boolean }> {
      const request = `${part} ${seconds}`;
      if (key !== undefined) {
        const [before] = await pool.rows("SELECT * FROM reductions WHERE idempotency_key = $1", [key]);
        if (before !== undefined && before["request"] !== request) {
          throw conflict("key_reused", "this Idempotency-Key was used for another request");
        }
        if (before !== undefined) return { row: before, again: true };
      }
      const positions = await readPositions(pool);
      const baseline = Object.fromEntries(
        positions.map(({ id, symbol, venue, quantity }) => [id, { symbol, venue, quantity }]),
      );
      const [row] = await pool.rows(
        `INSERT INTO reductions (id, idempotency_key, request, reduction_pct, timeframe_seconds, baseline,
                                 exposure_before, status)
         SELECT $1, $2, $3, $4, $5, $6, $7, 'running'
         WHERE NOT EXISTS (SELECT FROM reductions WHERE status = 'running') ON CONFLICT DO NOTHING RETURNING *`,
        [
          `RED-${randomUUID().slice(0, 8)}`,
          key ?? null,
          request,
          part,
          seconds,
          baseline,
          totalsOf(positions).gross,
        ],
      );
      if (row === undefined)
        throw conflict("reduction_running", "a reduction is running: a second would reduce twice");
      context.log("error", "emergency reduction", { id: row["id"], part, seconds });
      return { row, again: false };
    },
    async read(id: string): Promise<Row> {
      const [row] = await pool.rows("SELECT * FROM reductions WHERE id = $1", [id]);
      if (row === undefined) throw notFound(`there is no reduction ${id}`);
      return row;
    },
  };
}

/** What the API says of a reduction: each position's quantity before, and the one it is to come down to. */
export function reductionView(row: Row) {
  const part = Number(row["reduction_pct"]);
  const before = Number(row["exposure_before"]);
  const held = Object.entries(row["baseline"] as Record<string, Held>);
  return {
    reduction_id: row["id"],
    status: row["status"],
    reduction_pct: part,
    timeframe_seconds: row["timeframe_seconds"],
    started_at: row["started_at"],
    finished_at: row["finished_at"],
    exposure_before: before,
    exposure_target: before * (1 - part),
    positions: held.map(([id, { symbol, venue, quantity }]) => ({
      id,
      symbol,
      venue,
      before: quantity,
      target: quantity * (1 - part),
    })),
  };
}

function excess(now: Position | undefined, held: Held, part: number): number {
  return Math.abs(now?.quantity ?? 0) - Math.abs(held.quantity) * (1 - part + tolerance);
}
