import type { PolicyClock } from "../events/incident-policy.ts";
import type { Ref } from "../events/incident-record.ts";
import type { Severity } from "../platform/severity.ts";
import { endOf, type IncidentFold } from "./fold.ts";
import { eventOf, eventsOf, factOf } from "./key-events.ts";
import { severityPeriods, stretchesOf, type Stretch } from "./severity.ts";

/** How a clock stands. Durations are milliseconds, instants milliseconds since 1970. */
export type ClockState =
  /** It does not run: switched off, or what it waits for has not happened. */
  | { readonly is: "off"; readonly why: string }
  | { readonly is: "running"; readonly due: number; readonly left: number }
  | { readonly is: "met"; readonly took: number; readonly by: Ref }
  /** `event`: it happened, too late. Without one it has not happened, so far or at all. */
  | { readonly is: "missed"; readonly due: number; readonly by: number; readonly event?: Ref }
  /** The severity was lowered, or the incident ended, before it was due. */
  | { readonly is: "ended"; readonly due: number };

export interface ClockReading {
  readonly name: string;
  readonly until: string;
  readonly severity: Severity;
  /** When it began; undefined where it did not. */
  readonly from: number | undefined;
  /**
   * Of a repeated clock: which one this is, how many were missed before it, how long one takes, and how many of that
   * length had begun before the one that began last.
   */
  readonly repeated?: {
    readonly n: number;
    readonly missed: number;
    readonly every: number;
    readonly before: number;
  };
  /** The how-manieth time at this severity. */
  readonly nth: number;
  /** What is done while it runs. */
  readonly after: PolicyClock["after"];
  /** It is the severity in force; false: of a stretch that is over. */
  readonly current: boolean;
  readonly state: ClockState;
}

/** Every clock of the policy in force, of each severity that the incident had. */
export function clocksOf(fold: IncidentFold, now: number): readonly ClockReading[] {
  const policy = fold.declared?.data.policy;
  if (policy === undefined) return [];
  const periods = severityPeriods(fold);
  const current = periods.at(-1)?.severity;
  const end = endOf(fold);
  const stretches = stretchesOf(periods);
  return policy.clocks.flatMap((clock) =>
    stretches.flatMap((stretch) => {
      const limit = clock.within[stretch.severity] ?? clock.every[stretch.severity];
      if (limit === undefined) return [];
      const inForce = stretch.to === undefined && stretch.severity === current;
      const until = stretch.to ?? (inForce ? undefined : nextPeriodOf(periods, stretch.severity));
      const reading = readClock(fold, clock, { ...stretch, to: until }, limit, { now, end });
      const { severity } = stretch;
      const nth = stretches.filter((one) => one.severity === severity).indexOf(stretch) + 1;
      return [{ ...reading, severity, current: inForce, nth, after: clock.after }];
    }),
  );
}

/** A severity that was raised: its clocks ended when the higher one's began. */
function nextPeriodOf(
  periods: readonly { readonly severity: Severity; readonly to: number | undefined }[],
  severity: Severity,
): number | undefined {
  return periods.findLast((period) => period.severity === severity)?.to;
}

interface Bounds {
  readonly now: number;
  /** When the incident ended, where it has. */
  readonly end: number | undefined;
}

type Read = Omit<ClockReading, "severity" | "current" | "nth" | "after">;

function readClock(
  fold: IncidentFold,
  clock: PolicyClock,
  stretch: Stretch,
  limit: number,
  { now, end }: Bounds,
): Read {
  const { name, until } = clock;
  const off = (why: string): Read => ({ name, until, from: undefined, state: { is: "off", why } });
  if (!clock.on) return off("switched off");
  if (clock.when !== undefined && factOf(fold, "classified")?.value !== clock.when)
    return off(`waits for classified ${clock.when}`);
  const from = startOf(fold, clock.from, stretch);
  const second = clock.or === undefined ? undefined : startOf(fold, clock.or.from, stretch);
  const stop = least(stretch.to, end);
  if (clock.every[stretch.severity] !== undefined && clock.within[stretch.severity] === undefined)
    return from === undefined
      ? off(`waits for ${clock.from}`)
      : { name, until, ...repeated(fold, clock, { from, limit, now, stop }) };
  const dues = [
    ...(from === undefined ? [] : [{ from, due: from + limit }]),
    ...(second === undefined || clock.or === undefined
      ? []
      : [{ from: second, due: second + clock.or.within }]),
  ].toSorted((a, b) => a.due - b.due);
  const [first] = dues;
  if (first === undefined) return off(`waits for ${clock.from}`);
  const event = eventOf(fold, until, stretch.from);
  const happened =
    event === undefined || (stretch.to !== undefined && event.at > stretch.to) ? undefined : event;
  return { name, until, from: first.from, state: verdict(first, happened, { now, stop }) };
}

/** @param event what stopped it, if anything did */
export function verdict(
  { from, due }: { readonly from: number; readonly due: number },
  event: { readonly at: number; readonly ref: Ref } | undefined,
  { now, stop }: { readonly now: number; readonly stop: number | undefined },
): ClockState {
  if (event !== undefined) {
    return event.at <= due
      ? { is: "met", took: Math.max(0, event.at - from), by: event.ref }
      : { is: "missed", due, by: event.at - due, event: event.ref };
  }
  const seen = Math.min(now, stop ?? now);
  if (seen > due) return { is: "missed", due, by: seen - due };
  return stop !== undefined && stop <= now ? { is: "ended", due } : { is: "running", due, left: due - now };
}

/** Each is due so long after the one before; the last one is the verdict, the others are counted. */
function repeated(
  fold: IncidentFold,
  { until, ends }: PolicyClock,
  {
    from,
    limit,
    now,
    stop,
  }: {
    readonly from: number;
    readonly limit: number;
    readonly now: number;
    readonly stop: number | undefined;
  },
): Pick<Read, "from" | "repeated" | "state"> {
  const over = least(stop, ends === undefined ? undefined : eventOf(fold, ends)?.at);
  const seen = Math.min(now, over ?? now);
  const events = eventsOf(fold, until).filter(({ at }) => at > from && at <= seen);
  const starts = [from, ...events.map(({ at }) => at)];
  const gaps = events.map(({ at }, index) => at - (starts[index] ?? at));
  const late = gaps.filter((gap) => gap > limit).length;
  const before = gaps.reduce((sum, gap) => sum + Math.max(1, Math.ceil(gap / limit)), 0);
  const which = { n: events.length + 1, every: limit, before };
  const last = starts.at(-1) ?? from;
  const due = last + limit;
  const lastEvent = events.at(-1);
  if (seen > due) {
    const missed = late + Math.ceil((seen - due) / limit);
    return { from: last, repeated: { ...which, missed }, state: { is: "missed", due, by: seen - due } };
  }
  const done = over !== undefined && over <= now;
  const met =
    lastEvent === undefined
      ? { is: "ended" as const, due }
      : { is: "met" as const, took: seen - last, by: lastEvent.ref };
  return {
    from: last,
    repeated: { ...which, missed: late },
    state: done ? met : { is: "running", due, left: due - now },
  };
}

/** A raised severity starts its clocks at that instant; what counts from another event counts from that. */
function startOf(fold: IncidentFold, event: string, stretch: Stretch): number | undefined {
  return event === "declared" ? stretch.from : eventOf(fold, event)?.at;
}

function least(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
