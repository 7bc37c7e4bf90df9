/** The market's regimes, from the most defensive on. */
export const regimes = ["RISK_OFF", "CRISIS", "CONTRACTION", "NORMAL_EXPANSION"] as const;
export type Regime = (typeof regimes)[number];

export interface Prices {
  readonly symbol: string;
  /** Oldest first. */
  readonly prices: readonly number[];
}

/**
 * A regime from the last minutes' prices: the mean of the symbols' returns over the window, and the mean
 * of their step-to-step standard deviations.
 */
export function regimeOf(all: readonly Prices[]): { regime: Regime; trend: number; volatility: number } {
  const usable = all
    .map(({ prices }) => prices.filter((price) => price > 0))
    .filter((each) => each.length >= 3);
  const trend = mean(usable.map((prices) => (prices.at(-1) ?? 0) / (prices[0] ?? 1) - 1));
  const volatility = mean(usable.map((prices) => deviation(steps(prices))));
  let regime: Regime = "NORMAL_EXPANSION";
  // Nothing to go by is no reason for courage.
  if (usable.length === 0) regime = "RISK_OFF";
  else if (trend < -0.1 || volatility > 0.05) regime = "CRISIS";
  else if (volatility > 0.02) regime = "RISK_OFF";
  else if (trend < -0.02) regime = "CONTRACTION";
  return { regime, trend, volatility };
}

function steps(prices: readonly number[]): number[] {
  return prices.slice(1).map((price, index) => price / (prices[index] ?? price) - 1);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
