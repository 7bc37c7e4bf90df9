import { parseDuration } from "../base/duration.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { When } from "../events/incident-record.ts";

/**
 * A time as a person types it: `23:50` is the last such time within 24 hours in the incident's zone, `14:00:05`
 * and `2026-11-29 23:50` too; `5m ago`; or RFC 3339 with a zone. What the clocks' change makes ambiguous, or
 * leaves out, and what is in the future, is refused with the readings.
 */
export function readTyped(typed: string, zone: string, now: number): Result<When, string> {
  const text = typed.trim();
  const ago = /^(\S+) ago$/.exec(text)?.[1];
  if (ago !== undefined) {
    const ms = parseDuration(ago);
    if (ms === undefined) return fail(`"${text}" is not a time: ${ago} is not a duration such as 5m`);
    return ok(whenOf(now - ms, zone, text, 60));
  }
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) {
    const at = Date.parse(text);
    if (Number.isNaN(at)) return fail(`"${text}" is not a valid time`);
    return at > now ? fail(future(text, at, zone, now)) : ok(whenOf(at, zone, text, undefined));
  }
  const parts = /^(?:(\d{4})-(\d\d)-(\d\d)[ T])?(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text);
  if (parts === null)
    return fail(`"${text}" is not a time: write 23:50, "2026-11-29 23:50", "5m ago" or 2026-11-29T23:50:00Z`);
  const [, year, month, day, hour, minute, second] = parts;
  const clock = [Number(hour), Number(minute), Number(second ?? 0)] as const;
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 59) return fail(`"${text}" is not a time of day`);
  const within = second === undefined ? 60 : undefined;
  if (year !== undefined) {
    const date = [Number(year), Number(month), Number(day)] as const;
    const readings = readingsOf(date, clock, zone);
    return chosen(text, readings, zone, now, within);
  }
  return lastOf(text, clock, zone, now, within);
}

/** Year, month from 1, day. */
export type Day = readonly [number, number, number];
type Clock = readonly [number, number, number];

/** The last such time of day within 24 hours. */
function lastOf(
  text: string,
  clock: Clock,
  zone: string,
  now: number,
  within: number | undefined,
): Result<When, string> {
  const today = dayIn(zone, now);
  for (const back of [0, 1]) {
    const date = dayBefore(today, back);
    const readings = readingsOf(date, clock, zone);
    const past = readings.filter((at) => at <= now);
    // Later today, whether the clocks will show it or skip it: yesterday's is meant.
    const later = readings.length > 0 || (back === 0 && isLater(clock, wallOf(zone, now).clock));
    if (past.length === 0 && later) continue;
    // One reading has passed and the other has not: only one can be meant.
    return chosen(text, past, zone, now, within);
  }
  return fail(`"${text}" is not within the last 24 hours in ${zone}`);
}

function isLater(one: Clock, other: Clock): boolean {
  const seconds = ([hour, minute, second]: Clock): number => (hour * 60 + minute) * 60 + second;
  return seconds(one) > seconds(other);
}

function chosen(
  text: string,
  readings: readonly number[],
  zone: string,
  now: number,
  within: number | undefined,
): Result<When, string> {
  const [first, second] = readings;
  if (first === undefined)
    return fail(
      `"${text}" does not exist in ${zone}: the clocks skipped it when they went forward; write it in UTC`,
    );
  if (second !== undefined) {
    const both = readings.map((at) => shown(at, zone)).join(", or ");
    return fail(`"${text}" is ambiguous because the clocks went back: ${both}; write it in UTC`);
  }
  return first > now ? fail(future(text, first, zone, now)) : ok(whenOf(first, zone, text, within));
}

function future(text: string, at: number, zone: string, now: number): string {
  return `"${text}" is in the future: read as ${shown(at, zone)}; it is now ${shown(now, zone)}`;
}

function whenOf(at: number, zone: string, typed: string, within: number | undefined): When {
  const instant = new Date(at).toISOString();
  return { at: instant, zone, typed, ...(within === undefined ? {} : { within_s: within }) };
}

/** `2026-11-30 09:31:00 Europe/London, 09:31:00 UTC`. */
export function shown(at: number, zone: string): string {
  const utc = new Date(at).toISOString();
  if (zone === "UTC") return `${utc.slice(0, 10)} ${utc.slice(11, 19)} UTC`;
  const local = wallText(at, zone);
  const utcDate = local.startsWith(utc.slice(0, 10)) ? "" : `${utc.slice(0, 10)} `;
  return `${local} ${zone}, ${utcDate}${utc.slice(11, 19)} UTC`;
}

/** What calendars and clocks of the zone show: `2026-11-30 09:31:00`. */
export function wallText(at: number, zone: string): string {
  const { day, clock } = wallOf(zone, at);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${day[0]}-${two(day[1])}-${two(day[2])} ${clock.map(two).join(":")}`;
}

/** Every instant at which clocks of the zone show this: none, one, or two. */
export function readingsOf(
  [year, month, day]: Day,
  [hour, minute, second]: Clock,
  zone: string,
): readonly number[] {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  const offsets = new Set([-26, 0, 26].map((hours) => offsetOf(zone, asUtc + hours * 3_600_000)));
  return [...offsets]
    .map((offset) => asUtc - offset)
    .filter((at) => at + offsetOf(zone, at) === asUtc && new Date(asUtc).getUTCDate() === day)
    .toSorted((a, b) => a - b);
}

/** How far clocks of the zone are ahead of UTC at an instant, in milliseconds. */
function offsetOf(zone: string, at: number): number {
  const { day, clock } = wallOf(zone, at);
  return Date.UTC(day[0], day[1] - 1, day[2], ...clock) - Math.floor(at / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallOf(zone: string, at: number): { readonly day: Day; readonly clock: Clock } {
  let format = formats.get(zone);
  if (format === undefined) {
    const two = "2-digit";
    format = new Intl.DateTimeFormat("en-GB-u-ca-gregory", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: string): number => parts[name] ?? 0;
  return {
    day: [part("year"), part("month"), part("day")],
    clock: [part("hour"), part("minute"), part("second")],
  };
}

/** The day that it is in the zone. */
export function dayIn(zone: string, at: number): Day {
  return wallOf(zone, at).day;
}

function dayBefore([year, month, day]: Day, back: number): Day {
  const date = new Date(Date.UTC(year, month - 1, day - back));
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
}
