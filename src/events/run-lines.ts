import {
  boolean,
  integer,
  json,
  list,
  map,
  object,
  oneOf,
  optional,
  required,
  text,
} from "../language/shape.ts";
import { failureShape } from "./failure-line.ts";
import { notOkShape } from "./not-ok.ts";
import { amount, instant, line, milliseconds, type LineOf } from "./line-shape.ts";

const run = { run: required(text(), "The run's id.") };
const section = oneOf("diagnose", "steps", "resolve", "verify", "after");
const place = {
  ...run,
  step: required(text(), "The step's id."),
  section: required(section, "Its section."),
  rung: optional(text(), "Its rung."),
  groups: optional(list(text()), "The groups and includes around it, the outermost first."),
};
const groupPlace = {
  ...run,
  group: required(text(), "The group's id."),
  section: place.section,
  rung: place.rung,
  groups: place.groups,
};
const effect = required(oneOf("read", "change", "destructive"), "What the step can do to the world.");
const title = required(text(), "Its title.");

/** What a run and a rehearsal (`run --dry-run --live`) tell. */
export const runLines = {
  "run.started": line("A run begins or resumes.", {
    ...run,
    runbook: required(text(), "The runbook's name."),
    title,
    severity: optional(oneOf("P0", "P1", "P2", "P3"), "The runbook's severity."),
    severity_name: optional(text(), "The severity as the runbook names it, where that is another name."),
    digest: required(text(), "SHA-256 of the runbook's text and of what it includes."),
    platform: required(text(), "The platform's name."),
    platform_file: required(text(), "The platform file, as it was named or found."),
    environment: optional(text(), "The environment of the platform file."),
    production: required(boolean(), "The environment is marked as production."),
    params: required(map(json()), "The runbook's parameters."),
    response_ms: optional(milliseconds, "The time a person has to respond to this severity."),
    response_since: optional(
      instant,
      "When that time began, where it was before this line: with the incident, or with the run that is resumed.",
    ),
    incident: optional(text(), "The incident it belongs to."),
    resumed: required(boolean(), "It resumes from the journal of an earlier process."),
    journal: required(text(), "The path of its journal; empty for a rehearsal, which keeps none."),
    concurrent_runs: required(
      list(
        object({
          run: required(text(), "Its id."),
          runbook: required(text(), "Its runbook."),
          actor: required(text(), "Who started it."),
          since: required(instant, "When it began."),
        }),
      ),
      "Other runs that are under way on the same platform.",
    ),
  }),
  "group.started": line("A group of steps begins.", { ...groupPlace, title }),
  "group.finished": line("A group has ended; one whose condition is false ends without a beginning.", {
    ...groupPlace,
    title,
    outcome: required(oneOf("ok", "failed", "skipped", "unknown"), "The worst of its steps."),
    message: required(text(), "One sentence: how many ended well, or which did not and why."),
    duration_ms: required(milliseconds, "How long it took."),
  }),
  "step.started": line("A step begins.", {
    ...place,
    title,
    kind: required(text(), "Its kind."),
    effect,
    action: required(text(), "The exact action on the exact target, as the plan prints it."),
  }),
  "step.ticked": line("A person has ticked off a line of a checklist, or answered an `ask`.", {
    ...place,
    key: required(text(), "The step, with its section and the item of its list."),
    heading: required(text(), "The section of the checklist, or the question."),
    tick: required(text(), "The line that was ticked off, or the answer."),
    by: required(text(), "The person."),
  }),
  "step.finished": line("A step has ended. Every step that started finishes once.", {
    ...place,
    title,
    kind: required(text(), "Its kind."),
    effect,
    outcome: required(oneOf("ok", "failed", "skipped", "unknown"), "unknown: it may have taken effect."),
    duration_ms: required(milliseconds, "How long it took."),
    attempts: required(integer({ min: 0 }), "How often it was tried."),
    outputs: optional(map(json()), "Its outputs by name."),
    failure: optional(failureShape, "Why it is not ok."),
    message: optional(text(), "One sentence: why it failed, is unknown or was skipped."),
    tolerated: optional(boolean(), "true: it did not end well, and the steps after it run."),
  }),
  finding: line("A step of the diagnosis has been judged.", {
    ...place,
    title,
    outcome: required(oneOf("ok", "failed", "unknown"), "Unknown is never ok and never failed."),
    sentence: required(text(), "What was found."),
    why: optional(text(), "Why it matters."),
  }),
  preview: line("What a change would touch now, from live reads.", {
    ...place,
    effect,
    action: required(text(), "The exact action."),
    lines: required(list(text()), "The preview, for a person."),
    counters: required(map(amount), "Its numbers by name."),
    digest: required(text(), "Of the action and of what of it binds."),
    approve: required(text(), "What --approve takes, for 24h."),
    irreversible: optional(text(), "Why it cannot be undone."),
  }),
  "approval.requested": line("A second person is asked for.", {
    ...place,
    request: required(text(), "Its id: good for one step, once."),
    digest: required(text(), "The digest of the action and its preview."),
    expires: required(instant, "Until when it can be approved."),
    asked: required(json(), "Everything the second person agrees to, in the names of the signed request."),
    text: required(text(), "The block that `lav-ir approve` takes."),
    path: required(text(), "The file with that block."),
  }),
  approval: line("Consent was given, refused or is missing.", {
    ...place,
    digest: required(text(), "The digest it is for."),
    decision: required(
      oneOf("granted", "declined", "needed", "refused"),
      "refused: a second person's approval does not count, and the step still waits for one.",
    ),
    how: required(oneOf("prompt", "--yes", "--approve", "no-terminal", "second-person"), "How it was given."),
    request: optional(text(), "The request that a second person answered."),
    approver: optional(text(), "Who approved."),
    fingerprint: optional(text(), "The fingerprint of the approver's key."),
    grant: optional(text(), "The signed approval."),
    message: optional(text(), "Why it was refused, or what it rests on."),
  }),
  interlock: line("A condition that must hold before a step was checked.", {
    ...place,
    interlock: required(text(), "Its name."),
    decision: required(oneOf("held", "overridden", "refused"), "Whether the step may run."),
    message: required(text(), "Why it holds, or why not."),
    how: optional(oneOf("--override", "prompt"), "How it was overridden."),
    reason: optional(text(), "The operator's reason."),
  }),
  "rung.started": line("A rung of the ladder begins.", { ...run, rung: required(text(), "Its id."), title }),
  verification: line("The state of a rung's verification has changed.", {
    ...run,
    rung: required(text(), "The rung's id."),
    state: required(
      oneOf("waiting", "holding", "broken"),
      "waiting: the findings do not hold yet. holding: they must hold for a while. broken: they no longer hold.",
    ),
    ok: required(integer({ min: 0 }), "Findings that hold, of those that decide the rung."),
    of: required(integer({ min: 0 }), "Findings that decide the rung."),
    held_ms: optional(milliseconds, "How long they have held."),
    left_ms: required(milliseconds, "The time left to begin to hold, or to keep holding."),
    message: required(text(), "One sentence."),
  }),
  "rung.finished": line("A rung has ended.", {
    ...run,
    rung: required(text(), "Its id."),
    title,
    outcome: required(
      oneOf("held", "mitigated", "persist", "failed", "unknown", "skipped", "declined", "not-attempted"),
      "held: the findings hold. mitigated: those that decide the rung hold, others persist. persist: findings persist. failed: a step failed without effect. unknown: an effect may have happened. not-attempted: nobody could be asked for a change of it, and that was not made.",
    ),
    message: required(text(), "One sentence."),
    failed_step: optional(text(), "The findings hold, although this step failed without effect, and why."),
    duration_ms: required(milliseconds, "How long it took."),
  }),
  undo: line("A change can be taken back, or not.", {
    ...place,
    key: required(text(), "The change, as the journal's intent names it."),
    path: optional(text(), "A runbook that `lav-ir run` accepts."),
    withheld: optional(text(), "Why there is none."),
  }),
  "run.finished": line("A run has ended.", {
    ...run,
    outcome: required(
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
      "healthy: every finding was ok. resolved: the findings hold after a rung. completed: a procedure came to its end. findings: the diagnosis found something, and there is no ladder. mitigated: the deciding findings hold, others persist. exhausted: no rung was enough.",
    ),
    exit_code: required(integer({ min: 0 }), "The exit code of the process."),
    rung: optional(text(), "The rung after which the findings held."),
    message: required(text(), "One sentence."),
    duration_ms: required(milliseconds, "How long it took."),
    journal: required(text(), "The path of its journal; empty for a rehearsal."),
    not_ok: optional(
      list(notOkShape),
      "Each step and finding that was not ok; left out where there is none.",
    ),
  }),
};
export type RunLine = LineOf<typeof runLines> & { readonly time: Date };
