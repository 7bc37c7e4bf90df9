// One change, written down before and after. The order is the point of this file: 2 is on the disk
// before 3 begins, and 4 before 5.
//
//   consent              askConsent: interlocks, evidence, preview, question, preview again, interlocks again
//   1. state before      kind.capture: what the change replaces
//   2. step.intent       action, arguments, state before, digest, idempotency key
//   3. the effect        kind.execute
//   4. step.outcome      ok, failed, or unknown
//   5. undo              the runbook that takes it back
//
// What a kill leaves, and what a resumption makes of it (`fromPast`):
//
//   before 2    nothing happened: it is asked for and done anew
//   2 to 4      an intent without an outcome. kind.happened looks: yes -> outcome and undo are written now; no ->
//               done anew; unknown, or no way to look -> unknown, and not tried again, unless the author asked for
//               `retry` and the kind says why running it twice is safe
//   4 to 5      done; the undo is written now
//
// A failure counts as "failed" only where its effect is known to be none; everything else is unknown. An outcome
// that cannot be written stops the run and names the change, which has perhaps taken place and is not on record.

import { effectOf, failureText, type Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { ok, type Result } from "../base/result.ts";
import type { Kind } from "../kinds/kind.ts";
import { actionOf, shownArgs } from "../plan/plan.ts";
import { titleOf } from "../plan/print.ts";
import { approve, showPreview } from "./consent.ts";
import { idempotencyKey, within } from "./step-deadline.ts";
import type { StepPlace } from "../events/run.ts";
import { gather, type Gathering } from "./evidence.ts";
import { meetInterlocks, stillMet } from "./interlock.ts";
import { requestFor } from "./request.ts";
import { keepExactly, keepOutputs } from "./journal-values.ts";
import { JournalError, record } from "./session.ts";
import { addUndo, writeUndo } from "./undo.ts";
import type { Running, Ran, StepInstance } from "./step-types.ts";

/** Consent to a step's changes: its digest, and what it binds to by each change's key. */
export interface Consent {
  readonly digest: string;
  readonly bindings: ReadonlyMap<string, Json>;
  readonly gathering: Gathering;
}

/** Asks for everything that is to be done at once. */
export async function askConsent(
  running: Running,
  place: StepPlace,
  todo: readonly StepInstance[],
): Promise<Result<Consent>> {
  const met = await meetInterlocks(running, place);
  if (!met.ok) return met;
  const gathering = await gather(running, place, todo);
  const request = requestFor(running, place, todo);
  const digest = await approve(running.session, request);
  if (!digest.ok) {
    await gathering.abandon();
    return digest;
  }
  await gathering.settle();
  // Looked at last: what was captured took its time.
  const still = await stillMet(running, place, met.value);
  if (still.ok) return ok({ digest: digest.value, bindings: request.bindings, gathering });
  await gathering.abandon();
  return still;
}

/** In a rehearsal: shows what the changes would touch, and makes none. */
export async function rehearseChanges(
  running: Running,
  place: StepPlace,
  instances: readonly StepInstance[],
): Promise<Ran | undefined> {
  if (instances.length === 0) return undefined;
  const request = requestFor(running, place, instances);
  const preview = await request.preview();
  if (!preview.ok) return failed(preview.failure, "unknown");
  await showPreview(running.session, request, preview.value);
  return undefined;
}

/** One change, from its state before to its outcome, each on the disk before what follows it. */
export async function runChange(
  running: Running,
  place: StepPlace,
  instance: StepInstance,
  { digest, bindings }: Consent,
): Promise<Ran> {
  const { session, step, plan } = running;
  const { kind } = step;
  let before: Json = null;
  if (kind.capture !== undefined) {
    const { capture } = kind;
    const captured = await within(
      running,
      "recording what it replaces",
      (context) => capture(instance.args, context),
      instance,
    );
    if (!captured.ok) return failed({ ...captured.failure, effect: "none" }, "failed");
    before = captured.value;
  }
  const { key } = instance;
  const people = session.approvals?.peopleFor(digest);
  const consented = bindings.get(key);
  const agreed = {
    ...(people === undefined ? {} : { people }),
    ...(consented === undefined ? {} : { consented }),
  };
  const exact = keepExactly(before, session.redactor);
  await record(session, "step.intent", {
    key,
    ...place,
    action: actionOf(step, plan, instance.names),
    args: shownArgs(step, plan, instance.names),
    ...(exact === undefined ? { before, exact: false } : { before: exact }),
    digest,
    idempotency_key: idempotencyKey(session.run, key),
  });
  const result = await within(
    running,
    `running ${step.id}`,
    (context) => kind.execute(instance.args, { ...context, ...agreed }),
    instance,
  );
  const ran: Ran = result.ok
    ? { status: "ok", outputs: result.value }
    : failed(result.failure, effectOf(result.failure) === "none" ? "failed" : "unknown");
  try {
    await record(session, "step.outcome", {
      key,
      ...place,
      status: ran.status,
      outputs: keepOutputs(ran.outputs, session.redactor),
      ...(ran.failure === undefined ? {} : { failure: ran.failure }),
    });
  } catch (error) {
    if (error instanceof JournalError && ran.status !== "failed") error.change = titleOf(step, plan);
    throw error;
  }
  if (ran.status !== "failed") {
    running.scope.last.changed = session.ports.clock.now();
    await writeUndo(running, place, instance, before);
  }
  return ran;
}

/** What is already known of a change from the journal; undefined when it is still to be done. */
export async function fromPast(
  running: Running,
  place: StepPlace,
  instance: StepInstance,
): Promise<Ran | undefined> {
  const { past } = running.session;
  const ended = past.ended.get(instance.key);
  if (ended?.status === "ok") {
    running.scope.last.changed = latest(running.scope.last.changed, ended.at);
    // The process may have ended between the outcome and the undo.
    if (instance.undo !== undefined) addUndo(running, instance, instance.undo, ended.before);
    else if (!past.undone.has(instance.key)) await writeUndo(running, place, instance, ended.before);
    return { status: "ok", outputs: ended.outputs };
  }
  const open = past.open.get(instance.key);
  if (open === undefined) return undefined;
  const { kind, retry } = running.step;
  const happened = await lookWhether(running, kind, instance, open.before, open.since);
  switch (happened) {
    case "no":
      return undefined;
    case "yes":
      running.scope.last.changed = running.session.ports.clock.now();
      await record(running.session, "step.outcome", {
        key: instance.key,
        ...place,
        status: "ok",
        found: "it had already taken effect",
      });
      await writeUndo(running, place, instance, open.before);
      return { status: "ok", outputs: {} };
    case "unknown":
      // The author asked for repetition, and the kind says what makes it safe: that holds after a crash too.
      if (retry !== undefined && kind.retrySafe !== undefined) return undefined;
      return {
        status: "unknown",
        outputs: {},
        doubtful: true,
        message: "it started before the interruption, and whether it took effect cannot be determined",
      };
  }
}

function latest(one: Date | undefined, other: Date): Date {
  return one !== undefined && one > other ? one : other;
}

async function lookWhether(
  running: Running,
  kind: Kind,
  instance: StepInstance,
  before: Json | undefined,
  since: Date,
): Promise<"yes" | "no" | "unknown"> {
  const { happened } = kind;
  if (happened === undefined || before === undefined) return "unknown";
  const looked = await within(
    running,
    "checking whether it took effect",
    async (context) => ok(await happened(instance.args, before, since, context)),
    instance,
  );
  return looked.ok ? looked.value : "unknown";
}

export function failed(failure: Failure, status: "failed" | "unknown"): Ran {
  return { status, outputs: {}, failure, message: failureText(failure) };
}
