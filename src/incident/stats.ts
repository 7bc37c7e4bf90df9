// Figures over many incidents. Each figure accounts for every incident that counts: known, still open, or not known
// and by which records missing; a mean says over how many it is. Exercises, and what turned out to be no incident,
// count for nothing and are named. A journal that cannot be read is named as well.
import { figureNames, figuresOf, verdictOf, whyUnknown, type Figure, type FigureName } from "./figures.ts";
import type { IncidentFold } from "./fold.ts";
import { eventOf } from "./key-events.ts";

/** An incident with its records, or why there are none to be had. */
export type Told =
  | {
      readonly incident: string;
      readonly fold: IncidentFold;
      /** What is wrong with its journal: records behind that are not read. */
      readonly problem?: string | undefined;
    }
  | { readonly incident: string; readonly unreadable: string };

export interface FigureStats {
  readonly name: FigureName;
  /** Incidents by how their figure is known: together all that count. */
  readonly known: readonly string[];
  /** Known as a bound alone, for nobody stated when it started. */
  readonly bounded: readonly string[];
  /** Not known yet, of one that is open. */
  readonly open: readonly string[];
  readonly unknown: readonly { readonly incident: string; readonly why: string }[];
  /** Milliseconds, over those that are known, bounds included; undefined where there are none. */
  readonly mean?: number;
  readonly median?: number;
  readonly worst?: { readonly incident: string; readonly ms: number };
  /** What the mean and the worst are, where one of them is a bound. */
  readonly bound?: "at least" | "at most";
  /** What was laid down, as the newest incident has it. */
  readonly objective?: number;
  /** Against the limit of each incident's own. */
  readonly met: readonly string[];
  readonly missed: readonly string[];
}

export interface Stats {
  readonly counted: readonly string[];
  readonly drills: readonly string[];
  readonly cancelled: readonly string[];
  readonly unreadable: readonly { readonly incident: string; readonly why: string }[];
  /** Counted, as far as the journal holds. */
  readonly damaged: readonly { readonly incident: string; readonly why: string }[];
  readonly figures: readonly FigureStats[];
}

/** @param since milliseconds since 1970: incidents that were declared before it are no part of this */
export function statsOf(all: readonly Told[], since = -Infinity): Stats {
  const read = all.flatMap((one) => ("fold" in one ? [one] : []));
  // What has no time is never left out for it.
  const wanted = read.filter(({ fold }) => !((eventOf(fold, "declared")?.at ?? Infinity) < since));
  const drills = wanted.filter(({ fold, incident }) => isDrill(fold, incident));
  const cancelled = wanted.filter(
    ({ fold, incident }) => !isDrill(fold, incident) && fold.ends.at(-1)?.data.what === "cancelled",
  );
  const counted = wanted.filter((one) => !drills.includes(one) && !cancelled.includes(one));
  const names = (these: readonly { readonly incident: string }[]): readonly string[] =>
    these.map(({ incident }) => incident);
  return {
    counted: names(counted),
    drills: names(drills),
    cancelled: names(cancelled),
    unreadable: all.flatMap((one) =>
      "fold" in one ? [] : [{ incident: one.incident, why: one.unreadable }],
    ),
    damaged: counted.flatMap(({ incident, problem: why }) => (why === undefined ? [] : [{ incident, why }])),
    figures: figureStats(counted),
  };
}

function isDrill({ declared }: IncidentFold, incident: string): boolean {
  return declared?.data.drill === true || incident.startsWith("DRILL-");
}

interface Counted {
  readonly incident: string;
  readonly open: boolean;
  readonly figure: Figure;
}

function figureStats(
  counted: readonly { readonly incident: string; readonly fold: IncidentFold }[],
): readonly FigureStats[] {
  const all = counted.map(({ incident, fold }) => {
    const last = fold.ends.at(-1);
    const open = last === undefined || last.data.what === "reopened";
    return { incident, open, figures: figuresOf(fold) };
  });
  return figureNames.map((name) =>
    overOne(
      name,
      all.map(({ figures, ...rest }) => ({ ...rest, figure: figures[name] })),
    ),
  );
}

function overOne(name: FigureName, all: readonly Counted[]): FigureStats {
  const timed = all.flatMap(({ incident, figure }) => (figure.is === "known" ? [{ incident, figure }] : []));
  const exact = timed.filter(({ figure }) => figure.bound === undefined);
  const bounded = timed.filter(({ figure }) => figure.bound !== undefined);
  const rest = all.filter(({ figure }) => figure.is === "unknown");
  // What is not on record can still come, while the incident is open; what is the wrong way round cannot.
  const open = rest.filter((one) => one.open && isMissing(one.figure));
  const unknown = rest.filter((one) => !open.includes(one));
  const spans = timed.map(({ figure }) => figure.ms).toSorted((a, b) => a - b);
  const worst = timed.toSorted((a, b) => b.figure.ms - a.figure.ms)[0];
  const bound = bounded[0]?.figure.bound;
  const objective = all.findLast(({ figure }) => figure.limit !== undefined)?.figure.limit;
  const names = (these: readonly { readonly incident: string }[]): readonly string[] =>
    these.map(({ incident }) => incident);
  const judged = timed.map((one) => ({ ...one, verdict: verdictOf(one.figure) }));
  return {
    name,
    known: names(exact),
    bounded: names(bounded),
    open: names(open),
    unknown: unknown.map(({ incident, figure }) => ({ incident, why: whyUnknown(figure) })),
    ...(spans.length === 0 ? {} : { mean: meanOf(spans), median: medianOf(spans) }),
    ...(worst === undefined ? {} : { worst: { incident: worst.incident, ms: worst.figure.ms } }),
    ...(bound === undefined ? {} : { bound }),
    ...(objective === undefined ? {} : { objective }),
    met: names(judged.filter(({ verdict }) => verdict === "met")),
    missed: names(judged.filter(({ verdict }) => verdict === "missed")),
  };
}

function isMissing(figure: Figure): boolean {
  return figure.is === "unknown" && figure.reversed === undefined;
}

function meanOf(spans: readonly number[]): number {
  return spans.reduce((sum, span) => sum + span, 0) / spans.length;
}

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
