// The time at which a line of a log was written, by the line's own word. Only what says its zone, or is written in the
// machine's by a rule of its format (syslog, nginx's errors), is read: a time that could be hours apart from what it
// says would turn an alarm into silence.

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Characters of a line in which its time is looked for. */
const within = 400;
const day = 86_400_000;

/** `2026-11-30T17:00:01.5Z`, with a blank for the T, a comma for the point, or UTC for the zone. */
const rfc3339 =
  /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\dA-Za-z])/;
/** `[30/Nov/2026:17:00:01 +0000]`, of nginx's and Apache's access logs. */
const access = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\]/;
/** `2026/11/30 17:00:01 [error]`, of nginx's own log: the machine's zone. */
const nginxError = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) \[/;
/** `Nov 30 17:00:01 host`, perhaps after a priority: the machine's zone, and no year. */
const syslog = /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /;

/**
 * Milliseconds since 1970; undefined where the line says no time that is read.
 * @param now a line of syslog is of the last year that is not in the future
 */
export function timeOfLine(line: string, now: Date): number | undefined {
  const text = line.slice(0, within);
  return valid(fromRfc3339(text) ?? fromAccess(text) ?? fromNginx(text) ?? fromSyslog(text, now));
}

function valid(time: number | undefined): number | undefined {
  return time === undefined || Number.isNaN(time) ? undefined : time;
}

function fromRfc3339(text: string): number | undefined {
  const [, date, clock, fraction = "0", zone = ""] = rfc3339.exec(text) ?? [];
  if (date === undefined) return undefined;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...):?/, "$1:") : "Z";
  return Date.parse(`${date}T${clock}.${fraction.slice(0, 3)}${offset}`);
}

function fromAccess(text: string): number | undefined {
  const [, date, month = "", year, clock, hours, minutes] = access.exec(text) ?? [];
  if (date === undefined) return undefined;
  const number = String(months.indexOf(month) + 1).padStart(2, "0");
  return Date.parse(`${year}-${number}-${date}T${clock}${hours}:${minutes}`);
}

function fromNginx(text: string): number | undefined {
  const found = nginxError.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  return new Date(year, month - 1, date, hour, minute, second).getTime();
}

function fromSyslog(text: string, now: Date): number | undefined {
  const [, name = "", ...rest] = syslog.exec(text) ?? [];
  const month = months.indexOf(name);
  if (month < 0) return undefined;
  const [date = 0, hour = 0, minute = 0, second = 0] = rest.map(Number);
  const inYear = (year: number): number => new Date(year, month, date, hour, minute, second).getTime();
  const time = inYear(now.getFullYear());
  // A clock that is a little ahead writes no line of a year ago.
  return time > now.getTime() + day ? inYear(now.getFullYear() - 1) : time;
}
