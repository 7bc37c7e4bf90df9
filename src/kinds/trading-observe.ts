import { bounded } from "../base/bounded.ts";
import { ok, type Result } from "../base/result.ts";
import type { Ports } from "../drivers/ports.ts";
import type { OrdersSince, TradingOffsets, VenueFill, VenueOrder } from "../drivers/trading-ports.ts";
import { look, type Look } from "./trading-look.ts";

/** What every channel showed at one time. A channel that is down is a failure of its own. */
export interface Observed extends Look {
  readonly open: ReadonlyMap<string, Result<readonly VenueOrder[]>>;
  readonly fills: ReadonlyMap<string, Result<readonly VenueFill[]>>;
  readonly orders: Result<OrdersSince>;
  readonly offsets: Result<TradingOffsets>;
}

/** Milliseconds a channel has to answer one read. */
const patience = 3000;

/** Reads all channels at once; none waits for another, and none longer than its patience. */
export async function observe(
  { trading }: Pick<Ports, "trading">,
  since: Date,
  signal: AbortSignal,
): Promise<Observed> {
  const within = bounded(signal, patience);
  const seen = look({ trading }, within);
  const stores = Promise.all([trading.ordersSince(since, within), trading.offsets(within)]);
  const venues = await trading.venues(within);
  const names = venues.ok ? venues.value.map(({ venue }) => venue) : [];
  const books = await Promise.all(
    names.map(async (venue) => {
      const [open, fills] = await Promise.all([
        trading.openOrders(venue, within),
        trading.fills(venue, 0, within),
      ]);
      return { venue, open, fills: fills.ok ? ok(fills.value.filter(({ at }) => at > since)) : fills };
    }),
  );
  const [orders, offsets] = await stores;
  return {
    ...(await seen),
    // Those whose orders were read: the two belong together.
    venues,
    open: new Map(books.map(({ venue, open }) => [venue, open])),
    fills: new Map(books.map(({ venue, fills }) => [venue, fills])),
    orders,
    offsets,
  };
}
