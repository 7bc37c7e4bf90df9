import type { PageRead, Series } from "./page.ts";

/** One look at a page, and when it was: milliseconds of a clock that does not step. */
export interface Scrape {
  readonly page: PageRead;
  readonly at: number;
}

export interface Summary {
  readonly sum: Readonly<Record<string, number>>;
  readonly series: Readonly<Record<string, readonly SeriesShown[]>>;
  readonly rate?: Readonly<Record<string, number>>;
  readonly unmeasured: number;
  readonly unreadable: number;
}

interface SeriesShown extends Series {
  /** A second. */
  readonly rate?: number;
}

/** Series of one selector that are listed; the sums are of all. */
const mostListed = 1000;

/** What a look at a page comes to; beside an earlier one also how fast its counters grow. */
export function summary({ page, at }: Scrape, before: Scrape | undefined): Summary {
  const sum: Record<string, number> = {};
  const rate: Record<string, number> = {};
  const series: Record<string, readonly SeriesShown[]> = {};
  let unmeasured = 0;
  for (const [name, all] of page.found) {
    const earlier = before?.page.found.get(name);
    const seconds = before === undefined ? 0 : (at - before.at) / 1000;
    const finite = [...all].filter(([, { value }]) => Number.isFinite(value));
    unmeasured += all.size - finite.length;
    const listed = finite.map(([key, one]): SeriesShown => {
      const grown = growth(one, earlier?.get(key), seconds);
      return grown === undefined ? one : { ...one, rate: grown };
    });
    const rated = listed.flatMap((one) => one.rate ?? []);
    if (before !== undefined) unmeasured += listed.length - rated.length + gone(earlier, all);
    if (page.known.has(name) && (all.size === 0 || finite.length > 0)) sum[name] = total(listed.map(valueOf));
    if (before !== undefined && page.known.has(name) && before.page.known.has(name)) {
      const none = all.size === 0 && earlier?.size === 0;
      if (none || rated.length > 0) rate[name] = total(rated);
    }
    if (listed.length <= mostListed && page.known.has(name)) series[name] = listed;
  }
  const { unreadable } = page;
  return { sum, series, ...(before === undefined ? {} : { rate }), unmeasured, unreadable };
}

/** A second; undefined where it cannot be told: the series is new, or its counter fell. */
function growth({ value }: Series, earlier: Series | undefined, seconds: number): number | undefined {
  if (earlier === undefined || !Number.isFinite(earlier.value) || seconds <= 0) return undefined;
  const grown = value - earlier.value;
  return grown < 0 ? undefined : grown / seconds;
}

/** Series that were there before and are no more. */
function gone(earlier: ReadonlyMap<string, Series> | undefined, now: ReadonlyMap<string, Series>): number {
  return [...(earlier?.keys() ?? [])].filter((key) => !now.has(key)).length;
}

function valueOf({ value }: Series): number {
  return value;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
