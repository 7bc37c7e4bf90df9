import type { Severity } from "../platform/severity.ts";
import { verdict, type ClockReading } from "./clocks.ts";
import { endOf, type IncidentFold } from "./fold.ts";
import { eventOf } from "./key-events.ts";
import type { MessageFold } from "./messages.ts";
import { severityOf, severityPeriods, stretchesOf } from "./severity.ts";

/**
 * The level that comes next, for a clock and for a person alike: behind the last one that was paged by its name, or the
 * first; one that was paged for this severity already, because all of its ways were used, is passed over.
 * @param messages those that count
 */
export function nextLevel(
  fold: IncidentFold,
  escalation: Readonly<Record<string, { readonly next?: string | undefined }>>,
  messages: readonly MessageFold[] = [...fold.messages.values()],
): string | undefined {
  const levels = messages.map(({ queued }) => queued.data.level);
  const last = levels.findLast((level) => Object.hasOwn(escalation, level));
  const first = last === undefined ? Object.keys(escalation)[0] : escalation[last]?.next;
  const passed = new Set<string>();
  let level = first;
  // A file's levels make no circle; the records of another version may.
  while (level !== undefined && !passed.has(level)) {
    if (levelPaged(fold, level, messages) === undefined) return level;
    passed.add(level);
    level = escalation[level]?.next;
  }
  return undefined;
}

/** A pager notifies nobody again of a key that is open: each page behind the severity's own has its own, `P0.2`. */
export function repageLevel(severity: Severity, messages: Iterable<MessageFold>): string {
  const used = new Set([...messages].map(({ queued }) => queued.data.level));
  for (let n = 2; ; n++) if (!used.has(`${severity}.${n}`)) return `${severity}.${n}`;
}

/**
 * When a level was paged since the severity in force came to be: by its name, or because all of its ways were used
 * for the severity itself. Undefined where it was not.
 */
export function levelPaged(
  fold: IncidentFold,
  level: string,
  messages: Iterable<MessageFold> = fold.messages.values(),
): number | undefined {
  const policy = fold.declared?.data.policy;
  const since = severityPeriods(fold).at(-1)?.from ?? -Infinity;
  const pages = [...messages].filter(({ queued: { data, at } }) => data.kind === "page" && at >= since);
  const named = pages.find(({ queued }) => queued.data.level === level);
  if (named !== undefined) return named.queued.at;
  const ways = (policy?.escalation[level]?.to ?? []).flatMap((to) => waysOf(to, policy?.teams ?? {}));
  const used = ways.map((way) => pages.find(({ queued: { data } }) => wayOf(data) === way)?.queued.at);
  // The severity's own page is to them: whoever answered that has answered.
  return used.length > 0 && used.every((at) => at !== undefined) ? since : undefined;
}

/** `sms:risk` as its people: `sms:rosa`. */
function waysOf(to: string, teams: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const [channel = "", target] = to.split(":");
  if (target === undefined) return [channel];
  const members = Object.hasOwn(teams, target) ? (teams[target] ?? []) : [target];
  return members.map((person) => `${channel}:${person}`);
}

function wayOf({ channel, person }: { readonly channel: string; readonly person?: string }): string {
  return person === undefined ? channel : `${channel}:${person}`;
}

/**
 * A clock for each level that was paged and has a time to answer in: anybody's answer behind the page meets it, and
 * when that time has passed the next level is paged.
 */
export function levelClocks(fold: IncidentFold, now: number): readonly ClockReading[] {
  const severity = severityOf(fold);
  const end = endOf(fold);
  if (severity === undefined) return [];
  const nth = stretchesOf(severityPeriods(fold)).filter((one) => one.severity === severity).length;
  return Object.entries(fold.declared?.data.policy.escalation ?? {}).flatMap(([level, { answer, next }]) => {
    if (answer === undefined) return [];
    const from = levelPaged(fold, level);
    if (from === undefined) return [];
    const due = from + answer;
    const state = verdict({ from, due }, eventOf(fold, "answered", from), { now, stop: end });
    const after = next === undefined ? [] : [{ at: answer, page: next }];
    const reading = { name: `answer ${level}`, until: "answered", severity, from, nth, after };
    return [{ ...reading, current: true, state }];
  });
}
