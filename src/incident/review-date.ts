import { fail, ok, type Result } from "../base/result.ts";
import { dayIn, readingsOf, shown, type Day } from "./typed-time.ts";

const morning = [10, 0, 0] as const;

/** Ten o'clock of the next working day: Monday to Friday, in the zone; milliseconds since 1970. */
export function nextWorkingDay(now: number, zone: string): number {
  const today = dayIn(zone, now);
  for (let ahead = 1; ; ahead++) {
    const date = dayAfter(today, ahead);
    const [at] = isWeekend(date) ? [] : readingsOf(date, morning, zone);
    if (at !== undefined) return at;
  }
}

/**
 * When a review is to be: `next` (working day), `2026-12-01` (ten o'clock), `2026-12-01 14:30`, or an instant with its
 * zone. What is past, or is no time, is refused.
 */
export function readReviewDate(typed: string, zone: string, now: number): Result<number, string> {
  const text = typed.trim();
  if (text === "next") return ok(nextWorkingDay(now, zone));
  const at = instantOf(text) ?? wallTimeOf(text, zone);
  if (at === undefined)
    return fail(`"${text}" is not a date: write 2026-12-01, "2026-12-01 14:30", next, or none`);
  return at <= now ? fail(`"${text}" is in the past: read as ${shown(at, zone)}`) : ok(at);
}

function instantOf(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : at;
}

function wallTimeOf(text: string, zone: string): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d))?$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute] = parts;
  const clock = hour === undefined ? morning : ([Number(hour), Number(minute), 0] as const);
  if (clock[0] > 23 || clock[1] > 59) return undefined;
  return readingsOf([Number(year), Number(month), Number(day)], clock, zone)[0];
}

/** `2026-12-01`; undefined where the text is no day of the calendar. */
export function dayOf(text: string): string | undefined {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // The thirtieth of February is read as a day of March.
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? undefined : text;
}

/** The day in so many days, in the zone. */
export function dayAhead(now: number, zone: string, days: number): string {
  const [year, month, day] = dayAfter(dayIn(zone, now), days);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

function dayAfter([year, month, day]: Day, ahead: number): Day {
  const date = new Date(Date.UTC(year, month - 1, day + ahead));
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
}

function isWeekend([year, month, day]: Day): boolean {
  return [0, 6].includes(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
}
