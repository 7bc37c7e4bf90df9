import type { Pool } from "../shared/postgres.ts";

/** A position at today's price. Exposure is signed, in dollars; risk is its one-day value at risk at 99 %. */
export interface Position {
  readonly id: string;
  readonly symbol: string;
  readonly venue: string;
  readonly quantity: number;
  readonly average_price: number;
  /** Null when the symbol has no price: then exposure and risk are not known either. */
  readonly price: number | null;
  readonly exposure: number | null;
  readonly risk: number | null;
}

export interface Totals {
  readonly gross: number;
  readonly net: number;
  readonly long: number;
  readonly short: number;
  readonly value_at_risk: number;
  readonly positions: number;
  /** Positions that are in none of the sums, because their symbol has no price. */
  readonly unpriced: number;
}

/** Quantile of the normal distribution for 99 %. */
const z = 2.33;
const day = 86_400;

export async function readPositions(pool: Pool): Promise<Position[]> {
  const rows = await pool.rows(
    `WITH newest AS (
       SELECT symbol, price, at, row_number() OVER (PARTITION BY symbol ORDER BY at DESC) AS age FROM prices
     ), steps AS (
       SELECT symbol, price, at, lag(price) OVER w AS before, lag(at) OVER w AS earlier
       FROM newest WHERE age <= 60 WINDOW w AS (PARTITION BY symbol ORDER BY at)
     ), market AS (
       SELECT symbol, (array_agg(price ORDER BY at DESC))[1] AS price,
              stddev_pop(price / nullif(before, 0) - 1) AS deviation,
              avg(extract(epoch FROM at - earlier)) AS seconds
       FROM steps GROUP BY symbol
     )
     SELECT p.id, p.symbol, p.venue, p.quantity, p.average_price, m.price, m.deviation, m.seconds
     FROM positions p LEFT JOIN market m USING (symbol) WHERE p.quantity <> 0 ORDER BY p.id`,
  );
  return rows.map((row) => {
    const price = typeof row["price"] === "number" ? row["price"] : null;
    const quantity = Number(row["quantity"]);
    const exposure = price === null ? null : quantity * price;
    const daily = Number(row["deviation"] ?? 0) * Math.sqrt(day / Math.max(0.1, Number(row["seconds"] ?? 1)));
    return {
      id: String(row["id"]),
      symbol: String(row["symbol"]),
      venue: String(row["venue"]),
      quantity,
      average_price: Number(row["average_price"]),
      price,
      exposure,
      risk: exposure === null ? null : Math.abs(exposure) * daily * z,
    };
  });
}

/** Value at risk is the plain sum over the positions: nothing is hoped of their differences. */
export function totalsOf(positions: readonly Position[]): Totals {
  const exposures = positions.map(({ exposure }) => exposure ?? 0);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const long = sum(exposures.filter((value) => value > 0));
  const short = sum(exposures.filter((value) => value < 0));
  return {
    gross: long - short,
    net: long + short,
    long,
    short,
    value_at_risk: sum(positions.map(({ risk }) => risk ?? 0)),
    positions: positions.length,
    unpriced: positions.filter(({ price }) => price === null).length,
  };
}

export function byRisk(positions: readonly Position[]): Position[] {
  return positions.toSorted(
    (a, b) => (b.risk ?? Number.POSITIVE_INFINITY) - (a.risk ?? Number.POSITIVE_INFINITY),
  );
}
