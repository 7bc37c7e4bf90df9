import type { Pool } from "../shared/postgres.ts";
import type { Order } from "../trading/order.ts";
import type { BookFill } from "../venue/book.ts";

/** What the executioner writes down in PostgreSQL. */
export function createStore(pool: Pool, instance: string) {
  return {
    /** Writes a new order down; false when its id is there already, which a message sent twice brings. */
    async begin(
      order: Order,
      venue: string | null,
      status: "pending" | "rejected",
      reason: string | null,
    ): Promise<boolean> {
      const rows = await pool.rows(
        `INSERT INTO orders (id, symbol, side, quantity, type, limit_price, time_in_force, strategy, reduce_only,
                             venue, executioner, status, reason, placed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO NOTHING RETURNING id`,
        [
          order.id,
          order.symbol,
          order.side,
          order.quantity,
          order.type,
          order.limit_price,
          order.time_in_force,
          order.strategy,
          order.reduce_only,
          venue,
          instance,
          status,
          reason,
          order.placed_at,
        ],
      );
      return rows.length > 0;
    },
    /** The venue of an order that was begun and never finished; undefined when it was. */
    async unfinished(id: string): Promise<string | undefined> {
      const [row] = await pool.rows("SELECT venue FROM orders WHERE id = $1 AND status = 'pending'", [id]);
      return typeof row?.["venue"] === "string" ? row["venue"] : undefined;
    },
    async settle(
      id: string,
      status: string,
      fields: { reason?: string; acceptedAt?: Date; venueOrder?: string },
    ) {
      await pool.rows(
        `UPDATE orders SET status = CASE WHEN status = 'pending' THEN $2 ELSE status END, reason = coalesce($3, reason),
                accepted_at = coalesce($4, accepted_at), venue_order_id = coalesce($5, venue_order_id), updated_at = now()
         WHERE id = $1`,
        [id, status, fields.reason ?? null, fields.acceptedAt ?? null, fields.venueOrder ?? null],
      );
    },
    /** Writes a fill, its order and its position down in one statement; false when the fill is there already. */
    async fill(fill: BookFill): Promise<boolean> {
      const signed = fill.side === "buy" ? fill.quantity : -fill.quantity;
      const rows = await pool.rows(
        `WITH new AS (
           INSERT INTO fills (id, order_id, symbol, venue, side, quantity, price, slippage_bps, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING RETURNING *
         ), filled AS (
           UPDATE orders SET filled = orders.filled + new.quantity, status = 'filled', updated_at = now()
           FROM new WHERE orders.id = new.order_id
         ), held AS (
           INSERT INTO positions AS p (id, symbol, venue, quantity, average_price)
           SELECT 'POS-' || venue || '-' || symbol, symbol, venue, $10::numeric, price FROM new
           ON CONFLICT (symbol, venue) DO UPDATE SET
             average_price = CASE
               WHEN sign(p.quantity) = sign(excluded.quantity)
               THEN (p.quantity * p.average_price + excluded.quantity * excluded.average_price)
                    / (p.quantity + excluded.quantity)
               WHEN abs(excluded.quantity) > abs(p.quantity) THEN excluded.average_price
               ELSE p.average_price END,
             quantity = p.quantity + excluded.quantity, updated_at = now()
         ) SELECT id FROM new`,
        [
          fill.fill_id,
          fill.client_order_id,
          fill.symbol,
          fill.venue,
          fill.side,
          fill.quantity,
          fill.price,
          fill.slippage_bps,
          fill.at,
          signed,
        ],
      );
      return rows.length > 0;
    },
    /** Orders that rest at their venue, though its answer never came. */
    async found(open: readonly string[]): Promise<void> {
      await pool.rows(
        `UPDATE orders SET status = 'open', reason = NULL, updated_at = now()
         WHERE id = ANY ($1) AND status = 'failed'`,
        [[...open]],
      );
    },
    /** Orders of these venues that stood open before the venues were asked, and rest no more: cancelled there. */
    async cancelled(venues: readonly string[], open: readonly string[], asked: Date): Promise<void> {
      await pool.rows(
        `UPDATE orders SET status = 'cancelled', updated_at = now()
         WHERE venue = ANY ($1) AND status = 'open' AND NOT (id = ANY ($2)) AND updated_at < $3::timestamptz - interval '1 second'`,
        [[...venues], [...open], asked],
      );
    },
    /** As if so many seconds had passed since all of it. */
    async age(seconds: number): Promise<void> {
      await pool.rows(
        `WITH earlier AS (SELECT make_interval(secs => $1) AS by), filled AS (
           UPDATE fills SET at = at - by FROM earlier
         ) UPDATE orders SET placed_at = placed_at - by, accepted_at = accepted_at - by, updated_at = updated_at - by
           FROM earlier`,
        [seconds],
      );
    },
    /** How many orders rest, by what is written down. */
    async resting(): Promise<number> {
      const [row] = await pool.rows("SELECT count(*) AS n FROM orders WHERE status = 'open'");
      return Number(row?.["n"]);
    },
    async price(symbol: string): Promise<number | undefined> {
      const [row] = await pool.rows("SELECT price FROM prices WHERE symbol = $1 ORDER BY at DESC LIMIT 1", [
        symbol,
      ]);
      return typeof row?.["price"] === "number" ? row["price"] : undefined;
    },
  };
}
export type Store = ReturnType<typeof createStore>;
