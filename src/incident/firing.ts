// What clocks do when their time comes. It follows from the records and the time alone: whichever sender reads them,
// and however long nobody did, each is done once, because what was done is a record.
import type { IncidentData } from "../events/incident-record.ts";
import type { Severity } from "../platform/severity.ts";
import type { ClockReading } from "./clocks.ts";
import { allClocksOf } from "./every-clock.ts";
import { endOf, type IncidentFold } from "./fold.ts";

/** One thing that a clock does: one of its `after`, or to say that its limit has passed. */
export interface Firing {
  readonly clock: string;
  readonly until: string;
  readonly severity: Severity;
  /** Of a repeated clock, which period; of another, the how-manieth time at this severity. */
  readonly n: number;
  /** Which of its `after`; undefined: its limit has passed. */
  readonly after?: number;
  /** Milliseconds since 1970. */
  readonly due: number;
  /** How long the clock had run by then. */
  readonly ran: number;
  readonly page?: string;
  readonly remind?: string;
  /** Of a repeated clock: limits that passed since it fired last. */
  readonly missed?: number;
}

export interface Firings {
  /** In the order in which they are to be done: pages first, then by time. */
  readonly due: readonly Firing[];
  /** When there is one next, if nothing happens before. */
  readonly next: number | undefined;
}

/** What is due and not done; nothing of an incident that is over. */
export function firingsOf(fold: IncidentFold, now: number): Firings {
  if (endOf(fold) !== undefined) return { due: [], next: undefined };
  const fired = firedIn(fold, now);
  const all = allClocksOf(fold, now)
    .filter(runs)
    .flatMap((clock) =>
      clock.repeated === undefined ? onceOf(clock, fired) : repeatedOf(clock, fired, now),
    );
  const isDue = ({ due, after }: Firing): boolean => (after === undefined ? due < now : due <= now);
  const due = all.filter(isDue).toSorted((a, b) => rank(a) - rank(b) || a.due - b.due);
  const later = all.filter((one) => !isDue(one)).map((one) => one.due + (one.after === undefined ? 1 : 0));
  return { due, next: later.length === 0 ? undefined : Math.min(...later) };
}

/** What a firing is called in the keys of its messages: the same on every desk. */
export function firingId({ clock, severity, n, after }: Firing): string {
  return [clock.replaceAll(" ", "-"), severity, n, ...(after === undefined ? [] : [after])].join(".");
}

interface Fired extends IncidentData<"clock.fired"> {
  /** For a time that had not come when it was written: by a clock that was ahead. */
  readonly early: boolean;
}

/** Milliseconds that clocks are apart without anybody caring. */
const apart = 5000;

/** What fired. No record was written later than one behind it in its chain, whatever its clock said then. */
function firedIn({ all }: IncidentFold, now: number): readonly Fired[] {
  const latest = new Map<string, number>();
  return all
    .toReversed()
    .flatMap(({ record: { desk }, at, read }) => {
      const written = Math.min(latest.get(desk) ?? now, at);
      latest.set(desk, written);
      if (read?.type !== "clock.fired") return [];
      return [{ ...read.data, early: Date.parse(read.data.due) > written + apart }];
    })
    .toReversed();
}

function rank({ page }: Firing): number {
  return page === undefined ? 1 : 0;
}

function runs({ current, state }: ClockReading): boolean {
  return current && (state.is === "running" || (state.is === "missed" && state.event === undefined));
}

function onceOf(clock: ClockReading, fired: readonly Fired[]): readonly Firing[] {
  const { from, state, after, nth: n } = clock;
  if (from === undefined || !("due" in state)) return [];
  const limit: Firing = { ...nameOf(clock), n, due: state.due, ran: state.due - from };
  const steps = after.map((one, index) => ({ ...stepOf(clock, one, index), n, due: from + one.at }));
  return [...steps, limit].filter((one) => !fired.some((done) => sameStep(done, one) && done.n === n));
}

/**
 * Of limits that passed while nobody looked the last one fires, with the number of them; a reminder is of the period
 * that runs now. What fired once never fires again for an earlier time: a correction moves no bell. Only what fired too
 * early, by a clock that was ahead, says nothing of the times before its own.
 */
function repeatedOf(clock: ClockReading, all: readonly Fired[], now: number): readonly Firing[] {
  const { from, repeated, after } = clock;
  if (from === undefined || repeated === undefined) return [];
  const { every } = repeated;
  const fired = all.filter((done) => isOf(done, clock));
  const passed = Math.max(0, Math.ceil((now - from) / every) - 1);
  const start = (period: number): number => from + (period - 1) * every;
  const of = (period: number, step: Omit<Firing, "n">): Firing => {
    const before = fired.filter(({ due }) => Date.parse(due) <= start(period));
    const least = Math.max(repeated.before + period, ...before.map(({ n }) => n + 1));
    return { ...step, n: freeNumber(step, least, fired) };
  };
  const limit = (period: number): Firing =>
    of(period, { ...nameOf(clock), due: start(period + 1), ran: every });
  const next = limit(passed + 1);
  const steps = after
    .map((one, index) => of(passed + 1, { ...stepOf(clock, one, index), due: start(passed + 1) + one.at }))
    .filter((one) => !isDone(one, fired));
  const missed = passed - Math.max(0, Math.floor((lastDue(next, fired) - from) / every));
  const late = missed > 0 ? [{ ...limit(passed), missed }] : [];
  return [...steps, ...late.filter((one) => !isDone(one, fired)), next];
}

function isDone(step: Firing, fired: readonly Fired[]): boolean {
  const own = fired.filter((done) => done.early && sameStep(done, step));
  return step.due <= lastDue(step, fired) || own.some(({ due }) => isNear(Date.parse(due), step.due));
}

function lastDue(step: Firing, fired: readonly Fired[]): number {
  const own = fired.filter((done) => !done.early && sameStep(done, step));
  return Math.max(-Infinity, ...own.map(({ due }) => Date.parse(due)));
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= apart;
}

/**
 * A number is never used twice, though another stretch of the severity, or a correction, counts anew: two reminders of
 * one number would be one message.
 */
function freeNumber(step: Omit<Firing, "n">, least: number, fired: readonly Fired[]): number {
  const others = fired.filter((done) => sameStep(done, step) && Date.parse(done.due) !== step.due);
  const used = new Set(others.map(({ n }) => n));
  let n = least;
  while (used.has(n)) n += 1;
  return n;
}

function nameOf({ name: clock, until, severity }: ClockReading) {
  return { clock, until, severity };
}

function stepOf(
  clock: ClockReading,
  { at: ran, page, remind }: ClockReading["after"][number],
  index: number,
) {
  const does = {
    ...(page === undefined ? {} : { page }),
    ...(remind === undefined ? {} : { remind }),
  };
  return { ...nameOf(clock), after: index + 1, ran, ...does };
}

function isOf(fired: Fired, { name, severity }: Pick<ClockReading, "name" | "severity">): boolean {
  return fired.clock === name && (fired.severity ?? severity) === severity;
}

function sameStep(fired: Fired, { clock: name, severity, after }: Omit<Firing, "n">): boolean {
  return isOf(fired, { name, severity }) && fired.after === after;
}
