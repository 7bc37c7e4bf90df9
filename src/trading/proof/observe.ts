// One read of everything that can contradict a halt: the instances, the venues' own books (open orders and fills), the
// orders table and the topics. All share one deadline, and none waits for another, because judge.ts compares two reads
// and a slow channel must not spread one of them over seconds.
//
// What must not be broken: a channel that fails is a failure in its own field, never an empty list, which would read as
// "no orders"; open orders belong to the list of venues that they were read for; and `taken` encloses every read.

import { bounded } from "../../base/bounded.ts";
import type { Result } from "../../base/result.ts";
import type { Ports } from "../../ports/ports.ts";
import type { OrdersSince, TradingOffsets, VenueFill, VenueOrder } from "../../ports/trading.ts";
import { look, type Look } from "./look.ts";
import type { Moment } from "./moment.ts";

/** What every channel showed at one time. A channel that is down is a failure of its own. */
export interface Observed extends Look {
  /** Between which times everything was read. */
  readonly taken: { readonly from: Moment; readonly to: Moment };
  readonly open: ReadonlyMap<string, Result<readonly VenueOrder[]>>;
  /** All that the venue still tells of: by what is new in them no clock is asked. */
  readonly fills: ReadonlyMap<string, Result<readonly VenueFill[]>>;
  readonly orders: Result<OrdersSince>;
  readonly offsets: Result<TradingOffsets>;
}

/** Milliseconds a channel has to answer one read. */
const patience = 3000;

/** Reads all channels at once; none waits for another, and none longer than its patience. */
export async function observe(
  { trading, clock }: Pick<Ports, "trading" | "clock">,
  since: Date,
  signal: AbortSignal,
): Promise<Observed> {
  const within = bounded(signal, patience);
  const moment = (): Moment => ({ wall: clock.now(), mono: clock.monotonic() });
  const from = moment();
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
      return { venue, open, fills };
    }),
  );
  const [orders, offsets] = await stores;
  const looked = await seen;
  return {
    ...looked,
    // Those whose orders were read: the two belong together.
    venues,
    open: new Map(books.map(({ venue, open }) => [venue, open])),
    fills: new Map(books.map(({ venue, fills }) => [venue, fills])),
    orders,
    offsets,
    taken: { from, to: moment() },
  };
}
