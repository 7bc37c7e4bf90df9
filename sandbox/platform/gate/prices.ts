import type { Chance } from "../shared/chance.ts";
import { listOption, type Fault } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Pool } from "../shared/postgres.ts";
import type { Context } from "../shared/service.ts";
import { symbols } from "../trading/order.ts";

/** How far a random price goes in a second, and how strongly it is drawn back to where it began. */
const step = 0.0001;
const pull = 0.01;
/** Height and radians a second of the slow wave, which goes on where schema.sql ends, and of the ripple on it. */
const wave = { height: 0.002, speed: 1 / 60, begin: 10 };
const ripple = { height: 0.000_08, speed: Math.PI / 3 };
/** Between the waves of one symbol and the next, as in schema.sql. */
const phase = 0.7;

/** A symbol's price at a tick, as a part of its base. */
export function priceAt(tick: number, symbol: number): number {
  const at = phase * symbol;
  return (
    1 +
    wave.height * Math.sin(wave.begin + tick * wave.speed + at) +
    ripple.height * Math.sin(tick * ripple.speed + at)
  );
}

/**
 * One price a second for each symbol, in PostgreSQL and the topic `prices`. The fault `data` spoils them,
 * for `symbols` or all: `kind` is stale (none any more), missing (all of them gone), jump (half as much
 * again, every second one) or negative.
 */
export function startPrices(context: Context, pool: Pool, bus: Bus) {
  const { chance } = context;
  const now = new Map(Object.entries(symbols));
  let ticks = 0;
  const tick = async (): Promise<void> => {
    const fault = context.faults.active("data");
    const prices: { symbol: string; price: number }[] = [];
    for (const [index, [symbol, base]] of Object.entries(symbols).entries()) {
      const before = now.get(symbol) ?? base;
      const walked = before * (1 + (chance.level("price") - 0.5) * 2 * step) + (base - before) * pull;
      const price = chance.random ? walked : base * priceAt(ticks, index);
      now.set(symbol, price);
      const spoiled = await spoil(pool, fault, chance, symbol, price);
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
  };
  context.every(1000, "prices", tick);
  return {
    /** As if so many seconds had passed: what is stored is so much older, and new prices come at once. */
    async age(seconds: number): Promise<void> {
      await pool.rows("UPDATE prices SET at = at - make_interval(secs => $1)", [seconds]);
      await tick();
    },
    reset(): void {
      ticks = 0;
      for (const [symbol, base] of Object.entries(symbols)) now.set(symbol, base);
    },
  };
}

async function spoil(
  pool: Pool,
  fault: Fault | undefined,
  chance: Chance,
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
      return price * (chance.times(`jump ${fault.set} ${symbol}`, 0.5) > 0 ? 1.5 : 1);
    case "negative":
      return -price;
    default:
      return undefined;
  }
}
