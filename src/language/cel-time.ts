const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** RFC 3339 with a zone, so that it is the same instant on every machine; digits beyond milliseconds are dropped. */
export function instant(text: string): Date {
  const parts = rfc3339.exec(text);
  const [, year, month, day, , , , fraction = ""] = parts ?? [];
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const at = new Date(text.replace(" ", "T").replace(fraction, fraction.slice(0, 4)));
  if (
    parts === null ||
    Number(month) < 1 ||
    Number(day) < 1 ||
    Number(day) > days ||
    Number.isNaN(at.getTime())
  ) {
    throw new Error(
      `timestamp() takes a time such as 2026-01-31T23:59:59Z, and this is ${JSON.stringify(text.slice(0, 60))}`,
    );
  }
  return at;
}

/** The parts of a time that a zone has a say in: those of CEL, by its names. */
export const zonedParts = [
  "getDate",
  "getDayOfMonth",
  "getDayOfWeek",
  "getDayOfYear",
  "getFullYear",
  "getHours",
  "getMilliseconds",
  "getMinutes",
  "getMonth",
  "getSeconds",
] as const;

export type ZonedParts = Readonly<Record<(typeof zonedParts)[number], number>>;

/** @param zone `Europe/London`, `UTC`, `+02:00`: its rules, never those of this machine. */
export function inZone(at: Date, zone: string): ZonedParts {
  const local = new Date(at.getTime() + offsetOf(at, zone));
  const year = local.getUTCFullYear();
  const date = local.getUTCDate();
  return {
    getDate: date,
    getDayOfMonth: date - 1,
    getDayOfWeek: local.getUTCDay(),
    getDayOfYear: Math.floor((local.getTime() - Date.UTC(year, 0, 1)) / 86_400_000),
    getFullYear: year,
    getHours: local.getUTCHours(),
    getMilliseconds: local.getUTCMilliseconds(),
    getMinutes: local.getUTCMinutes(),
    getMonth: local.getUTCMonth(),
    getSeconds: local.getUTCSeconds(),
  };
}

/** Milliseconds that the zone's clocks are ahead of UTC at that instant. */
function offsetOf(at: Date, zone: string): number {
  const fixed = /^([+-]?)([01]\d|2[0-3]):([0-5]\d)$/.exec(zone);
  if (fixed !== null)
    return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  let name: string;
  try {
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      timeZoneName: "longOffset",
    }).formatToParts(at);
    name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  } catch {
    throw new Error(`no time zone is named ${JSON.stringify(zone.slice(0, 60))}`);
  }
  // GMT, GMT+01:00, GMT-00:25:21.
  const [, sign = "+", hours = 0, minutes = 0, seconds = 0] =
    /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
