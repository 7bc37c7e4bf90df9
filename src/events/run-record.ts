import { notOkShape } from "./not-ok.ts";
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
  type ObjectShape,
} from "../language/shape.ts";
import type { RunEvent } from "./run.ts";
import { written, type Written } from "./written.ts";

/**
 * What a run writes into its journal: every event that it tells (`run.ts`), and what only a resumption needs. A
 * description gives the type of the data and checks a line that is read. Fields that an earlier build of format 1
 * did not write are optional.
 */

const run = required(text(), "Which run.");
const place = {
  run,
  step: required(text(), "Which step."),
  section: required(oneOf("diagnose", "steps", "resolve", "verify", "after"), "Where it is in the runbook."),
  rung: optional(text(), "In which rung."),
  groups: optional(list(text()), "In which groups and includes, outermost first."),
};
const groupPlace = {
  run,
  group: required(text(), "Which group."),
  section: place.section,
  rung: place.rung,
  groups: place.groups,
};
const key = required(text(), "Which change: section, rung, step and item.");
const effect = required(oneOf("read", "change", "destructive"), "What it can do to the world.");
const action = required(text(), "The exact action on the exact target.");
const title = required(text(), "Its title.");
const rung = required(text(), "Which rung.");
const message = required(text(), "One sentence.");
const digest = required(text(), "What consent binds to.");
const duration = required(number(), "Milliseconds that it took.");
const outcome = required(
  oneOf(
    "healthy",
    "resolved",
    "completed",
    "findings",
    "mitigated",
    "exhausted",
    "failed",
    "unknown",
    "declined",
    "approval-needed",
    "interrupted",
  ),
  "How it ended.",
);
const stepStatus = oneOf("ok", "failed", "skipped", "unknown");

const atWork = object({
  run,
  runbook: required(text(), "Its runbook."),
  actor: required(text(), "Whose run."),
  since: required(text(), "Since when, in UTC."),
});

const target = object({
  type: required(text(), "service, database, kafka or redis."),
  service: optional(text(), "Which service."),
  at: optional(text(), "Which store, where it is not the main one."),
});

/** A sealed bundle, as whoever sealed it records it. */
export const sealing = {
  snapshot: required(text(), "Its name."),
  path: required(text(), "Where it was written."),
  sha256: required(text(), "Of the file."),
  bytes: required(number(), "Its length."),
  verdict: required(oneOf("complete", "partial"), "Whether everything planned is in it."),
  custody: required(text(), "The head of its chain of custody."),
  key: optional(text(), "The key that signed it."),
};

