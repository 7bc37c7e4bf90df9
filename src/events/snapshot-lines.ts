import {
  boolean,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  required,
  text,
} from "../language/shape.ts";
import { instant, line, milliseconds, type LineOf } from "./line-shape.ts";

const exit_code = required(integer({ min: 0 }), "The exit code of the process.");
const bytes = integer({ min: 0 });
const missing = required(
  list(
    object({
      collector: required(text(), "The collector."),
      what: required(text(), "The part."),
      why: required(text(), "Why it is missing."),
    }),
  ),
  "The parts that are missing.",
);
const collector = required(text(), "The collector's id.");
const target = required(text(), "What it reads from.");
const summary = required(text(), 'What it takes, read with " of TARGET" behind it.');
const snapshot = required(text(), "The snapshot's name.");
const verdict = required(oneOf("complete", "partial"), "partial: something is missing.");
const kept = {
  snapshot,
  path: required(text(), "The sealed file, or the folder that a killed capture left."),
  incident: optional(text(), "Its incident."),
  incident_state: required(
    oneOf("none", "open", "closed", "unknown"),
    "Whether its incident is over, as far as this machine knows.",
  ),
  taken_at: required(instant, "When it was taken, by its name."),
  bytes: required(bytes, "Its size, with its digest and signature."),
  sealed: required(boolean(), "false: a killed capture left it, and `snapshot salvage` seals it."),
  by: required(oneOf("operator", "run"), "Who took it."),
  age_ms: required(milliseconds, "Its age."),
};

/** What is told while a snapshot is taken. */
export const takingLines = {
  "snapshot.collector": line("A collector has ended, or is in a bundle.", {
    collector,
    target,
    summary,
    outcome: required(oneOf("ok", "partial", "timeout", "denied", "skipped", "error"), "How it ended."),
    why: optional(text(), "Why it is not ok."),
    started_at: required(text(), "When it began."),
    ended_at: required(text(), "When it ended."),
    duration_ms: required(milliseconds, "How long it took."),
    seen_bytes: required(bytes, "How much came."),
    kept_bytes: required(bytes, "How much is kept."),
    deadline_ms: required(milliseconds, "Its deadline."),
    cap_bytes: required(bytes, "How much it keeps at most."),
    files: optional(
      list(
        object({
          path: required(text(), "From the bag's folder on."),
          kind: required(oneOf("text", "binary"), "What it holds."),
          seen_bytes: required(bytes, "How much came."),
          kept_bytes: required(bytes, "How much is kept, after redaction."),
          cut_bytes: optional(bytes, "How much was dropped over the cap."),
          cut_end: optional(oneOf("oldest", "newest"), "Which end was dropped."),
          withheld: optional(text(), "Why it is not whole, or not there."),
        }),
      ),
      "show: its files.",
    ),
  }),
  "snapshot.sealed": line("A snapshot was sealed.", {
    snapshot,
    path: required(text(), "The sealed file."),
    sha256: required(text(), "Its digest."),
    bytes: required(bytes, "Its size."),
    key: optional(text(), "The fingerprint of the key that signed it."),
    unsigned: optional(text(), "Why it has no signature."),
    verdict,
    missing,
    left_out: required(list(text()), "Collectors that --only left out."),
    duration_ms: required(milliseconds, "How long it took."),
    exit_code,
  }),
  "snapshot.failed": line("A snapshot could not be sealed.", {
    message: required(text(), "Why."),
    stage: optional(text(), "The folder with what was captured, for `snapshot salvage`."),
    exit_code,
  }),
};
export type TakingLine = LineOf<typeof takingLines>;

