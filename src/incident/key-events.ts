import type { Ref } from "../events/incident-record.ts";
import type { KeyEvent } from "../platform/key-events.ts";
import type { IncidentFold } from "./fold.ts";
import { saysNotKnown } from "./not-known.ts";
import type { MessageFold, Statement } from "./messages.ts";
import { standing } from "./order.ts";

/** When something happened that clocks count from and to, and by which record. */
export interface EventTime {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ref: Ref;
  readonly value?: string;
  /** It was then at the latest: nobody said when. */
  readonly atLatest?: true;
  /** How far a typed time may be off, in seconds. */
  readonly withinS?: number;
  readonly corrected: boolean;
  /** What two desks said of it, neither knowing of the other. */
  readonly conflict?: readonly { readonly at: number; readonly ref: Ref }[];
}

type Fact = IncidentFold["facts"][number];

/** The last statement of a fact that stands; two in conflict are both told, and the later in order counts. */
export function factOf(fold: IncidentFold, name: string): EventTime | undefined {
  const said = standing(
    fold.facts.filter(({ data }) => data.name === name),
    fold.all,
  );
  const last = said.at(-1);
  if (last === undefined || isNotKnown(last)) return undefined;
  const conflict = said.length < 2 ? {} : { conflict: said.map(({ at, by }) => ({ at, ref: by.ref })) };
  return { ...factTime(last), ...conflict };
}

/** "not known" is a statement, and no event. */
export function isNotKnown({ data, value = data.value }: Fact): boolean {
  return value !== undefined && saysNotKnown(value);
}

function factTime(fact: Fact): EventTime {
  const { value = fact.data.value } = fact;
  const within = fact.data.at.within_s;
  return {
    ...timeOf(fact),
    ...(value === undefined ? {} : { value }),
    ...(within === undefined ? {} : { withinS: within }),
  };
}

function timeOf({ at, by, corrected }: Pick<Statement<unknown>, "at" | "by" | "corrected">): EventTime {
  return { at, ref: by.ref, corrected };
}

/** Every event of this name, in order of time: for a clock that repeats; of one that happens once, that one. */
export function eventsOf(fold: IncidentFold, name: string): readonly EventTime[] {
  if (name !== "update") return [eventOf(fold, name)].filter(isThere);
  const messages = messagesTo(fold, "update").map(timeOf);
  return [...saidUpdates(fold), ...messages].toSorted((a, b) => a.at - b.at);
}

function saidUpdates(fold: IncidentFold): readonly EventTime[] {
  return fold.facts.filter(({ data }) => data.name === "update").map(factTime);
}

function isThere<T>(one: T | undefined): one is T {
  return one !== undefined;
}

/**
 * When a key event happened; undefined where no record says so. Unknown stays unknown: nothing is invented.
 * @param since of `answered`: answers before it were to another severity
 */
export function eventOf(fold: IncidentFold, name: string, since?: number): EventTime | undefined {
  const known = name as KeyEvent;
  switch (known) {
    case "started":
      return startedOf(fold) ?? latest(detectedOf(fold));
    case "detected":
      return detectedOf(fold);
    case "declared":
      return declaredOf(fold);
    case "paged":
      return earliestOf(messagesTo(fold, "page"));
    case "halted":
      return earliest([...fold.halts.map(timeOf), ...measured(fold, "halted").map(factTime)]);
    case "evidence":
      return earliest([...fold.snapshots.map(timeOf), ...measured(fold, "evidence").map(factTime)]);
    case "answered":
      return answeredOf(fold, since);
    case "commander":
      return earliest(fold.roles.filter(({ data }) => data.role === "commander").map(timeOf));
    case "update":
      return earliest([...saidUpdates(fold), earliestOf(messagesTo(fold, "update"))].filter(isThere));
    case "stakeholders":
      return factOf(fold, name) ?? earliestOf(messagesTo(fold, "update", "stakeholders"));
    case "briefed":
      return factOf(fold, name) ?? earliestOf(messagesTo(fold, "update", "executives"));
    case "resolved":
      return notReopened(
        fold,
        fold.ends.filter(({ data }) => data.what === "resolved"),
      );
    case "reviewed":
      return notReopened(
        fold,
        fold.reviews.filter(({ data }) => data.state === "done"),
      );
    case "mitigated":
    case "recovered":
      return unlessReopened(fold, factOf(fold, name));
    case "bridge":
    case "assessed":
    case "classified":
      return factOf(fold, name);
  }
  return factOf(fold, known);
}