export const runData = {
  "run.kept": object({
    run,
    path: required(text(), "The runbook's file."),
    given: required(list(text()), "Parameters, as they were given."),
    config: required(text(), "The platform file."),
    env: optional(text(), "The environment in it."),
    digest,
    platform: required(text(), "SHA-256 of the platform and its addresses."),
    from: optional(text(), "The step to begin at."),
    rung: optional(text(), "The rung to begin at."),
  }),
  "run.started": object({
    run,
    runbook: required(text(), "The runbook's id."),
    title,
    severity: optional(oneOf("P0", "P1", "P2", "P3"), "P0 to P3."),
    severity_name: optional(text(), "Another name that the runbook has for it."),
    digest,
    platform: required(text(), "The platform's name."),
    platform_file: required(text(), "The file that says so."),
    environment: optional(text(), "Its environment."),
    production: required(boolean(), "Whether that is production."),
    params: required(map(json()), "The parameters."),
    response: optional(number(), "Milliseconds a person has to respond."),
    response_since: optional(text(), "When they began, where it was before this."),
    incident: optional(text(), "The incident it belongs to."),
    resumed: required(boolean(), "It resumes a run of an earlier process."),
    journal: required(text(), "Where its journal is."),
    at_work: required(list(atWork), "Other runs on the same platform."),
  }),
  "group.started": object({ ...groupPlace, title }),
  "group.list": object({
    ...groupPlace,
    key: required(text(), "Which group."),
    items: required(list(json()), "What its foreach goes over."),
  }),
  "group.finished": object({
    ...groupPlace,
    title,
    status: required(stepStatus, "The worst of its steps."),
    message,
    duration_ms: duration,
  }),
  "step.started": object({ ...place, title, kind: required(text(), "Its kind."), effect, action }),
  "step.ticked": object({
    ...place,
    key: required(text(), "Which step and item."),
    heading: required(text(), "The section of the checklist, or the question."),
    tick: required(text(), "What was ticked off, or the answer."),
    by: required(text(), "Who did."),
  }),
  "step.finished": object({
    ...place,
    title,
    kind: required(text(), "Its kind."),
    effect,
    status: required(stepStatus, "How it ended."),
    duration_ms: duration,
    attempts: required(integer({ min: 0 }), "How often it was tried."),
    outputs: optional(map(json()), "Its outputs, as they are shown."),
    failure: optional(map(json()), "Why it failed."),
    message: optional(text(), "One sentence."),
    tolerated: optional(boolean(), "It did not end well, and its list carries on."),
  }),
  "step.list": object({
    ...place,
    key,
    items: required(list(json()), "The list that was agreed to."),
    left_out: required(list(integer()), "Numbers of those whose condition is false."),
    digest,
  }),
  "step.intent": object({
    ...place,
    key,
    action,
    args: required(map(json()), "Its arguments, as they are shown."),
    before: optional(json(), "The state that it replaces."),
    exact: optional(boolean(), "False: that state could not be kept exactly."),
    digest,
    idempotency_key: required(text(), "The same for every attempt at this change."),
  }),
  "step.outcome": object({
    ...place,
    key,
    status: required(oneOf("ok", "failed", "unknown"), "What came of the change."),
    outputs: optional(map(json()), "Its outputs, as later steps read them."),
    failure: optional(map(json()), "Why it failed."),
    found: optional(text(), "It was not seen to end, and had taken place."),
  }),
  finding: object({
    ...place,
    title,
    status: required(oneOf("ok", "failed", "unknown"), "Unknown is neither ok nor failed."),
    sentence: required(text(), "What was found."),
    why: optional(text(), "Why it matters."),
  }),
  preview: object({
    ...place,
    effect,
    action,
    lines: required(list(text()), "What it would touch."),
    counters: required(map(number()), "How much of what."),
    digest,
    approve: optional(text(), "What --approve takes, for 24h."),
    irreversible: optional(text(), "Why it cannot be undone."),
  }),
  "approval.requested": object({
    ...place,
    request: required(text(), "APR-..."),
    digest,
    expires: required(text(), "Until when it is good, in UTC."),
    asked: required(json(), "Everything that the second person agrees to; read by approval/record.ts."),
    text: required(text(), "The same, as the second person reads it."),
    path: required(text(), "Where that text is."),
  }),
  approval: object({
    ...place,
    digest,
    decision: required(oneOf("granted", "declined", "needed", "refused"), "What was decided."),
    how: required(oneOf("prompt", "--yes", "--approve", "no-terminal", "second-person"), "By which way."),
    request: optional(text(), "The request that it answers."),
    approver: optional(text(), "Who gave it."),
    fingerprint: optional(text(), "With which key."),
    grant: optional(text(), "The signed text."),
    message: optional(text(), "Why it was refused, or what it rests on."),
  }),
  interlock: object({
    ...place,
    interlock: required(text(), "Which condition."),
    decision: required(oneOf("held", "overridden", "refused"), "What came of it."),
    message,
    how: optional(oneOf("--override", "prompt"), "How it was overridden."),
    reason: optional(text(), "Why it was overridden."),
  }),
  "evidence.skipped": object({
    ...place,
    targets: required(list(target), "What was not captured."),
    reason: required(text(), "The operator's reason."),
  }),
  "evidence.captured": object({
    ...place,
    targets: required(list(target), "What a change destroys."),
    waited_ms: required(number(), "How long the change waited for it."),
    taken: required(list(text()), "Collectors that took all there was."),
    missed: required(list(text()), "The others, each with its reason."),
  }),
  "evidence.sealed": object({
    ...place,
    ...sealing,
    missing: required(list(text()), "What is not in it."),
  }),
  "evidence.failed": object({ ...place, message }),
  "rung.started": object({ run, rung, title }),
  verification: object({
    run,
    rung,
    state: required(oneOf("waiting", "holding", "broken"), "Its state."),
    ok: required(integer({ min: 0 }), "Findings that hold."),
    of: required(integer({ min: 0 }), "Findings that decide the rung."),
    held_ms: optional(number(), "How long they have held."),
    left_ms: required(number(), "How long is left."),
    message,
  }),
  "rung.finished": object({
    run,
    rung,
    title,
    status: required(
      oneOf("held", "mitigated", "persist", "failed", "unknown", "skipped", "declined", "not-attempted"),
      "What came of it.",
    ),
    message,
    despite: optional(text(), "A step that failed without effect."),
    duration_ms: duration,
  }),
  undo: object({
    ...place,
    key,
    path: optional(text(), "The runbook that takes the change back."),
    withheld: optional(text(), "Why there is none."),
  }),
  "run.outcome": object({
    run,
    outcome,
    message,
    rung: optional(text(), "The rung after which the findings held."),
    elapsed_ms: required(number(), "How long it took until then."),
    not_ok: optional(list(notOkShape), "Each step and finding that was not ok."),
    steps: required(map(json()), "What the steps after it read of the others."),
    vars: required(map(json()), "The same of what was saved."),
  }),
  "run.finished": object({
    run,
    outcome,
    exit_code: required(integer(), "The exit code."),
    rung: optional(text(), "The rung after which the findings held."),
    message,
    duration_ms: duration,
    journal: required(text(), "Where its journal is."),
    not_ok: optional(list(notOkShape), "Each step and finding that was not ok."),
  }),
} as const satisfies Readonly<Record<string, ObjectShape<object>>>;