/** What the commands on snapshots tell. */
export const snapshotLines = {
  ...takingLines,
  "snapshot.plan": line("A collector that would run, from `snapshot --plan`.", {
    collector,
    target,
    summary,
    volatile: required(boolean(), "A change destroys what it takes."),
    deadline_ms: required(milliseconds, "Its deadline."),
    cap_bytes: required(bytes, "How much it keeps at most."),
  }),
  snapshot: line("What a bundle says of itself, from `snapshot show`.", {
    snapshot,
    path: required(text(), "The sealed file."),
    sound: required(boolean(), "false: it is not what was sealed; `snapshot verify` says in what."),
    version: required(text(), "The version of lav-ir that took it."),
    incident: optional(text(), "Its incident."),
    actor: required(text(), "Who took it."),
    host: required(text(), "Where."),
    zone: required(text(), "The time zone there."),
    since: required(text(), "From when on logs and events were taken."),
    started_at: required(text(), "When it began."),
    ended_at: required(text(), "When it ended."),
    duration_ms: required(milliseconds, "How long it took, by a clock that does not step."),
    clock_step_ms: required(integer(), "How far the clock stepped during the capture."),
    platform: required(text(), "The platform."),
    environment: optional(text(), "Its environment."),
    production: required(boolean(), "It is marked as production."),
    left_out: required(list(text()), "Collectors that --only left out."),
    verdict,
    missing,
    findings: required(list(text()), "What an operator should see first."),
    custody: required(text(), "The sum of the chain of custody."),
    salvaged: optional(text(), "The killed capture that it was salvaged from."),
  }),
  "snapshot.verified": line("The verdicts of `snapshot verify`: none says anything of another.", {
    path: required(text(), "The sealed file."),
    sha256: required(text(), "Its digest."),
    integrity: required(oneOf("intact", "broken"), "broken: it is not what was sealed."),
    problems: required(
      list(
        object({
          type: required(text(), "What kind of problem."),
          path: required(text(), "From the bag's folder on; empty when it is about the whole."),
          message: required(text(), "One sentence."),
        }),
      ),
      "In what it is not what was sealed.",
    ),
    digest: required(oneOf("matches", "differs", "absent"), "The .sha256 beside it."),
    signer: required(
      object({
        verdict: required(
          oneOf("trusted", "another", "none", "invalid"),
          "another: a key that is not trusted.",
        ),
        name: optional(text(), "Whose key it is."),
        key: optional(text(), "The key's fingerprint."),
        why: optional(text(), "Why the signature is not valid."),
      }),
      "Who signed it.",
    ),
    completeness: optional(oneOf("complete", "partial"), "Whether something is missing, where it says so."),
    journal: required(
      object({
        verdict: required(
          oneOf("matches", "resigned", "differs", "broken", "absent"),
          "resigned: another key signed it then. differs: another digest is on record. broken: it is mentioned only after a corrupted record.",
        ),
        journal: optional(text(), "The journal that mentions it."),
        recorded_at: optional(text(), "When it was recorded."),
        actor: optional(text(), "By whom."),
        key: optional(text(), "resigned: the key that signed it then."),
        sha256: optional(text(), "differs: the digest on record."),
        chain: optional(
          oneOf("same", "another"),
          "differs: whether the chain of custody is the one recorded.",
        ),
        why: optional(text(), "broken: what is wrong with the journal."),
      }),
      "What the journals of this machine say.",
    ),
    exit_code,
  }),
  "snapshot.difference": line("A difference between two bundles, from `snapshot diff`.", {
    kind: required(oneOf("added", "removed", "changed", "status", "measure", "secret"), "What differs."),
    path: optional(text(), "added, removed, changed, secret: the file."),
    bytes: optional(bytes, "added, removed: its size."),
    lines: optional(
      list(
        object({
          sign: required(oneOf("-", "+"), "-: before, +: after."),
          text: required(text(), "The line."),
        }),
      ),
      "changed: its lines that differ, or the first of them.",
    ),
    more: optional(integer({ min: 0 }), "changed: how many more lines differ."),
    collector: optional(text(), "status: the collector."),
    before: optional(text(), "status: how it ended before."),
    after: optional(text(), "status: how it ended after."),
    name: optional(text(), "measure: its name."),
    value_before: optional(number(), "measure: before."),
    value_after: optional(number(), "measure: after."),
    unit: optional(text(), "measure: its unit."),
    token: optional(text(), "secret: its token."),
    in: optional(oneOf("before", "after"), "secret: the one bundle that has it."),
  }),
  "snapshot.kept": line("A snapshot, from `snapshot list`.", kept),
  "snapshot.pruned": line("A snapshot that is old enough, from `snapshot prune`.", {
    ...kept,
    outcome: required(
      oneOf("removed", "would-remove", "kept", "failed"),
      "kept: its incident may still be open. failed: its removal could not be recorded, so it is still there.",
    ),
  }),
};
export type SnapshotLine = LineOf<typeof snapshotLines>;
