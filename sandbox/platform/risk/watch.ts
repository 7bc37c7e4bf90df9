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
export function startWatching(context: Context, pool: Pool, bus: Bus) {
  const { faults, metrics, chance } = context;
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
  let storms = 0;
  /** So many alerts of a value that goes to and fro over its limit, of each position in turn. */
  const storm = async (count: number): Promise<void> => {
    if (count === 0) return;
    const positions = new Map((await readPositions(pool)).map((position) => [position.id, position]));
    const threshold = (await readLimits(pool)).get("position-exposure") ?? 0;
    for (let alert = 0; alert < count; alert++) {
      const position = positions.get(chance.pick("storm", [...positions.keys()]) ?? "");
      const above = chance.random ? chance.level("storm") * 0.02 : ((storms++ % 20) + 1) / 1000;
      const symbol = position?.symbol ?? null;
      const message = `${symbol} at ${position?.venue} is above its limit`;
      await record({
        limit: "position-exposure",
        symbol,
        value: threshold * (1 + above),
        threshold,
        message,
      });
    }
  };
  context.every(100, "the storm", async () => {
    const fault = faults.active("alerts");
    if (fault !== undefined) await storm(chance.times("storm", numberOption(fault, "rate", 5) / 10));
  });
  return {
    storm,
    /** As if so many seconds had passed. */
    async age(seconds: number): Promise<void> {
      for (const [key, at] of last) last.set(key, at - seconds * 1000);
      await pool.rows(
        `WITH earlier AS (SELECT make_interval(secs => $1) AS by), violated AS (
           UPDATE violations SET at = at - by FROM earlier
         ), ordered AS (
           UPDATE reduction_orders SET at = at - by FROM earlier
         ) UPDATE reductions SET started_at = started_at - by, finished_at = finished_at - by FROM earlier`,
        [seconds],
      );
    },
    reset(): void {
      last.clear();
      storms = 0;
    },
  };
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
