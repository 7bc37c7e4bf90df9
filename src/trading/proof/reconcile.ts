import { failureText } from "../../base/failure.ts";
import type { Ports } from "../../ports/ports.ts";
import type { TradingPosition } from "../../ports/trading.ts";

/** The platform's positions beside the venues'. */
export interface Reconciled {
  /** Positions that are the same on both sides. */
  readonly same: number;
  /** A sentence for each that is not. */
  readonly different: readonly string[];
  /** What could not be asked, with why: nothing is known of it, and it is never the same. */
  readonly unknown: readonly string[];
}

/** Milliseconds after which a difference is looked at again: a fill on its way makes one that is soon gone. */
const settling = 700;

/** Compares every position of the platform with every venue's own word. */
export async function reconcile(
  ports: Pick<Ports, "trading" | "clock">,
  signal: AbortSignal,
): Promise<Reconciled> {
  const first = await compare(ports, signal);
  if (first.different.length === 0) return first;
  await ports.clock.sleep(settling, signal);
  return await compare(ports, signal);
}

async function compare({ trading }: Pick<Ports, "trading">, signal: AbortSignal): Promise<Reconciled> {
  const [book, venues] = await Promise.all([trading.book(signal), trading.venues(signal)]);
  const blind = [book, venues].flatMap((one) => (one.ok ? [] : [failureText(one.failure)]));
  if (!book.ok || !venues.ok) return { same: 0, different: [], unknown: blind };
  const names = new Set([...venues.value, ...book.value].map(({ venue }) => venue));
  const each = [...names].toSorted().map(async (venue) => {
    const theirs = await trading.positions(venue, signal);
    const ours = book.value.filter((one) => one.venue === venue);
    return theirs.ok
      ? compareVenue(venue, ours, theirs.value)
      : { same: 0, different: [], unknown: [`positions at ${venue}: ${failureText(theirs.failure)}`] };
  });
  const all = await Promise.all(each);
  return {
    same: all.reduce((sum, { same }) => sum + same, 0),
    different: all.flatMap(({ different }) => different),
    unknown: all.flatMap(({ unknown }) => unknown),
  };
}

function compareVenue(
  venue: string,
  ours: readonly TradingPosition[],
  theirs: readonly TradingPosition[],
): Reconciled {
  const held = (list: readonly TradingPosition[], symbol: string): number =>
    list.reduce((sum, one) => (one.symbol === symbol ? sum + one.quantity : sum), 0);
  const symbols = [...new Set([...ours, ...theirs].map(({ symbol }) => symbol))].toSorted();
  const different = symbols.flatMap((symbol) => {
    const [own, other] = [held(ours, symbol), held(theirs, symbol)];
    const near = Math.abs(own - other) <= 1e-6 * Math.max(1, Math.abs(own));
    return near ? [] : [`${symbol} at ${venue}: the platform has ${own}, the venue ${other}`];
  });
  return { same: symbols.length - different.length, different, unknown: [] };
}
