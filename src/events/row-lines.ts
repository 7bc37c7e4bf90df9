import { boolean, integer, json, list, object, oneOf, optional, required, text } from "../language/shape.ts";
import { failureShape } from "./failure-line.ts";
import { instant, line, milliseconds, type LineOf } from "./line-shape.ts";
import { problemShape } from "./refusal-line.ts";

const exit_code = required(integer({ min: 0 }), "The exit code of the process.");

const verified = {
  journal: required(text(), "The journal."),
  verdict: required(
    oneOf("holds", "unsigned", "incomplete", "changed", "cut", "rewritten", "removed", "forged"),
    "unsigned: every sum holds, and nothing is signed. incomplete: a newer version's record must be understood. removed: signatures are gone. forged: a signature does not hold, or is not this desk's.",
  ),
  message: optional(text(), "Why it does not hold, or what is unknown."),
  records: required(integer({ min: 0 }), "Records that hold, from the first."),
  signed: required(integer({ min: 0 }), "The number of the newest one that is signed; 0: none."),
  head: required(text(), "The sum of the last one that holds."),
  unread: required(
    list(
      object({
        line: required(integer({ min: 1 }), "Its number."),
        type: required(text(), "Its type."),
        why: required(oneOf("unknown", "unreadable"), "unknown: a newer version wrote it."),
        must: required(boolean(), "Without it no state is complete."),
      }),
    ),
    "Records that hold and are not understood.",
  ),
  torn: required(boolean(), "The last line has no end."),
};

