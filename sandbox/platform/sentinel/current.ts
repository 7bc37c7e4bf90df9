import { messageOf } from "../shared/log.ts";
import type { Pool } from "../shared/postgres.ts";
import type { Keys } from "../shared/redis.ts";
import type { Context } from "../shared/service.ts";
import { regimeOf, regimes, type Prices, type Regime } from "./regime.ts";

/** The regime that holds, and why. Times are ISO; `expires` is null for an automatic one. */
export interface Current {
  readonly regime: Regime;
  readonly source: "auto" | "manual";
  readonly since: string;
  readonly expires: string | null;
}

interface Manual extends Current {
  readonly expires: string;
}

const manualKey = "regime:manual";

/**
 * The automatic regime computed from prices, and a manual one over it until it expires. The manual one is
 * kept in Redis, so that every instance and the next process know it; without Redis, in this process.
 */
export function createCurrent(context: Context, pool: Pool, keys: Keys) {
  let auto: Current = { regime: "RISK_OFF", source: "auto", since: new Date().toISOString(), expires: null };
  let manual: Manual | undefined;

  const inForce = (): Manual | undefined => {
    if (manual !== undefined && Date.parse(manual.expires) <= Date.now()) manual = undefined;
    return manual;
  };
  const readManual = async (): Promise<void> => {
    try {
      const text = await keys.get(manualKey);
      manual = text === null ? undefined : asManual(JSON.parse(text));
    } catch (error) {
      context.log("warn", "the manual regime could not be read", { error: messageOf(error) });
    }
  };
  return {
    async read(): Promise<Current> {
      await readManual();
      return inForce() ?? auto;
    },
    async compute(): Promise<void> {
      const { regime } = regimeOf(await recentPrices(pool));
      if (regime !== auto.regime) auto = { ...auto, regime, since: new Date().toISOString() };
    },
    /** As if so many seconds had passed. */
    async age(seconds: number): Promise<void> {
      const earlier = (at: string): string => new Date(Date.parse(at) - seconds * 1000).toISOString();
      auto = { ...auto, since: earlier(auto.since) };
      await readManual();
      const held = inForce();
      if (held === undefined) return;
      manual = { ...held, since: earlier(held.since), expires: earlier(held.expires) };
      const left = Date.parse(manual.expires) - Date.now();
      if (left > 0) await keys.set(manualKey, JSON.stringify(manual), left);
      else await keys.remove(manualKey);
    },
    async hold(regime: Regime, ms: number): Promise<Current> {
      const now = Date.now();
      const since = new Date(now).toISOString();
      manual = { regime, source: "manual", since, expires: new Date(now + ms).toISOString() };
      await keys.set(manualKey, JSON.stringify(manual), ms);
      return manual;
    },
    async release(): Promise<Current> {
      await keys.remove(manualKey);
      manual = undefined;
      return auto;
    },
  };
}

async function recentPrices(pool: Pool): Promise<readonly Prices[]> {
  const rows = await pool.rows(
    `SELECT symbol, array_agg(price::float8 ORDER BY at) AS prices
     FROM (SELECT symbol, price, at, row_number() OVER (PARTITION BY symbol ORDER BY at DESC) AS age FROM prices) AS newest
     WHERE age <= 60 GROUP BY symbol`,
  );
  return rows.map(({ symbol, prices }) => ({
    symbol: String(symbol),
    prices: (prices as unknown[]).map(Number),
  }));
}

function asManual(value: unknown): Manual | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { regime, since, expires } = value as Record<string, unknown>;
  const known = regimes.find((each) => each === regime);
  if (known === undefined || typeof since !== "string" || typeof expires !== "string") return undefined;
  return { regime: known, source: "manual", since, expires };
}
