import { formatDuration } from "../../base/duration.ts";
import { actionsOf } from "../actions.ts";
import { figuresOf } from "../figures.ts";
import type { IncidentFold } from "../fold.ts";
import type { IncidentStatus } from "../status.ts";
import { shown } from "../typed-time.ts";

/** What a field is filled from. */
export interface FieldSource {
  readonly fold: IncidentFold;
  readonly status: IncidentStatus;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What the severity is called. */
  readonly severityName: string;
}

export interface Field {
  readonly doc: string;
  /** The value; undefined where no record says it. */
  readonly value: (from: FieldSource) => string | undefined;
  /** What fills it. */
  readonly fill: string;
  /** How it reads in a message that goes out by itself where it is not known; without it its line is left out. */
  readonly none?: string;
}

const typed = (doc: string, name: string): Field => ({
  doc,
  value: () => undefined,
  fill: `--set ${name}="…"`,
});

/** Every field that a template may have: a closed list, so that a mistyped one is found before it is sent. */
export const fields = {
  incident: { doc: "The incident's number.", value: ({ status }) => status.number, fill: "" },
  drill: {
    doc: '"DRILL " of an exercise, else nothing.',
    value: ({ status }) => (status.drill ? "DRILL " : ""),
    fill: "",
  },
  severity: { doc: "P0 to P3.", value: ({ status }) => status.severity, fill: "lav-ir severity P0 …" },
  severity_name: {
    doc: "Its name in the platform file.",
    value: ({ severityName }) => severityName.toUpperCase() || undefined,
    fill: "severities in the platform file",
  },
  status: {
    doc: "open, resolved or cancelled; halted.",
    value: ({ status }) => statusText(status),
    fill: "",
  },
  now: {
    doc: "When the template is filled in.",
    value: ({ now, status }) => shown(now, status.zone),
    fill: "",
  },
  impact: {
    doc: "The business impact.",
    value: ({ status }) => status.impact,
    fill: "lav-ir correct … --value …",
    none: "not on record",
  },
  affects: {
    doc: "Services and systems.",
    value: ({ status }) => status.affects.join(", ") || undefined,
    fill: "lav-ir affects …",
    none: "not known yet",
  },
  started: {
    doc: "When it started, if stated.",
    value: (from) => whenText(from, "started"),
    fill: "lav-ir fact started --at …",
    none: "not known",
  },
  declared: { doc: "When it was declared.", value: (from) => whenText(from, "declared"), fill: "" },
  halted: {
    doc: "When the halt was proven.",
    value: (from) => whenText(from, "halted"),
    fill: "lav-ir halt-all",
  },
  mitigated: {
    doc: "When its impact ended.",
    value: (from) => whenText(from, "mitigated"),
    fill: 'lav-ir mitigated "…"',
  },
  resolved: {
    doc: "When it was resolved.",
    value: (from) => whenText(from, "resolved"),
    fill: 'lav-ir resolve "…"',
  },
  duration: {
    doc: "From the start to the recovery, or the mitigation.",
    value: durationText,
    fill: "lav-ir fact recovered --at …",
    none: "not known",
  },
  actions_taken: {
    doc: "The proven halt, the snapshot, the mitigation: what is on record.",
    value: actionsText,
    fill: "",
  },
  resolution: {
    doc: "What resolved it.",
    value: ({ fold }) => endText(fold, "message"),
    fill: 'lav-ir resolve "…"',
  },
  cause: {
    doc: 'The cause; "not known yet" if resolved without one.',
    value: ({ fold }) => endText(fold, "cause"),
    fill: "lav-ir resolve --cause …",
  },
  review_on: { doc: "The date of the review.", value: reviewText, fill: "lav-ir resolve --review-on …" },
  follow_ups: {
    doc: "How many actions are open.",
    value: ({ fold }) => String(actionsOf(fold).filter(({ done }) => !done).length),
    fill: "",
  },
  commander: {
    doc: "The incident commander.",
    value: ({ status }) => commanderOf(status),
    fill: "lav-ir role commander me",
    none: "nobody yet",
  },
  bridge: {
    doc: "Where the responders meet.",
    value: ({ status }) => status.bridge,
    fill: "incident.bridge in the platform file",
  },
  users: {
    doc: "How many users are affected.",
    value: (from) => factText(from, "users"),
    fill: "lav-ir fact users …",
  },
  revenue: {
    doc: "What it costs.",
    value: (from) => factText(from, "revenue"),
    fill: "lav-ir fact revenue …",
  },
  updates_every: {
    doc: "How often updates are due at this severity.",
    value: everyText,
    fill: "clocks in the platform file",
  },
  text: typed("The text after the command.", "text"),
  next_steps: typed("Next steps.", "next_steps"),
  eta: typed("Expected end; --eta.", "eta"),
  next_update: typed("When the next update comes; --next.", "next_update"),
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof fields;
export const fieldNames = Object.keys(fields) as FieldName[];

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(fields, name);
}

function statusText({ state, trading }: IncidentStatus): string {
  if (trading.is === "not halted") return state;
  return `${state}, ${trading.is === "halted" ? "trading halted" : "trading resuming"}`;
}

function whenText({ status: { events, zone } }: FieldSource, name: string): string | undefined {
  const event = events[name];
  return event === undefined || event.atLatest === true ? undefined : shown(event.at, zone);
}

function durationText({ fold }: FieldSource): string | undefined {
  const { mttr } = figuresOf(fold);
  if (mttr.is === "unknown") return undefined;
  return `${mttr.bound === undefined ? "" : `${mttr.bound} `}${formatDuration(mttr.ms)}`;
}

function actionsText({ status: { events } }: FieldSource): string {
  const done = [
    ["halted", "trading halted, proven"],
    ["evidence", "snapshot taken"],
    ["mitigated", "mitigated"],
  ].flatMap(([name = "", what = ""]) => {
    const event = events[name];
    return event === undefined ? [] : [`${what} ${new Date(event.at).toISOString().slice(11, 16)} UTC`];
  });
  return done.length === 0 ? "none on record yet" : done.join("; ");
}

function endText({ ends }: IncidentFold, what: "message" | "cause"): string | undefined {
  const last = ends.at(-1);
  if (last?.data.what !== "resolved" || last.withdrawn) return undefined;
  return what === "message" ? last.data.message : (last.data.cause ?? "not known yet");
}

function reviewText({ fold, status: { zone } }: FieldSource): string | undefined {
  const last = fold.ends.at(-1)?.data;
  if (last?.what !== "resolved") return undefined;
  return last.reviewOn === undefined ? "no review planned" : shown(Date.parse(last.reviewOn), zone);
}

function commanderOf({ roles }: IncidentStatus): string | undefined {
  const held = roles.find(({ role }) => role === "commander");
  return held?.holders.map(({ who }) => who).join(" and ") || undefined;
}

function factText({ fold }: FieldSource, name: string): string | undefined {
  const fact = fold.facts.findLast(({ data }) => data.name === name);
  return fact === undefined ? undefined : (fact.value ?? fact.data.value);
}

/** As one reads it aloud where it is whole minutes. */
function spanText(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes === 1) return "minute";
  return Number.isInteger(minutes) ? `${minutes} minutes` : formatDuration(ms);
}

function everyText({ status: { clocks } }: FieldSource): string | undefined {
  const clock = clocks.find(
    ({ until, repeated, current }) => until === "update" && repeated !== undefined && current,
  );
  return clock?.repeated === undefined ? undefined : spanText(clock.repeated.every);
}
