import { numberOption } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Pool } from "../shared/postgres.ts";
import type { Context } from "../shared/service.ts";
import { readPositions, totalsOf } from "./book.ts";

interface Breach {
  readonly limit: string;
  readonly symbol: string | null;
  readonly value: number;
  readonly threshold: number;
  readonly message: string;
}

export type Limits = ReadonlyMap<string, number>;

export async function readLimits(pool: Pool): Promise<Limits> {
  const rows = await pool.rows("SELECT name, value FROM risk_limits");
  return new Map(rows.map(({ name, value }) => [String(name), Number(value)]));
}

/** Looks at every limit once a second; a breach that lasts is written down again every half minute. */
export function startWatching(context: Context, pool: Pool, bus: Bus): void {
  const { faults, metrics } = context;
  const last = new Map<string, number>();

  const record = async (breach: Breach): Promise<void> => {
    const severity = breach.value > breach.threshold * 1.2 ? "critical" : "warning";
    const { limit, symbol, value, threshold, message } = breach;
    const [row] = await pool.rows(
      `INSERT INTO violations (limit_name, severity, symbol, value, threshold, message)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING *`,
      [limit, severity, symbol, value, threshold, message],
    );
    metrics.count("risk_violations_total", 1, { limit });
    await bus.send("risk-alerts", [{ key: limit, value: row }]);
  };

  context.every(1000, "watching the limits", async () => {
    const limits = await readLimits(pool);
    for (const breach of breachesOf(await readPositions(pool), limits)) {
      const key = `${breach.limit} ${breach.symbol}`;
      if (Date.now() - (last.get(key) ?? 0) < 30_000) continue;
      last.set(key, Date.now());
      await record(breach);
    }
  });
  // A value that goes to and fro over its limit, as bad data makes it.
  context.every(100, "the storm", async () => {
    const storm = faults.active("alerts");
    if (storm === undefined || Math.random() * 10 >= numberOption(storm, "rate", 5)) return;
    const [position] = (await readPositions(pool)).toSorted(() => Math.random() - 0.5);
    const threshold = (await readLimits(pool)).get("position-exposure") ?? 0;
    const value = threshold * (1 + Math.random() * 0.02);
    const symbol = position?.symbol ?? null;
    const message = `${symbol} at ${position?.venue} is above its limit`;
    await record({ limit: "position-exposure", symbol, value, threshold, message });
  });
}

export function breachesOf(positions: Awaited<ReturnType<typeof readPositions>>, limits: Limits): Breach[] {
  const totals = totalsOf(positions);
  const breaches: Breach[] = [];
  const check = (limit: string, symbol: string | null, value: number, what: string): void => {
    const threshold = limits.get(limit);
    if (threshold === undefined || value <= threshold) return;
    breaches.push({ limit, symbol, value, threshold, message: `${what} is above its limit` });
  };
  check("gross-exposure", null, totals.gross, "gross exposure");
  check("net-exposure", null, Math.abs(totals.net), "net exposure");
  check("value-at-risk", null, totals.value_at_risk, "value at risk");
  for (const { symbol, venue, exposure } of positions) {
    check("position-exposure", symbol, Math.abs(exposure ?? 0), `${symbol} at ${venue}`);
  }
  return breaches;
}
