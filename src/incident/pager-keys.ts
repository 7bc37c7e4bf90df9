// A pager's keys that the clocks may have opened though no record names them. Where the disk is full a sender pages all
// the same, and keeps in mind alone that it did: one that is killed before there is room again takes that with it, and
// the pager would go on waking people behind the end of the incident. Nobody can know afterwards whether one did. So the
// end resolves every key that the policy's clocks can have opened by then: a pager takes the resolve of a key that was
// never open, and does nothing.
import type { IncidentPlan } from "../platform/incident-plan.ts";
import type { Severity } from "../platform/severity.ts";
import type { ClockReading } from "./clocks.ts";
import { repageLevel } from "./escalation.ts";
import type { IncidentFold } from "./fold.ts";
import type { NoticeTarget } from "./notices.ts";
import { pageTargets, recipientsOf } from "./pages.ts";
import type { IncidentStatus } from "./status.ts";

/** The pager's keys of all pages that clocks can have made by now, on record or not. */
export function keysOfClocks(
  fold: IncidentFold,
  today: IncidentPlan,
  status: IncidentStatus,
  now: number,
): readonly NoticeTarget[] {
  const { teams, escalation } = fold.declared?.data.policy ?? today;
  const plan = { ...today, teams, escalation };
  const pages = pagesOf(status.clocks, now);
  if (pages.length === 0) return [];
  // Which level is the next one follows from pages that may be on no record.
  const levels = Object.entries(escalation).flatMap(([level, { to }]) => pagersOf(plan, to, level, status));
  const others = pages.filter(({ page }) => page !== "next-level" && !Object.hasOwn(escalation, page));
  const repages = others.flatMap(({ page, severity }) =>
    freeLevels(fold, severity, others).flatMap((level) =>
      pagersOf(plan, pageTargets(plan, page) ?? [], level, status),
    ),
  );
  return [...levels, ...repages];
}

interface ClockPage {
  readonly page: string;
  readonly severity: Severity;
  /** How often that was due. */
  readonly times: number;
}

function pagesOf(clocks: readonly ClockReading[], now: number): readonly ClockPage[] {
  return clocks.flatMap(({ after, severity, from = Infinity, repeated }) =>
    after.flatMap(({ at, page }) => {
      const passed = now - from - at;
      if (page === undefined || passed < 0) return [];
      const times = repeated === undefined ? 1 : repeated.before + Math.floor(passed / repeated.every) + 1;
      return [{ page, severity, times }];
    }),
  );
}

/** `P0.2` and what follows it: as many as the pages of that severity that have no level's name. */
function freeLevels(fold: IncidentFold, severity: Severity, pages: readonly ClockPage[]): readonly string[] {
  const [, first = "2"] = repageLevel(severity, fold.messages.values()).split(".");
  const own = pages.filter((one) => one.severity === severity);
  const times = own.reduce((sum, one) => sum + one.times, 0);
  return Array.from({ length: times }, (_none, index) => `${severity}.${Number(first) + index}`);
}

function pagersOf(
  plan: IncidentPlan,
  to: readonly string[],
  level: string,
  status: IncidentStatus,
): readonly NoticeTarget[] {
  return recipientsOf(plan, to, status)
    .send.filter(({ channel }) => plan.channels[channel]?.provider.type === "pagerduty")
    .map(({ channel }) => ({ channel, level }));
}
