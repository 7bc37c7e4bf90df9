import { listOption, type Fault } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Pool } from "../shared/postgres.ts";
import type { Context } from "../shared/service.ts";
import { symbols } from "../trading/order.ts";

/** How far a price goes in a second, and how strongly it is drawn back to where it began. */
const step = 0.0001;
const pull = 0.01;

/**
 * One price a second for each symbol, in PostgreSQL and the topic `prices`. The fault `data` spoils them,
 * for `symbols` or all: `kind` is stale (none any more), missing (all of them gone), jump (half as much
 * again) or negative.
 */
export function startPrices(context: Context, pool: Pool, bus: Bus): void {
  const now = new Map(Object.entries(symbols));
  let ticks = 0;
  context.every(1000, "prices", async () => {
    const fault = context.faults.active("data");
    const prices: { symbol: string; price: number }[] = [];
    for (const [symbol, base] of Object.entries(symbols)) {
      const before = now.get(symbol) ?? base;
      const price = before * (1 + (Math.random() - 0.5) * 2 * step) + (base - before) * pull;
      now.set(symbol, price);
      const spoiled = await spoil(pool, fault, symbol, price);
      if (spoiled !== undefined) prices.push({ symbol, price: spoiled });
    }
    if (++ticks % 60 === 0) await pool.rows("DELETE FROM prices WHERE at < now() - interval '15 minutes'");
    if (prices.length === 0) return;
    await pool.rows("INSERT INTO prices (symbol, price) SELECT * FROM unnest($1::text[], $2::numeric[])", [
      prices.map(({ symbol }) => symbol),
      prices.map(({ price }) => price),
    ]);
    const at = new Date().toISOString();
    await bus.send(
      "prices",
      prices.map((price) => ({ key: price.symbol, value: { ...price, at } })),
    );
  });
}

async function spoil(
  pool: Pool,
  fault: Fault | undefined,
  symbol: string,
  price: number,
): Promise<number | undefined> {
  const which = fault === undefined ? [] : listOption(fault, "symbols");
  if (fault === undefined || (which !== undefined && !which.includes(symbol))) return price;
  switch (fault.options["kind"]) {
    case "missing":
      await pool.rows("DELETE FROM prices WHERE symbol = $1", [symbol]);
      return undefined;
    case "jump":
      return price * (Math.random() < 0.5 ? 1.5 : 1);
    case "negative":
      return -price;
    default:
      return undefined;
  }
}
