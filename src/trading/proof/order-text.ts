import type { AcceptedOrder, VenueOrder } from "../../ports/trading.ts";

/** An order that a venue still holds, in words. */
export function orderText(venue: string, { client, side, quantity, symbol, strategy }: VenueOrder): string {
  return `${venue} holds order ${client} open: ${side} ${quantity} ${symbol}, ${strategy}`;
}

/** What an instance accepted although it was halted, the newest first in the list. */
export function acceptedText(instance: string, orders: readonly AcceptedOrder[]): string {
  const [newest] = orders;
  const venues = [...new Set(orders.map(({ venue }) => venue))].join(", ");
  const count = orders.length === 1 ? "1 order" : `${orders.length} orders`;
  return `${instance} accepted ${count} after the halt (${venues}), the last ${newest?.order ?? "?"} at ${newest?.acceptedAt.toISOString() ?? "?"}`;
}