function startedOf(fold: IncidentFold): EventTime | undefined {
  const fact = factOf(fold, "started");
  const { declared } = fold;
  if (fact !== undefined || declared?.data.started === undefined) return fact;
  const { started } = declared.data;
  const within = started.within_s === undefined ? {} : { withinS: started.within_s };
  return { at: Date.parse(started.at), ref: declared.by.ref, corrected: false, ...within };
}

function detectedOf(fold: IncidentFold): EventTime | undefined {
  const fact = factOf(fold, "detected");
  if (fact !== undefined) return fact;
  const declared = declaredOf(fold);
  const measuredThen = fold.declared?.data.triggers.some(({ outcome }) => outcome === "failed") === true;
  return measuredThen ? declared : latest(declared);
}

/** An incident of before there was `declare` began with its first record, at the latest. */
function declaredOf(fold: IncidentFold): EventTime | undefined {
  if (fold.declared !== undefined) return timeOf(fold.declared);
  const [first] = fold.all;
  return first === undefined ? undefined : { at: first.at, ref: first.ref, corrected: false, atLatest: true };
}

function latest(event: EventTime | undefined): EventTime | undefined {
  return event === undefined ? undefined : { ...event, atLatest: true };
}

/** Facts that the tool measured, of a halt or a snapshot that was adopted. */
function measured(fold: IncidentFold, name: string): readonly Fact[] {
  return fold.facts.filter(({ data }) => data.name === name && data.how === "measured");
}

/** Whoever else answered first, or took a role; the declarer's own counts where it is said to be an answer. */
function answeredOf(fold: IncidentFold, since = -Infinity): EventTime | undefined {
  const declarer = fold.declared?.data.person ?? fold.declared?.by.record.actor;
  const others = fold.answers.filter(({ data }) => data.person !== declarer);
  const taken = fold.roles.filter(
    ({ data, by }) => data.how !== "given" && (data.person ?? by.record.actor) !== declarer,
  );
  const own = fold.roles.filter(
    ({ data }) => data.person === declarer && data.role === "commander" && data.how === "taken",
  );
  return earliest([...others, ...taken, ...own].filter(({ at }) => at >= since).map(timeOf));
}

type Taken = Pick<Statement<unknown>, "at" | "by" | "corrected">;

/** Messages of a kind that a provider took, each at the time it did. */
function messagesTo(fold: IncidentFold, kind: "page" | "update", audience?: string): readonly Taken[] {
  const taken: Taken[] = [];
  for (const message of fold.messages.values()) {
    if (message.accepted === undefined || message.queued.data.kind !== kind) continue;
    if (audience === undefined || isTo(fold, message, audience)) taken.push(message.accepted);
  }
  return taken;
}

function isTo(fold: IncidentFold, { queued: { data } }: MessageFold, audience: string): boolean {
  const members = fold.declared?.data.policy.teams[audience] ?? [];
  return data.level === audience || (data.person !== undefined && members.includes(data.person));
}

function earliest<T extends { readonly at: number }>(events: readonly T[]): T | undefined {
  return events.reduce<T | undefined>(
    (first, one) => (first === undefined || one.at < first.at ? one : first),
    undefined,
  );
}

function earliestOf(taken: readonly Taken[]): EventTime | undefined {
  const first = earliest(taken);
  return first === undefined ? undefined : timeOf(first);
}

/** The last one, where no later record opened the incident again. */
function notReopened(fold: IncidentFold, events: readonly Statement<unknown>[]): EventTime | undefined {
  const last = events.at(-1);
  if (last === undefined) return undefined;
  return unlessReopened(fold, timeOf(last));
}

/** What ended is not over where a later record opened the incident again. */
function unlessReopened(fold: IncidentFold, event: EventTime | undefined): EventTime | undefined {
  const place = fold.all.findIndex(({ ref }) => ref === event?.ref);
  const again = fold.ends.some(({ data, by }) => data.what === "reopened" && fold.all.indexOf(by) > place);
  return again ? undefined : event;
}
