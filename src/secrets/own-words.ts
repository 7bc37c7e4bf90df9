let words: ReadonlySet<string> | undefined;

/**
 * Whether a text is, as a whole, a word that the lines of --json and the records of journals are made of: the name of
 * a field, a type, a value of an enumeration. It stands there whatever happens, so it gives nothing away; and a
 * program, or a run that is resumed, reads it. A secret that is such a word is hidden where it is part of a text.
 */
export function isOwnWord(text: string): boolean {
  words ??= new Set(ownWords);
  return words.has(text);
}

/** Of four characters on: of fewer no secret is searched for. test/secrets/own-words.test.ts says which are missing. */
export const ownWords: readonly string[] = [
  "--approve --override --yes PARTIAL PROVEN UNKNOWN absent accepted accepted_at action actor added adopted",
  "affects after after_ms age_ms alert alone another answer answered answered_at answers approval approval-needed",
  "approval.requested approval.signed approval.unverified approval.verified approve approver args argument arrived asked",
  "alerts at_work attempts before began binary body bound bounded bridge broken bytes call cancelled cap_bytes cause chain change",
  "changed channel checked claimed client clock clock.fired clock_step_ms clocks closed closing code collector",
  "not_ok word column command commander comms complete completed completeness concurrent_runs config configuration configured",
  "consent contact container counted counters covers custody cut_bytes cut_end damaged data date-header deadline_ms decision",
  "declined delivered denied desk desk.clock desk.head despite destructive detection diagnose diagnostics differs",
  "digest doing done doubts draft drill drills drop duration_ms effect elapsed_ms email ended ended_at ends environment error",
  "error_ms errors escalation estimated eta_s events every evidence.captured evidence.failed evidence.sealed",
  "evidence.skipped exact exceptions exhausted exit exit_code expectation expires expression failed failed_step",
  "failure field figure figures file files fill filled_at fills finding findings fingerprint forged format found from given",
  "grant granted group group.finished group.started groups halt halt.answer halt.closed halt.doubt halt.finished halt.incident halt.intent halt.receipt",
  "halt.sent halted halts handoff head header healthy held held_ms high hint holder holding holds home host",
  "idempotency_key impact incident incident.action incident.affects incident.answer incident.cancelled",
  "incident.correct incident.declared incident.event incident.fact incident.figure incident.handoff incident.joined",
  "incident.listed incident.missing incident.not_recorded incident.note incident.record incident.recorded incident.reopened",
  "incident.resolved incident.review incident.review_page incident.reviewed incident.role incident.security incident.severity incident.stats incident.status",
  "incident.verified incident_state incomplete init.file init.finished instance instances instances_failure instrument intact integrity interlock",
  "interrupted invalid irreversible items journal journal.torn kept kept_bytes killed kind known label left_ms left_out links",
  "level limit_bytes line lines lint lint.finished lock.taken looked lower market matches mean_ms means measure measured median_ms medium",
  "meets message message.attempt message.queued message.result missed missing mitigated mitigated_by more mttr must message.preview notes",
  "name names_checked needed newest next no-route no-terminal none not-attempted not_recorded notice number objective_ms objectives offer",
  "monotonic already block imported incident.imported planned refs sent_as",
  "offset_ms oldest open open_first open_last open_orders operator order outcome outputs overflow overridden",
  "owner page pagerduty pages params partial path persist persisted person phone plan.step platform platform_file",
  "policy prevent preventive preview price priority problem problems production prompt proof provider provider_id",
  "quantity read read_at reading reason receipt record recorded recorded_at records refused rejected remind",
  "reminder removed repeat repeated request requester reset resigned resolve resolved resolved_at resolved_by",
  "response response_ms response_since resumed reviewed retry_after_s review_on rewritten role run.file run.finished run.kept run.outcome run.pruned",
  "run.record run.removed run.started run.verified runbook rung rung.finished rung.started salvaged same same_as",
  "sample schema scope scribe sealed second-person secret section security seen_bytes sent sentence sequence",
  "service severities severity severity_name sha256 shown side sign signal signed signer since skipped slack snapshot",
  "snapshot.collector snapshot.difference snapshot.failed snapshot.kept snapshot.plan snapshot.pruned",
  "snapshot.removed snapshot.sealed snapshot.verified sound source spacing_ms stage stakeholders started started_at state",
  "status stderr heading tick step step.finished step.ticked step.intent step.list group.list step.outcome step.started step_ms steps store",
  "strategies strategy summary superseded symbol symptoms taken taken_at target targets teams templates text through time texts twilio",
  "timeout timeout_ms title token told_by tolerated tool torn trading trading.instance trading.status trading.stopped",
  "trading.venue training triggers trusted type typed unanswered undo unheard unit unknown unreachable unread",
  "unreadable unseen unsigned until update upper usage value value_after value_before vendor venue venues",
  "venues_failure verdict verification verify version volatile waited_ms waiting waits warnings webhook ways what when",
  "vars contents end_column end_line explained fixed function platforms rule",
  "withdraw withdrawn withheld within within_s worst worst_ms would-remove written zone",
  // Of a bag.
  "Agent BagIt Bagging Character Date Description Encoding External File Identifier Internal Oxum Payload Sender Software Version",
  "bagit collectors html info json jsonl manifest redactions report tagmanifest",
].flatMap((line) => line.split(" "));
