import {
  boolean,
  integer,
  json,
  list,
  object,
  oneOf,
  optional,
  required,
  text,
  type ObjectShape,
} from "../language/shape.ts";
import { fitsShape } from "../language/fits.ts";
import { policyShape } from "./incident-policy.ts";

/**
 * What an incident's journal may say: a closed union over `type`. One description of each type's data gives
 * its TypeScript type, the check of a record that another desk or an older version wrote, and its reference. A
 * field that this version does not know is kept and ignored, so that a newer desk can add one.
 */

/** A record's name in prose and in references: `ny1-42`, desk and number. */
export type Ref = string;

const ref = text({ pattern: { test: /^.+-[1-9][0-9]*$/, says: "a desk and a number, such as ny1-42" } });
/** RFC 3339 in UTC, milliseconds. None that no calendar and no clock has: figures are made of it. */
export const instant = text({
  pattern: {
    test: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/,
    says: "an instant in UTC",
  },
});

/** Bytes of UTF-8 that a typed text may have, redacted and with its controls escaped. */
export const longestText = 16 * 1024;

const severity = oneOf("P0", "P1", "P2", "P3");

/** An instant that a person stated. */
const whenShape = object({
  at: required(instant, "The instant, in UTC."),
  zone: optional(text(), "The zone in which it was typed."),
  typed: optional(text(), "The text as it was typed."),
  within_s: optional(integer({ min: 0 }), "How far it may be off, in seconds."),
});
export type When = NonNullable<(typeof whenShape)["type"]>;

/** Of a record that a step of a run made: by it a run that is resumed sees that it has been said. */
const step = optional(text(), "The step of a run that said it: its idempotency key.");

const headShape = object({
  desk: required(text(), "Whose chain."),
  seq: required(integer({ min: 0 }), "The number of its newest record; 0: it has none."),
  sum: required(text(), "That record's sum, or its first 12 digits where it is quoted in a message."),
});
/** The newest record of a chain. */
export type Head = NonNullable<(typeof headShape)["type"]>;

const trigger = object({
  id: required(text(), "Its id in the platform file."),
  outcome: required(oneOf("ok", "failed", "unknown"), "failed: it indicates this severity."),
  reading: required(text(), "The measured values, or why there are none."),
});

/** How a message's attempt ended, or why there is none: the table "Outbox" of the design. */
const messageOutcomes = [
  /** The provider took it. */
  "accepted",
  /** Final: the provider rejected it, or it did not arrive. */
  "failed",
  /** Provably not processed: it is queued again. */
  "refused",
  /** It may or may not have been processed. */
  "unknown",
  /** The provider says that it arrived. */
  "delivered",
  /** A newer update for the same channel took its place. */
  "superseded",
  /** No longer wanted: resolved, cancelled, answered, or a security incident. */
  "withdrawn",
] as const;

const roles = ["commander", "scribe", "comms", "home"] as const;
export type Role = (typeof roles)[number];

const answeredBy = ["desk", "pagerduty", "slack", "sms", "phone"] as const;
/** What an action improves. */
export const actionKinds = ["preventive", "detection", "response", "runbook", "alert", "training"] as const;
export const actionPriorities = ["high", "medium", "low"] as const;

