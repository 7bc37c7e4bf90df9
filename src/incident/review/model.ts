import type { Ref } from "../../events/incident-record.ts";
import { keyEvents } from "../../platform/key-events.ts";
import { actionsOf, type ActionItem } from "../actions.ts";
import { figuresOf, type Figures } from "../figures.ts";
import type { IncidentFold } from "../fold.ts";
import { eventOf, factOf, isNotKnown, type EventTime } from "../key-events.ts";
import type { Placed } from "../order.ts";
import type { IncidentStatus } from "../status.ts";
import { timelineOf, type TimelineRow } from "../timeline.ts";
import { wallText } from "../typed-time.ts";
import { refText, utcText } from "./words.ts";

/** All that a review says by itself: the records, and what follows from them. */
export interface ReviewModel {
  /** Milliseconds since 1970: what an open incident is judged by. */
  readonly now: number;
  readonly fold: IncidentFold;
  readonly status: IncidentStatus;
  /** What is wrong with the journal, where something is: records behind it are not part of this. */
  readonly problem: string | undefined;
  readonly figures: Figures;
  readonly timeline: readonly TimelineRow[];
  readonly actions: readonly ActionItem[];
  readonly records: ReadonlyMap<Ref, Placed>;
  /** By its name; those of which no record says when they were are missing. */
  readonly events: ReadonlyMap<string, EventTime>;
  /** Facts that a person states not to know, by their name. */
  readonly notKnown: ReadonlyMap<string, Ref>;
  /** When each record was so; and what stood there before it was corrected. */
  readonly rows: ReadonlyMap<Ref, TimelineRow>;
}

export function reviewModel({
  fold,
  status,
  now,
  problem,
}: Pick<ReviewModel, "fold" | "status" | "now" | "problem">): ReviewModel {
  const records = new Map(fold.all.map((one) => [one.ref, one]));
  // That a review was held changes nothing of what it is about: it is no row of itself.
  const timeline = timelineOf(fold).filter(({ ref }) => records.get(ref)?.read?.type !== "incident.review");
  const events = [...keyEvents, ...factsOf(fold)].flatMap((name): readonly [string, EventTime][] => {
    const event = keyEvents.some((known) => known === name) ? eventOf(fold, name) : factOf(fold, name);
    return event === undefined ? [] : [[name, event]];
  });
  return {
    now,
    fold,
    status,
    problem,
    figures: figuresOf(fold),
    timeline,
    actions: actionsOf(fold),
    records,
    events: new Map(events),
    notKnown: notKnownIn(fold),
    rows: new Map(timeline.map((row) => [row.ref, row])),
  };
}

function factsOf({ facts }: IncidentFold): readonly string[] {
  const names = new Set(facts.map(({ data }) => data.name));
  return [...names].filter((name) => !keyEvents.some((known) => known === name));
}

function notKnownIn({ facts }: IncidentFold): ReadonlyMap<string, Ref> {
  const last = new Map(facts.map((fact) => [fact.data.name, fact]));
  return new Map(
    [...last].flatMap(([name, fact]) => (isNotKnown(fact) ? [[name, fact.by.ref] as const] : [])),
  );
}

/** An instant, in UTC and where it differs in the incident's zone: `2026-07-01 08:31:00 (Europe/London 09:31:00)`. */
export function instantText({ status: { zone } }: ReviewModel, at: number): string {
  const [utc, local] = [utcText(at), wallText(at, zone)];
  if (utc === local) return `${utc} UTC`;
  const [day = "", clock = ""] = local.split(" ");
  return `${utc} UTC (${zone} ${utc.startsWith(day) ? clock : local})`;
}

/** When an event was, how sure that is, and what was said before: `~~09:50~~ 09:45:19`. */
export function eventText(model: ReviewModel, event: EventTime): string {
  const before = model.rows.get(event.ref)?.before;
  const old = before === undefined ? "" : `~~${utcText(Date.parse(before))}~~ `;
  const notes = [
    ...(event.atLatest === true ? ["at the latest; not stated"] : []),
    ...(event.withinS === undefined ? [] : [`to ${event.withinS}s`]),
    ...(isEstimated(model, event) ? ["estimated"] : []),
    ...correctionsText(model, event.ref),
    ...(event.conflict ?? [])
      .filter(({ ref }) => ref !== event.ref)
      .map(({ at, ref }) => `CONFLICT: ${instantText(model, at)} by ${refText(ref)}`),
  ];
  return `${old}${instantText(model, event.at)}${notes.length === 0 ? "" : `, ${notes.join(", ")}`}`;
}

/** By which records it was corrected. */
export function correctionsText({ fold }: ReviewModel, ref: Ref): readonly string[] {
  const all = fold.corrections.get(ref) ?? [];
  return all.length === 0 ? [] : [`corrected by ${all.map(({ by }) => refText(by.ref)).join(", ")}`];
}

function isEstimated({ records }: ReviewModel, { ref }: EventTime): boolean {
  const read = records.get(ref)?.read;
  return read?.type === "incident.fact" && read.data.how === "estimated";
}

/** A command that fills something in: of an incident that is over it names which. */
export function commandText({ status: { state, number } }: ReviewModel, command: string): string {
  return `\`lav-ir ${command}${state === "open" ? "" : ` --incident ${number}`}\``;
}