/** What commands show that has no course: it was so when it was read. */
export const rowLines = {
  runbook: line("A runbook, from `list` and `show`.", {
    runbook: required(text(), "The name that `run` takes."),
    severity: optional(text(), "Its severity: P0 to P3, or another name that the platform file has for one."),
    service: optional(text(), "The service it is about."),
    title: optional(text(), "Its title."),
    path: required(text(), "Its file."),
    problem: optional(text(), "Why it cannot be used."),
    owner: optional(text(), "show: who looks after it."),
    alerts: optional(list(text()), "show, list --alert: the alerts that it answers."),
    links: optional(list(text()), "show: dashboards and pages about it."),
    reviewed: optional(text(), "show: the day on which somebody last read it."),
    symptoms: optional(list(text()), "show: what one sees when it applies."),
    prevent: optional(list(text()), "show: what keeps it from happening again."),
  }),
  "plan.step": line("A step of a plan, from `run --dry-run` and `show`.", {
    section: required(oneOf("diagnose", "steps", "resolve", "verify", "after"), "Its section."),
    rung: optional(text(), "Its rung."),
    groups: optional(list(text()), "The groups and includes around it, the outermost first."),
    step: required(text(), "Its id."),
    title: required(text(), "Its title."),
    kind: required(text(), "Its kind."),
    effect: required(oneOf("read", "change", "destructive"), "What it can do to the world."),
    action: required(text(), "The exact action on the exact target."),
    timeout_ms: required(milliseconds, "Its deadline."),
    command: optional(text(), "show --by-hand: the commands a person would type instead."),
  }),
  "run.verified": line("What `runs verify` says of a run's journal.", {
    run: required(text(), "The run."),
    incident: optional(text(), "The incident whose journal it is in."),
    ...verified,
  }),
  "incident.verified": line("What `incident verify` says of an incident's journal.", {
    incident: required(text(), "The incident."),
    ...verified,
  }),
  lint: line("A runbook that was checked.", {
    path: required(text(), "Its file."),
    outcome: required(oneOf("ok", "failed"), "failed: it is refused by `run`."),
    names_checked: required(boolean(), "A platform file was there to check its names against."),
    diagnostics: required(list(problemShape), "What is wrong."),
    fixed: optional(integer({ min: 1 }), "Places that --fix wrote in it."),
    warnings: required(list(problemShape), "What may be meant, and is refused by nothing."),
    message: required(text(), "The same as text; empty where nothing is wrong."),
  }),
  "lint.finished": line("The end of `lint`.", {
    checked: required(integer({ min: 0 }), "Runbooks and templates that were checked."),
    templates: optional(integer({ min: 0 }), "Of them: templates of messages."),
    platforms: optional(integer({ min: 0 }), "Of them: platform files."),
    failed: required(integer({ min: 0 }), "Those of them that have problems."),
    warnings: required(integer({ min: 0 }), "Warnings in the others."),
    looked: optional(list(text()), "Where no platform file was found."),
    exit_code,
  }),
  "approval.signed": line("The approval that `approve` signed.", {
    request: required(text(), "The request it answers."),
    step: required(text(), "The step it is for."),
    digest: required(text(), "The digest that was agreed to."),
    approver: required(text(), "Who approved."),
    fingerprint: required(text(), "The fingerprint of the approver's key."),
    grant: required(text(), "The line to give to the requester."),
    path: optional(text(), "The file in which the requester's run finds it."),
  }),
  "approval.verified": line("An approval that `approve --verify` checked.", {
    request: required(text(), "The request."),
    step: required(text(), "The step it is for."),
    requester: required(text(), "Who asked."),
    signer: optional(text(), "Who signed the request."),
    holds: required(boolean(), "The approval counts by the list in force."),
    approver: optional(text(), "Who approved."),
    fingerprint: optional(text(), "The fingerprint of the approver's key."),
    message: optional(text(), "Why it does not hold."),
  }),
  "approval.unverified": line("What `approve --verify` could not check.", {
    message: required(text(), "One sentence."),
  }),
  "incident.resolved": line("The incident is resolved.", {
    incident: required(text(), "Its id."),
    repeated: required(boolean(), "It was resolved before."),
    resolved_by: optional(text(), "By whom it was resolved before."),
    resolved_at: optional(text(), "When it was resolved before."),
  }),
  "trading.instance": line("An instance's own account, from `trading status`.", {
    url: required(text(), "Its API."),
    container: optional(text(), "Its container."),
    found: required(oneOf("configured", "label"), "label: the platform file does not name it."),
    answers: required(boolean(), "It answered."),
    failure: optional(failureShape, "Why it did not."),
    instance: optional(text(), "Its name for itself."),
    halted: optional(boolean(), "It takes no orders, as far as the halt covers."),
    stage: optional(text(), "trading, halted, or how far resuming has come."),
    halt: optional(text(), "The id of the halt in force."),
    since: optional(instant, "When the halt began, by its own clock."),
    incident: optional(text(), "The incident of the halt."),
    operator: optional(text(), "Who halted."),
    reason: optional(text(), "Why."),
    covers: optional(
      object({
        all: required(boolean(), "Everything."),
        venues: required(list(text()), "Venues."),
        strategies: required(list(text()), "Strategies."),
      }),
      "What the halt covers.",
    ),
    resumed: optional(list(text()), "Venues at which trading has resumed."),
    killed: optional(list(text()), "Venues that are closed themselves."),
    answered_at: optional(instant, "Its clock when it answered, in whole seconds."),
  }),
  "trading.stopped": line("An instance that exists and does not run, from `trading status`.", {
    container: required(text(), "Its container."),
    state: required(text(), "The container's state."),
  }),
  "trading.venue": line("A venue's own account, from `trading status`.", {
    venue: required(text(), "Its name."),
    market: required(oneOf("open", "closed"), "Whether its market is open."),
    halted: required(boolean(), "The venue itself is closed to orders."),
    open_orders: required(integer({ min: 0 }), "Open orders."),
    answered_at: optional(instant, "Its clock when it answered, in whole seconds."),
  }),
  "trading.status": line("The end of `trading status`.", {
    halted: required(boolean(), "Every instance is halted."),
    instances_failure: optional(failureShape, "Why other instances could not be looked for."),
    venues_failure: optional(failureShape, "Why the venues could not be read."),
    exit_code,
  }),
  "init.file": line("A file that `init` wrote.", {
    path: required(text(), "The file, below the folder."),
    what: required(text(), "What it is for."),
  }),
  "init.finished": line("The end of `init`.", {
    notes: required(list(text()), "What the operator has to know, a sentence each."),
    next: required(list(text()), "The commands to type next."),
    exit_code,
  }),
  explained: line("What a name means, from `explain`.", {
    what: required(
      oneOf("kind", "key", "name", "function", "word", "rule", "contents"),
      "contents: all names, where none is given.",
    ),
    name: required(text(), "The name."),
    text: required(json(), "What the reference says of it; its shape depends on `what`."),
  }),
  schema: line("A JSON Schema, from `schema`.", {
    of: required(oneOf("runbook", "platform", "events"), "What it describes."),
    schema: required(json(), "The schema, draft 2020-12."),
  }),
};
export type RowLine = LineOf<typeof rowLines>;
