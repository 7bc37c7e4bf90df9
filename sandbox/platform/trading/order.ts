import { choiceField, numberField, optionalText, type Fields } from "../shared/input.ts";
import { badRequest } from "../shared/reply.ts";

/** An order on its way to a venue, as it stands in the topic `orders`. */
export interface Order {
  readonly id: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly quantity: number;
  readonly type: "market" | "limit";
  readonly limit_price: number | null;
  readonly time_in_force: "IOC" | "DAY" | "GTC";
  readonly strategy: string;
  /** Null: the executioner chooses. */
  readonly venue: string | null;
  /** Makes a position smaller; let through when little else is. */
  readonly reduce_only: boolean;
  readonly placed_at: string;
  /** What becomes of it, of an order that `/admin/orders` made: no fault of filling applies to it. */
  readonly outcome?: Outcome;
}

export const outcomes = ["filled", "failed", "rests", "rejected"] as const;
export type Outcome = (typeof outcomes)[number];

export const orderFields = [
  "symbol",
  "side",
  "quantity",
  "type",
  "limit_price",
  "time_in_force",
  "strategy",
  "venue",
  "reduce_only",
] as const;

export const symbols: Readonly<Record<string, number>> = {
  "BTC-USD": 64_000,
  "ETH-USD": 3200,
  "SOL-USD": 150,
  "EUR-USD": 1.09,
  "XAU-USD": 2350,
  SPX: 5300,
};

/** An order from a request's fields; throws a Refusal that names what is wrong. */
export function orderOf(id: string, fields: Fields): Order {
  const symbol = choiceField(fields, "symbol", Object.keys(symbols));
  const type = fields["type"] === undefined ? "market" : choiceField(fields, "type", ["market", "limit"]);
  const usual = type === "market" ? "IOC" : "DAY";
  const given = fields["time_in_force"];
  const timeInForce =
    given === undefined ? usual : choiceField(fields, "time_in_force", ["IOC", "DAY", "GTC"]);
  if (type === "market" && timeInForce !== "IOC") throw badRequest("a market order's time_in_force is IOC");
  if (type === "market" && fields["limit_price"] !== undefined)
    throw badRequest("a market order has no limit_price");
  const reduceOnly = fields["reduce_only"] ?? false;
  if (typeof reduceOnly !== "boolean") throw badRequest("reduce_only is true or false");
  return {
    id,
    symbol,
    side: choiceField(fields, "side", ["buy", "sell"]),
    quantity: numberField(fields, "quantity", 0, 1e9),
    type,
    limit_price: type === "limit" ? numberField(fields, "limit_price", 0, 1e9) : null,
    time_in_force: timeInForce,
    strategy: optionalText(fields, "strategy") ?? "manual",
    venue: optionalText(fields, "venue") ?? null,
    reduce_only: reduceOnly,
    placed_at: new Date().toISOString(),
  };
}

/** A message of the topic as an order; undefined when it is not one. */
export function orderOfMessage(value: unknown): Order | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { id, placed_at: placedAt, outcome: asked, ...rest } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof placedAt !== "string") return undefined;
  const given = Object.fromEntries(Object.entries(rest).filter(([, each]) => each !== null));
  try {
    const outcome = outcomes.find((each) => each === asked);
    const order = { ...orderOf(id, given), placed_at: placedAt };
    return outcome === undefined ? order : { ...order, outcome };
  } catch {
    return undefined;
  }
}
