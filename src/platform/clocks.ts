import { nearest } from "../base/suggest.ts";
import { parseDuration } from "../base/duration.ts";
import type { Problems } from "../language/problems.ts";
import { boolean, duration, map, object, optional, required, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { isEventName, keyEvents } from "./key-events.ts";
import { keyPlace, placeOf } from "./place.ts";
import { severities, type Severity } from "./severity.ts";

/** One kind of clock: from one key event to another, at most so long, by severity. Obligations are clocks too. */
const line = text({ template: "none", instead: "Write it out." });

const limits = object(
  {
    all: optional(duration({ min: 1000 }), "Of every severity."),
    P0: optional(duration({ min: 1000 }), "Of a P0."),
    P1: optional(duration({ min: 1000 }), "Of a P1."),
    P2: optional(duration({ min: 1000 }), "Of a P2."),
    P3: optional(duration({ min: 1000 }), "Of a P3."),
  },
  { primary: "all" },
);

const clockShape = object({
  on: optional(boolean(), "false: it is listed, and does not run."),
  when: optional(line, "It waits for the fact `classified` with this value, such as major."),
  from: optional(line, "The key event that starts it; declared by default."),
  until: required(line, "The key event that stops it."),
  within: optional(limits, "How long it may take, by severity; a severity that is left out has no limit."),
  or: optional(
    object({
      from: required(line, "Another key event that starts it."),
      within: required(duration({ min: 1000 }), "How long it may take from that."),
    }),
    "A second limit: the earlier of the two holds.",
  ),
  every: optional(limits, "It repeats: how long from one to the next, by severity."),
  ends: optional(line, "With every: the key event that ends it; resolved by default."),
  after: optional(
    map(
      object({
        page: optional(line, "Who is paged: next-level, a level, a team, a person or a channel."),
        remind: optional(line, "Who is reminded: a role, a team, a person or a channel."),
      }),
    ),
    "What is done while it runs, by how long after its start: `5m: { page: next-level }`.",
  ),
});
export const clocksShape = map(clockShape);
export type ClocksRead = NonNullable<(typeof clocksShape)["type"]>;
export type LimitsRead = NonNullable<(typeof limits)["type"]>;

/** Milliseconds by severity; a severity that is left out has no limit. */
export type BySeverity = Readonly<Partial<Record<Severity, number>>>;

export interface PlannedClock {
  readonly name: string;
  readonly on: boolean;
  readonly when?: string;
  readonly from: string;
  readonly until: string;
  readonly within: BySeverity;
  readonly or?: { readonly from: string; readonly within: number };
  readonly every: BySeverity;
  readonly ends?: string;
  /** By how many milliseconds after its start, the earliest first. */
  readonly after: readonly { readonly at: number; readonly page?: string; readonly remind?: string }[];
}

const minute = 60_000;

/** The response clock where a file says nothing of clocks: the playbook's objectives. */
export const usualResponse: Readonly<Record<Severity, number>> = {
  P0: 15 * minute,
  P1: 60 * minute,
  P2: 240 * minute,
  P3: 1440 * minute,
};

/** @param response the limits of the clock `answered` where `clocks` has none of that name */
export function clocksOf(read: ClocksRead, response: BySeverity): readonly PlannedClock[] {
  const clocks = Object.entries(read).map(([name, clock]) => clockOf(name, clock));
  if (Object.hasOwn(read, "answered")) return clocks;
  return [...clocks, { ...clockOf("answered", { until: "answered" }), within: response }];
}

function clockOf(name: string, clock: ClocksRead[string]): PlannedClock {
  const { on = true, when, from = "declared", until, within = {}, or, every, ends, after = {} } = clock;
  return {
    name,
    on,
    ...(when === undefined ? {} : { when }),
    from,
    until,
    within: bySeverity(within),
    ...(or === undefined ? {} : { or }),
    every: bySeverity(every ?? {}),
    ...(every === undefined ? {} : { ends: ends ?? "resolved" }),
    after: Object.entries(after)
      .map(([at, does]) => ({ at: parseDuration(at) ?? 0, ...does }))
      .toSorted((a, b) => a.at - b.at),
  };
}

function bySeverity({ all, ...own }: LimitsRead): BySeverity {
  return all === undefined ? own : { P0: all, P1: all, P2: all, P3: all, ...own };
}

/** Whether every clock counts between events that there are, has a limit, and does what can be done. */
export function checkClocks(
  read: ClocksRead,
  whom: { readonly page: readonly string[]; readonly remind: readonly string[] },
  root: Node,
  problems: Problems,
): void {
  for (const [name, clock] of Object.entries(read)) {
    const path = ["clocks", name];
    const place = keyPlace(root, ["clocks"], name);
    const events = [["from"] as const, ["until"] as const, ["ends"] as const, ["or", "from"] as const];
    for (const steps of events) {
      const event = steps[0] === "or" ? clock.or?.from : clock[steps[0]];
      if (event === undefined || isEventName(event)) continue;
      const near = nearest(event, keyEvents);
      const hint =
        near === undefined ? `Events: ${keyEvents.join(", ")}, reported-….` : `Did you mean ${near}?`;
      problems.add(placeOf(root, [...path, ...steps]), `${event} is not a key event`, hint);
    }
    checkLimits(name, clock, path, root, problems);
    for (const [at, does] of Object.entries(clock.after ?? {})) {
      const here = keyPlace(root, [...path, "after"], at);
      if (parseDuration(at) === undefined)
        problems.add(here, `${at} is not a duration`, "After how long: 5m, 1h30m.");
      const given = (["page", "remind"] as const).filter((verb) => does[verb] !== undefined);
      const [verb] = given;
      if (verb === undefined || given.length > 1) {
        problems.add(here, `after ${at} needs either page or remind`);
        continue;
      }
      const target = does[verb] ?? "";
      if (whom[verb].includes(target)) continue;
      const near = nearest(target, whom[verb]);
      const hint = near === undefined ? `One of ${whom[verb].join(", ")}.` : `Did you mean ${near}?`;
      problems.add(placeOf(root, [...path, "after", at, verb]), `nobody is named ${target}`, hint);
    }
    if (clock.ends !== undefined && clock.every === undefined)
      problems.add(
        place,
        `clock ${name} has ends without every`,
        "Only a repeated clock is ended by an event.",
      );
  }
}

function checkLimits(
  name: string,
  clock: ClocksRead[string],
  path: readonly string[],
  root: Node,
  problems: Problems,
): void {
  const place = keyPlace(root, ["clocks"], name);
  const has = (limit: LimitsRead | undefined): boolean =>
    limit !== undefined && [...severities, "all" as const].some((key) => limit[key] !== undefined);
  if (clock.within !== undefined && clock.every !== undefined)
    problems.add(place, `clock ${name} has within and every`, "It either runs once or repeats.");
  else if (!has(clock.within) && !has(clock.every))
    problems.add(place, `clock ${name} has no limit`, "Add within: { P0: 15m }, or every: { P0: 15m }.");
  if (clock.or !== undefined && clock.every !== undefined)
    problems.add(placeOf(root, [...path, "or"]), `clock ${name} repeats, and takes no second limit`);
}
