import { boolean, integer, list, map, object, optional, required, text } from "../language/shape.ts";

/**
 * The rules that hold for one incident, as `incident.declared` carries them: a later edit of the platform file
 * changes no figure of an incident that was declared before it. Durations are milliseconds.
 */
const span = integer({ min: 0 });
/** By severity: one that is left out has no limit. */
const bySeverity = object({
  P0: optional(span, "Of a P0."),
  P1: optional(span, "Of a P1."),
  P2: optional(span, "Of a P2."),
  P3: optional(span, "Of a P3."),
});

const policyClockShape = object({
  name: required(text(), "What it is called."),
  on: required(boolean(), "false: it is listed, and does not run."),
  when: optional(text(), "It waits for the fact `classified` with this value."),
  from: required(text(), "The key event that starts it."),
  until: required(text(), "The key event that stops it."),
  within: required(bySeverity, "How long it may take."),
  or: optional(
    object({
      from: required(text(), "The other key event that starts it."),
      within: required(span, "How long it may take from that."),
    }),
    "A second limit: the earlier of the two holds.",
  ),
  every: required(bySeverity, "Of a repeated clock: how long from one to the next."),
  ends: optional(text(), "The key event that ends a repeated clock."),
  after: required(
    list(
      object({
        at: required(span, "How long after its start."),
        page: optional(text(), "Who is paged: next-level, a team, a person or a channel."),
        remind: optional(text(), "Who is reminded: a role, a team or a person."),
      }),
    ),
    "What is done while it runs.",
  ),
});
export type PolicyClock = NonNullable<(typeof policyClockShape)["type"]>;

const policyLevelShape = object({
  who: required(text(), "Who they are."),
  to: required(list(text()), "Their channels, people and teams."),
  answer: optional(span, "How long they have to answer."),
  next: optional(text(), "Who is paged after them."),
});

const policySeverityShape = object({
  name: required(text(), "CRITICAL, HIGH ..."),
  means: required(text(), "What it is for."),
  page: required(list(text()), "Who is paged: a channel, `channel:team` or `channel:person`."),
});

/** Figures over incidents, in milliseconds. */
const objectivesShape = object({
  rpo: optional(span, "How much data may be lost at most."),
  mttr: optional(span, "How long mitigating an incident may take, on average."),
  stakeholders: optional(span, "How soon stakeholders must know."),
});
export type FrozenObjectives = NonNullable<(typeof objectivesShape)["type"]>;

export const policyShape = object({
  severities: required(map(policySeverityShape), "By P0 to P3."),
  clocks: required(list(policyClockShape), "In the order of the platform file."),
  escalation: required(map(policyLevelShape), "By name: L1, L2, risk ..."),
  teams: required(map(list(text())), "Who was in which team: ids of people."),
  zone: required(text(), "The zone that times are typed in and shown in, beside UTC."),
  bridge: optional(text(), "Where the responders meet."),
  objectives: optional(objectivesShape, "What figures are held against."),
});
export type Policy = NonNullable<(typeof policyShape)["type"]>;
