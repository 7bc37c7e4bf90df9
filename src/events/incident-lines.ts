import {
  boolean,
  integer,
  json,
  list,
  map,
  number,
  object,
  oneOf,
  optional,
  required,
  text,
} from "../language/shape.ts";
import { actionKinds, actionPriorities } from "./incident-record.ts";
import { instant, line, type LineOf } from "./line-shape.ts";

const severity = oneOf("P0", "P1", "P2", "P3");
const incident = required(text(), "The incident's number.");
const page = object({
  channel: required(text(), "The channel of the platform file."),
  person: optional(text(), "To whom, where it reaches people."),
});
const pages = required(list(page), "The pages that are queued.");
const call = required(list(text()), "People whom only a telephone reaches, by id.");

const imported = optional(
  object({
    at: required(text(), "When, in UTC."),
    by: required(text(), "By whom."),
    block: optional(text(), "Out of which block; without one, its process had it until the disk had room."),
  }),
  "It was put on record later.",
);

/** What the commands of an incident show. */
export const incidentLines = {
  "incident.declared": line("An incident that `declare` opened.", {
    incident,
    severity: required(severity, "Its severity."),
    impact: required(text(), "Its impact."),
    affects: required(list(text()), "What is affected."),
    security: required(boolean(), "Private channels alone."),
    drill: required(boolean(), "It is an exercise."),
    adopted: required(list(text()), "Halts and snapshots of the hour before."),
    pages,
    call,
    problem: optional(text(), "Why there is no platform file in use."),
  }),
  "incident.joined": line("The open incident with the key that `declare` was given.", {
    incident,
    key: required(text(), "The key."),
  }),
  "incident.recorded": line("What a command put on record.", {
    incident,
    ref: required(text(), "The record: desk and number."),
    record: required(text(), "Its type."),
    data: required(json(), "Its data, as it is on record."),
    pages,
    call,
  }),
  "message.preview": line("A message as its channel would get it, from `--dry-run`: nothing was sent.", {
    incident,
    channel: required(text(), "The channel; `drill:` before it is its address for drills."),
    person: optional(text(), "Whom it goes to, where the channel reaches people."),
    provider: required(
      oneOf("slack", "pagerduty", "twilio", "email", "webhook", "call"),
      "What the channel sends by.",
    ),
    texts: required(
      list(object({ name: required(text(), "Its name there."), text: required(text(), "As it is sent.") })),
      "What it sends, each text as a person reads it there.",
    ),
    notes: required(list(text()), "SMS segments, and what was cut."),
  }),
  "incident.not_recorded": line("What could not be recorded: keep it.", {
    incident: optional(text(), "The incident's number, where it has one."),
    id: required(text(), "What it is called until it is on record."),
    at: required(instant, "When it was."),
    actor: required(text(), "Who typed it."),
    message: required(text(), "Why."),
    records: required(list(json()), "The records that are missing: when, type and data."),
    block: required(text(), "The block that `incident import` takes."),
  }),
  "incident.imported": line("A block of `incident import`.", {
    block: required(text(), "Its name."),
    state: required(oneOf("planned", "imported", "already"), "already: it was imported before."),
    incident: optional(text(), "The incident that it is in; without one, it is to declare one."),
    records: required(integer({ min: 1 }), "How many records it has."),
    refs: required(list(text()), "The records that were made of it."),
    warnings: required(list(text()), "What follows from it."),
  }),
  "incident.status": line("The status of an incident. Instants within are milliseconds since 1970.", {
    incident,
    severity: optional(severity, "The severity in force."),
    state: required(oneOf("open", "resolved", "cancelled"), "Whether it is open."),
    figures: required(json(), "Key events, clocks, roles, answers, who is silent, messages."),
    problem: optional(text(), "What is wrong with its journal."),
  }),
  "incident.listed": line("An incident of this machine, from `incident list`.", {
    incident,
    state: required(oneOf("open", "closed", "none", "unreadable"), "none: nothing of it is on record."),
    severity: optional(text(), "Its severity, where it is open."),
    at: optional(text(), "When it was declared, or ended."),
    by: optional(text(), "Who ended it."),
    message: optional(text(), "Why it is none, or unreadable."),
  }),
  "incident.event": line("A row of `incident timeline`.", {
    at: required(instant, "When it was so."),
    written: optional(instant, "When it was noted, where that was later."),
    text: required(text(), "What happened."),
    by: required(text(), "Who wrote it."),
    ref: required(text(), "The record."),
    before: optional(text(), "The time that was corrected."),
    withdrawn: required(boolean(), "It was withdrawn."),
    imported,
  }),
  "incident.record": line("A record, from `incident show`.", {
    ref: required(text(), "The record."),
    record: required(text(), "Its type."),
    recorded: required(text(), "When it was written, by its desk's clock."),
    actor: required(text(), "Who wrote it."),
    data: optional(json(), "Its data, unless it was withdrawn."),
    withdrawn: required(boolean(), "It was withdrawn."),
    imported,
  }),
  "incident.action": line("An action, from `actions list`.", {
    incident,
    action: required(text(), "Its number in this incident."),
    text: required(text(), "What is to be done."),
    kind: required(oneOf(...actionKinds), "What it improves."),
    priority: required(oneOf(...actionPriorities), "How urgent."),
    owner: optional(text(), "By whom."),
    due: optional(text(), "Until which day."),
    done: required(boolean(), "It is done."),
    ref: required(text(), "The record that says so."),
  }),
  "incident.reviewed": line("The review of an incident, from `review`.", {
    incident,
    path: required(text(), "Its file."),
    sha256: optional(text(), "Of the file, where there is one."),
    missing: required(integer({ min: 0 }), "What keeps it from being done: a line each."),
  }),
  "incident.review_page": line("The review as one page, from `review --html`.", {
    incident,
    path: required(text(), "Its file."),
  }),
  "incident.missing": line("What is missing from a review.", {
    incident,
    what: required(text(), "What it is."),
    fill: required(text(), "What to type, or where to write."),
  }),
  "incident.stats": line("Which incidents figures are of, from `stats`; a line for each figure follows.", {
    counted: required(list(text()), "Incidents that count."),
    drills: required(list(text()), "Exercises, which do not."),
    cancelled: required(list(text()), "What was no incident, or another one."),
    unreadable: required(list(text()), "Incidents whose records cannot be read."),
    damaged: required(list(text()), "Of those that count: their journal holds in part."),
  }),
  "incident.figure": line(
    "A figure over incidents. Each that counts is in known, bounded, open or unknown.",
    {
      figure: required(oneOf("response", "mttr", "rto", "rpo", "stakeholders"), "Which."),
      known: required(list(text()), "Incidents of which it is known."),
      bounded: required(list(text()), "Known as a bound: nobody stated when it started."),
      open: required(list(text()), "Not known yet: the incident is open."),
      unknown: required(
        list(object({ incident: required(text(), "Which."), why: required(text(), "What is missing.") })),
        "Not known.",
      ),
      bound: optional(oneOf("lower", "upper"), "Mean, median and worst are such a bound."),
      mean_ms: optional(number(), "Mean, in milliseconds."),
      median_ms: optional(number(), "Median."),
      worst_ms: optional(number(), "The largest."),
      worst: optional(text(), "Of which incident."),
      objective_ms: optional(number(), "What the newest incident is held against."),
      met: required(list(text()), "Incidents that kept their own limit."),
      missed: required(list(text()), "Incidents that did not."),
    },
  ),
  contact: line("Somebody of the platform file, from `contacts`.", {
    id: required(text(), "The id."),
    name: required(text(), "The name."),
    phone: optional(text(), "The number."),
    email: optional(text(), "The address."),
    teams: required(list(text()), "The teams."),
  }),
  vendor: line("A vendor of the platform file, from `contacts`.", {
    vendor: required(text(), "Its name."),
    ways: required(map(text()), "Numbers and addresses by what they are for."),
  }),
} as const;
export type IncidentLine = LineOf<typeof incidentLines>;
