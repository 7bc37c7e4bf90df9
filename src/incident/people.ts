import type { Ref, Role } from "../events/incident-record.ts";
import { rolesFor, type IncidentFold } from "./fold.ts";
import { heldCode, shownState, type MessageFold } from "./messages.ts";
import { standing } from "./order.ts";
import { severityPeriods, stretchesOf } from "./severity.ts";

/** Who holds a role; several are a conflict that a person settles. */
export interface RoleHolder {
  readonly role: Role;
  readonly holders: readonly { readonly who: string; readonly ref: Ref; readonly since: number }[];
  readonly conflict: boolean;
}

export function holderOf(fold: IncidentFold, role: Role): RoleHolder {
  const top = standing(rolesFor(fold, role), fold.all);
  const holders = top.map(({ data, by, at }) => ({
    who: (role === "home" ? data.desk : data.person) ?? by.record.actor,
    ref: by.ref,
    since: at,
  }));
  const names = new Set(holders.map(({ who }) => who));
  return { role, holders: names.size === 1 ? holders.slice(-1) : holders, conflict: names.size > 1 };
}

export interface Answered {
  readonly person: string;
  readonly at: number;
  readonly by: string;
  readonly toldBy?: string;
  readonly text?: string;
  /** When they said that they would be there. */
  readonly eta?: number;
  readonly ref: Ref;
}

/** Everybody's last answer to the severity in force, the earliest first. */
export function answersOf(fold: IncidentFold): readonly Answered[] {
  const since = sinceOf(fold);
  const last = new Map<string, Answered>();
  for (const { data, at, by, text = data.text } of fold.answers) {
    if (at < since) continue;
    last.set(data.person, {
      person: data.person,
      at,
      by: data.by,
      ...(data.told_by === undefined ? {} : { toldBy: data.told_by }),
      ...(text === undefined ? {} : { text }),
      ...(data.eta_s === undefined ? {} : { eta: at + data.eta_s * 1000 }),
      ref: by.ref,
    });
  }
  return [...last.values()].toSorted((a, b) => a.at - b.at || (a.person < b.person ? -1 : 1));
}

/** Since when the severity in force has been answerable: an answer to a lower one counts for that one alone. */
export function sinceOf(fold: IncidentFold): number {
  const periods = severityPeriods(fold);
  const current = periods.at(-1)?.severity;
  const stretch = stretchesOf(periods).findLast(({ severity }) => severity === current);
  return stretch?.from ?? -Infinity;
}

/** A page that somebody has not answered. */
export interface Silent {
  /** A person's id, or the level or channel that was paged. */
  readonly who: string;
  readonly person: boolean;
  readonly channel: string;
  readonly paged: number;
  readonly outcome: string;
}

/** Whoever was paged at this severity and has not answered: everyone answers for himself. */
export function silentOf(fold: IncidentFold): readonly Silent[] {
  const since = sinceOf(fold);
  const answers = answersOf(fold);
  const answered = new Set(answers.map(({ person }) => person));
  const silent = new Map<string, Silent>();
  for (const message of fold.messages.values()) {
    const { queued } = message;
    const { kind, person, channel, level } = queued.data;
    if (kind !== "page" || queued.at < since) continue;
    // Of a channel that many read, somebody's answer behind the page is one to it.
    if (person === undefined ? answers.some(({ at }) => at >= queued.at) : answered.has(person)) continue;
    const who = person ?? (/^P[0-3](\.\d+)?$/.test(level) ? channel : level);
    const earlier = silent.get(who);
    const paged = Math.min(earlier?.paged ?? queued.at, queued.at);
    silent.set(who, { who, person: person !== undefined, channel, paged, outcome: outcomeText(message) });
  }
  return [...silent.values()].toSorted((a, b) => a.paged - b.paged || (a.who < b.who ? -1 : 1));
}

/** What is known of a message, in a word. */
export function outcomeOf(message: MessageFold): string {
  const state = shownState(message);
  if (state.state === "queued" && state.held !== undefined) return "held";
  return state.state === "attempt" ? "under way" : state.state;
}

/** With why its channel holds it: whoever reads that calls. */
export function outcomeText(message: MessageFold): string {
  const state = shownState(message);
  const held = state.state === "queued" ? state.held : undefined;
  return held === undefined ? outcomeOf(message) : `held: ${held.slice(`${heldCode}: `.length)}`;
}
