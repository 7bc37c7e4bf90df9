import { severities, type Severity } from "../platform/severity.ts";
import type { IncidentFold } from "./fold.ts";
import { standing } from "./order.ts";

/** Since when an incident has which severity. */
export interface SeverityPeriod {
  readonly severity: Severity;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Undefined: until now. */
  readonly to: number | undefined;
}

export function isAtLeast(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) <= severities.indexOf(other);
}

/** The severity in force; where two desks changed it and neither knew of the other, the more urgent one. */
export function severityOf(fold: IncidentFold): Severity | undefined {
  return standing(fold.severities, fold.all)
    .map(({ data }) => data.to)
    .toSorted((a, b) => severities.indexOf(a) - severities.indexOf(b))[0];
}

/** Every period, the last one until now; none where no severity is on record. */
export function severityPeriods(fold: IncidentFold): readonly SeverityPeriod[] {
  const now = severityOf(fold);
  if (now === undefined) return [];
  const changes = fold.severities.map(({ at, data }, index) => ({
    at,
    severity: index === fold.severities.length - 1 ? now : data.to,
  }));
  const periods: { severity: Severity; from: number; to: number | undefined }[] = [];
  for (const { at, severity } of changes) {
    const last = periods.at(-1);
    if (last?.severity === severity) continue;
    const from = Math.max(at, last?.from ?? at);
    if (last !== undefined) last.to = from;
    periods.push({ severity, from, to: undefined });
  }
  return periods;
}

/** A stretch in which an incident was at least this severe: the clocks of that severity run in it. */
export interface Stretch {
  readonly severity: Severity;
  readonly from: number;
  readonly to: number | undefined;
}

/**
 * The stretches whose clocks ran. A raised severity begins one at that instant; a lowered one ends it, and goes
 * on with the one of the lower severity, which has run since the incident became that severe at all.
 */
export function stretchesOf(periods: readonly SeverityPeriod[]): readonly Stretch[] {
  return severities.flatMap((severity) => {
    const stretches: { severity: Severity; from: number; to: number | undefined; was: boolean }[] = [];
    for (const period of periods) {
      const last = stretches.at(-1);
      const open = last !== undefined && last.to === undefined;
      if (isAtLeast(period.severity, severity)) {
        const was = period.severity === severity;
        if (open) last.was ||= was;
        else stretches.push({ severity, from: period.from, to: undefined, was });
      } else if (open) last.to = period.from;
    }
    return stretches.filter(({ was }) => was).map(({ was: _was, ...stretch }) => stretch);
  });
}
