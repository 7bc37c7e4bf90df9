import { fail, ok, type Result } from "../../base/result.ts";
import type { TradingPosition } from "../../ports/trading.ts";
import { field } from "./call.ts";
import { figureOrText } from "./figure.ts";

/** @param venue for a list that does not say it at each position. */
export function readPositions(
  target: string,
  json: unknown,
  venue?: string,
): Result<readonly TradingPosition[]> {
  if (!Array.isArray(json))
    return fail({ type: "unreadable", target, message: "its reply has no list of positions" });
  const read = json.map((one: unknown) => ({
    venue: venue ?? String(field(one, "venue")),
    symbol: String(field(one, "symbol")),
    quantity: figureOrText(field(one, "quantity")) ?? Number.NaN,
  }));
  // What cannot be read is no position of zero.
  const bad = read.some(({ quantity, symbol }) => Number.isNaN(quantity) || symbol === "undefined");
  return bad
    ? fail({ type: "unreadable", target, message: "a position lacks its symbol or its quantity" })
    : ok(read);
}
