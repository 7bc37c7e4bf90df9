import { integer, json, map, object, oneOf, optional, required, text } from "../language/shape.ts";
import { instant, line, milliseconds, type LineOf } from "./line-shape.ts";

const holder = object({
  file: required(text(), "The lock's file."),
  pid: required(integer({ min: 0 }), "The process, by its number where it runs."),
  host: required(text(), "Its host; empty where the lock does not say it."),
  since: optional(instant, "Since when."),
  unseen: optional(text(), "Why it cannot be seen from here whether it lives."),
});

const listed = {
  run: required(text(), "Its id."),
  incident: optional(text(), "The incident it belongs to."),
  journal: required(text(), "Where its journal is."),
  state: required(
    oneOf("at_work", "waits", "ended", "unreadable"),
    "waits: it can be resumed. ended: it cannot. unreadable: message says why.",
  ),
  runbook: optional(text(), "The runbook's id."),
  platform: optional(text(), "The platform's name."),
  environment: optional(text(), "Its environment."),
  actor: optional(text(), "Who began it."),
  host: optional(text(), "On which host."),
  began: optional(instant, "When it began."),
  ended: optional(instant, "When it ended, if it has."),
  outcome: optional(text(), "How it ended, if it has."),
  message: optional(text(), "One sentence."),
  holder: optional(holder, "Who is at work on it, or may be."),
};

/** Runs that there is a record of. */
export const listedLines = {
  run: line("A run on record, from `runs` and `runs show`.", {
    ...listed,
    next: optional(text(), "runs show: the command that resumes it."),
  }),
  "run.record": line("A record of a run, from `runs show`, in the order of its journal.", {
    run: required(text(), "Its run."),
    record: required(text(), "The record's type."),
    written: required(instant, "When it was written."),
    actor: required(text(), "By whom."),
    host: required(text(), "On which host."),
    data: required(map(json()), "What it says."),
  }),
  "run.pruned": line("A run that ended long enough ago, from `runs prune`.", {
    run: required(text(), "Its id."),
    incident: optional(text(), "The incident it belongs to."),
    runbook: optional(text(), "The runbook's id."),
    ended: optional(instant, "When it ended."),
    age_ms: required(milliseconds, "Milliseconds since then."),
    outcome: required(
      oneOf("removed", "would-remove", "kept", "failed"),
      "would-remove: consent is missing. failed: it is still there.",
    ),
    why: optional(text(), "Why it is still there."),
  }),
  "run.file": line("A file that a run kept, from `runs show`.", {
    run: required(text(), "Its run."),
    path: required(text(), "Where it is."),
  }),
};
export type ListedLine = LineOf<typeof listedLines>;