/** The data of each type. */
export const incidentData = {
  "incident.declared": object({
    number: required(text(), "INC-2026-0042, or DRILL-2026-0003."),
    severity: required(severity, "P0 to P3."),
    impact: required(text(), "What the business suffers."),
    affects: required(list(text()), "Services and systems."),
    person: optional(text(), "Who declares, by their id in the platform file."),
    key: optional(text(), "An alert manager's key: the same key joins the open incident."),
    security: required(boolean(), "Only private channels, and no impact in them."),
    drill: required(boolean(), "An exercise."),
    started: optional(whenShape, "Since when, as the declarer said."),
    triggers: required(list(trigger), "What was measured."),
    adopted: required(list(text()), "Records, halts and snapshots of the hour before."),
    policy: required(policyShape, "The clocks and the escalation in force."),
  }),
  "incident.joined": object({
    uid: required(text(), "The sum of incident.declared."),
    number: required(text(), "The number there."),
  }),
  "incident.fact": object({
    name: required(text(), "A key event or a figure: started, detected, mitigated, users ..."),
    at: required(whenShape, "When it was so."),
    value: optional(text(), "Its value."),
    how: required(oneOf("typed", "measured", "estimated"), "How it is known."),
    step,
  }),
  "incident.severity": object({
    from: required(severity, "Before."),
    to: required(severity, "From now on."),
    why: required(text(), "The reason."),
    step,
  }),
  "incident.affects": object({
    add: required(list(text()), "What is affected as well."),
    drop: required(list(text()), "What is not affected."),
  }),
  "incident.security": object({ why: required(text(), "The reason; a correction can withdraw it.") }),
  "incident.role": object({
    role: required(oneOf(...roles), "Which role."),
    person: optional(text(), "Who holds it from now on."),
    desk: optional(text(), "Of the role home: which desk."),
    how: required(oneOf("taken", "given", "handoff"), "How it came about."),
    offer: optional(ref, "The handoff that this accepts."),
    step,
  }),
  "incident.handoff": object({
    role: required(oneOf(...roles), "Which role."),
    to: required(text(), "Who is to have it."),
    shown: required(text(), "SHA-256 of the state that is shown to them."),
  }),
  "incident.answer": object({
    person: required(text(), "Who answers."),
    by: required(oneOf(...answeredBy), "By which way."),
    told_by: optional(text(), "Who says that they answered."),
    page: optional(text(), "The key of the page."),
    text: optional(text(), "Their words."),
    eta_s: optional(integer({ min: 0 }), "In how many seconds they are there."),
    provider: optional(
      object({ id: required(text(), "The provider's id of it."), at: required(instant, "By its clock.") }),
      "Where a provider reported it.",
    ),
  }),
  "incident.note": object({
    text: required(text(), "What was noted."),
    at: optional(whenShape, "When it was so, where that is not now."),
    decision: optional(boolean(), "A decision that was taken."),
    step,
  }),
  "incident.correct": object({
    record: required(ref, "Which record."),
    field: optional(oneOf("at", "value", "text"), "Which of its fields."),
    value: optional(json(), "What holds instead: of `at` a When."),
    withdraw: optional(boolean(), "It is withdrawn, and hidden wherever it is shown."),
    why: required(text(), "The reason."),
  }),
  "incident.resolved": object({
    message: required(text(), "What resolved it."),
    cause: optional(text(), "The cause, where it is known."),
    review_on: optional(instant, "When the review is."),
    mitigated_by: optional(text(), "A run or a record."),
  }),
  "incident.reopened": object({ why: required(text(), "The reason.") }),
  "incident.cancelled": object({
    why: required(text(), "The reason."),
    same_as: optional(text(), "The incident that this one turned out to be."),
  }),
  "incident.action": object({
    id: required(text(), "Its number in this incident."),
    text: required(text(), "What is to be done."),
    owner: optional(text(), "By whom."),
    due: optional(text(), "Until which day."),
    priority: required(oneOf(...actionPriorities), "How urgent."),
    kind: required(oneOf(...actionKinds), "What it improves."),
    done: optional(boolean(), "It is done."),
  }),
  "incident.review": object({
    sha256: required(text(), "Of the file."),
    state: required(oneOf("draft", "done"), "done: it was held."),
  }),
  "message.queued": object({
    key: required(
      text(),
      "Kind, person or channel, and clock or record: two desks make the same for one clock.",
    ),
    kind: required(oneOf("page", "update", "notice", "reminder"), "What it is."),
    channel: required(text(), "Which channel of the platform file."),
    person: optional(text(), "To whom."),
    level: required(text(), "The severity or the level of the escalation that it is for."),
    body: required(text(), "The text, as it is sent."),
    head: required(headShape, "Of its desk's chain, frozen: the message quotes it."),
    clock: optional(
      object({ id: required(text(), "Which."), n: required(integer({ min: 1 }), "Its how-manieth.") }),
      "The clock that made it.",
    ),
    sent_as: optional(text(), "The name that it went out under, where it had to go before it was on record."),
    number: optional(
      text(),
      "The number in its text, where a sender had it before it was on record; else its how-manieth in its chain.",
    ),
  }),
  "message.attempt": object({
    key: required(text(), "Which message."),
    n: required(integer({ min: 1 }), "The how-manieth attempt."),
    claimed: required(oneOf("own", "store", "alone"), "What gives this desk the right."),
    repeat: required(boolean(), "The text says that it may be a repeat."),
  }),
  "message.result": object({
    key: required(text(), "Which message."),
    n: required(integer({ min: 0 }), "Of which attempt; 0: of none."),
    outcome: required(oneOf(...messageOutcomes), "What is known of it."),
    code: optional(text(), "The provider's."),
    provider_id: optional(text(), "The provider's id of it."),
    at: optional(instant, "By the provider's clock."),
    retry_after_s: optional(integer({ min: 0 }), "How long the provider asks to wait."),
  }),
  "clock.fired": object({
    clock: required(text(), "Which."),
    severity: optional(severity, "Of which severity's clocks."),
    n: required(
      integer({ min: 1 }),
      "Of a repeated one, which period; of another, the how-manieth time at this severity.",
    ),
    after: optional(integer({ min: 1 }), "Which of its `after`; without it, its limit has passed."),
    due: required(instant, "When it was due."),
    missed: optional(integer({ min: 1 }), "Of a repeated one: limits that passed since it fired last."),
    did: required(list(text()), "Keys of the messages it made."),
  }),
  "desk.clock": object({
    offset_ms: required(integer(), "This desk's clock less the source's."),
    error_ms: required(integer({ min: 0 }), "How far that may be off."),
    source: required(
      oneOf("store", "date-header", "monotonic"),
      "Whose clock; monotonic: the machine's own, counted from what its wall clock said before.",
    ),
    step_ms: optional(
      integer(),
      "By how much the wall clock has stepped since the process that writes this began.",
    ),
  }),
  "desk.head": object({
    desk: required(text(), "Whose chain."),
    seq: required(integer({ min: 1 }), "Its newest record."),
    sum: required(text(), "That record's sum."),
    sig: required(text(), "The desk's signature of it."),
  }),
} as const satisfies Readonly<Record<string, ObjectShape<object>>>;

export type IncidentRecordType = keyof typeof incidentData;

/** The data of one type. */
export type IncidentData<T extends IncidentRecordType> = NonNullable<(typeof incidentData)[T]["type"]>;

/** A record's type with its data: switch over `type`, and `data` is known. */
export type IncidentRecord = {
  readonly [T in IncidentRecordType]: { readonly type: T; readonly data: IncidentData<T> };
}[IncidentRecordType];

/** Whether this version knows the type at all. */
function isIncidentRecordType(type: string): type is IncidentRecordType {
  return Object.hasOwn(incidentData, type);
}

/**
 * A record as this version reads it; undefined where it does not know the type, or the data is not what that
 * type says. Such a record is kept and counted, never folded.
 */
export function asIncidentRecord(type: string, data: unknown): IncidentRecord | undefined {
  if (!isIncidentRecordType(type) || !fitsShape(data, incidentData[type].spec)) return undefined;
  return { type, data } as IncidentRecord;
}

/** `ny1-42`. */
export function refOf(desk: string, seq: number): Ref {
  return `${desk}-${seq}`;
}