export type RunRecordType = keyof typeof runData;

/** The data of one type. */
export type RunData<T extends RunRecordType> = Exclude<(typeof runData)[T]["type"], undefined>;

export type RunRecord = {
  readonly [T in RunRecordType]: { readonly type: T; readonly data: RunData<T> };
}[RunRecordType];

/** Whether a type is one of a run's. */
export function isRunType(type: string): type is RunRecordType {
  return Object.hasOwn(runData, type);
}

/** Whether a record is of a run. */
export function isOfRun<R extends { readonly type: string }>(
  record: R,
): record is Extract<R, { readonly type: RunRecordType }> {
  return isRunType(record.type);
}

/** The records of one run, of all that a journal holds. */
export function recordsOf<R extends { readonly type: string; readonly data: unknown }>(
  records: Iterable<R>,
  id: string,
): readonly Extract<R, { readonly type: RunRecordType }>[] {
  return [...records].filter(isOfRun).filter(({ data }) => (data as { readonly run: string }).run === id);
}

/** An event as its journal has it: the envelope says when. */
export function recordOf(event: RunEvent): RunRecord {
  const { type, time: _time, ...data } = event;
  // Each of the union's members fits its own type; the compiler cannot follow a spread of a union that far.
  return { type, data: written(data) } as Fitting<RunEvent>;
}

/** Every event's data against its record's: a field that was renamed on one side alone does not compile. */
type Fitting<E extends RunEvent> = {
  [T in E["type"]]: {
    readonly type: T;
    readonly data: Fit<Omit<Extract<E, { readonly type: T }>, "type" | "time">, T>;
  };
}[E["type"]];

type Fit<D, T extends RunRecordType> =
  Exclude<keyof D, keyof RunData<T>> extends never
    ? Written<D>
    : { readonly notInTheRecord: Exclude<keyof D, keyof RunData<T>> };
