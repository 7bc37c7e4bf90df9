import { effectOf, failureText, type Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { ok, type Result } from "../base/result.ts";
import type { Kind } from "../kinds/kind.ts";
import { actionOf, shownArgs } from "../plan/plan.ts";
import { titleOf } from "../plan/print.ts";
import type { Names } from "../language/value.ts";
import { approve, showPreview } from "./approval.ts";
import { idempotencyKey, within } from "./call.ts";
import type { StepPlace, StepStatus } from "./event.ts";
import { gather, type Gathering } from "./evidence.ts";
import { meetInterlocks, stillMet } from "./interlock.ts";
import { requestFor } from "./request.ts";
import { keepExactly, keepOutputs } from "./kept.ts";
import { JournalError, record } from "./session.ts";
import type { Running } from "./step.ts";
import { writeUndo } from "./undo.ts";

/** What came of running a kind, before anybody judged its outputs. */
export interface Ran {
  readonly status: Exclude<StepStatus, "skipped">;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly failure?: Failure;
  readonly message?: string;
}

/** One change of a step: a step without `foreach` has one. */
export interface Instance {
  /** The same in every process that works on this run. */
  readonly key: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly names: Names;
}

/** Consent to a step's changes: its digest, and what it binds to by each change's key. */
interface Consent {
  readonly digest: string;
  readonly bindings: ReadonlyMap<string, Json>;
  readonly gathering: Gathering;
}

/** What the attempts at one step share. */
export interface Attempts {
  /** Consent, once given, is for the step: trying again is not another question. */
  consent?: Result<Consent>;
  /** What came of each change in the attempt before. */
  last?: ReadonlyMap<string, Ran>;
}

/**
 * Consent, then each change in order: its state recorded, its intent on the disk, the effect, the outcome
 * on the disk. What an earlier process did is not done again; what it left open is looked at first.
 */
export async function runChanges(
  running: Running,
  place: StepPlace,
  instances: readonly Instance[],
  attempts: Attempts,
): Promise<readonly Ran[]> {
  const results = await known(running, place, instances, attempts.last);
  const todo = instances.filter((instance) => !results.has(instance.key));
  if (todo.length > 0) {
    const first = attempts.consent === undefined;
    const consent = (attempts.consent ??= await askConsent(running, place, todo));
    for (const instance of todo) {
      const { key } = instance;
      const held = heldBack(running, results);
      if (!consent.ok) results.set(key, failed({ ...consent.failure, effect: "none" }, "failed"));
      else if (held !== undefined) results.set(key, notBegun(key, held));
      else results.set(key, await runChange(running, place, instance, consent.value));
    }
    if (consent.ok && first) await consent.value.gathering.sealed();
  }
  attempts.last = results;
  return instances.flatMap(({ key }) => results.get(key) ?? []);
}

/** What need not be done: by the journal at the first attempt, by the attempt before at a later one. */
async function known(
  running: Running,
  place: StepPlace,
  instances: readonly Instance[],
  last: ReadonlyMap<string, Ran> | undefined,
): Promise<Map<string, Ran>> {
  if (last !== undefined) {
    const well = [...last].filter(([, ran]) => ran.status === "ok");
    // All of them ended well, and what the step waits for does not hold yet: all of them once more.
    return new Map(well.length === last.size ? [] : well);
  }
  const results = new Map<string, Ran>();
  for (const instance of instances) {
    const before = await fromPast(running, place, instance);
    if (before !== undefined) results.set(instance.key, before);
  }
  return results;
}

/** Why no further change may begin. */
function heldBack({ session }: Running, results: ReadonlyMap<string, Ran>): string | undefined {
  if ([...results.values()].some((ran) => ran.status !== "ok")) return "an earlier one did not end well";
  return session.stop.aborted ? "the run is being ended" : undefined;
}

function notBegun(target: string, why: string): Ran {
  const message = `not begun, because ${why}`;
  return failed({ type: "interrupted", target, message, effect: "none" }, "failed");
}

async function askConsent(
  running: Running,
  place: StepPlace,
  todo: readonly Instance[],
): Promise<Result<Consent>> {
  const met = await meetInterlocks(running, place);
  if (!met.ok) return met;
  const gathering = await gather(running, place, todo);
  const request = requestFor(running, place, todo);
  const digest = await approve(running.session, request);
  if (!digest.ok) {
    gathering.abandon();
    return digest;
  }
  await gathering.settle();
  // Looked at last: what was captured took its time.
  const still = await stillMet(running, place, met.value);
  return still.ok ? ok({ digest: digest.value, bindings: request.bindings, gathering }) : still;
}

/** In a rehearsal: shows what the changes would touch, and makes none. */
export async function rehearseChanges(
  running: Running,
  place: StepPlace,
  instances: readonly Instance[],
): Promise<Ran | undefined> {
  if (instances.length === 0) return undefined;
  const request = requestFor(running, place, instances);
  const preview = await request.preview();
  if (!preview.ok) return failed(preview.failure, "unknown");
  await showPreview(running.session, request, preview.value);
  return undefined;
}

async function runChange(
  running: Running,
  place: StepPlace,
  instance: Instance,
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
      instance.key,
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
    key,
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
  if (ran.status !== "failed") await writeUndo(running, place, instance, before);
  return ran;
}

/** What is already known of a change from the journal; undefined when it is still to be done. */
async function fromPast(running: Running, place: StepPlace, instance: Instance): Promise<Ran | undefined> {
  const { past } = running.session;
  const ended = past.ended.get(instance.key);
  if (ended?.status === "ok") {
    // The process may have ended between the outcome and the undo.
    if (!past.undone.has(instance.key)) await writeUndo(running, place, instance, ended.before);
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
      await record(running.session, "step.outcome", {
        key: instance.key,
        ...place,
        status: "ok",
        found: "it had taken place",
      });
      await writeUndo(running, place, instance, open.before);
      return { status: "ok", outputs: {} };
    case "unknown":
      // The author asked for repetition, and the kind says what makes it safe: that holds after a crash too.
      if (retry !== undefined && kind.retrySafe !== undefined) return undefined;
      return {
        status: "unknown",
        outputs: {},
        message: "it was begun before the interruption, and whether it took place cannot be seen",
      };
  }
}

async function lookWhether(
  running: Running,
  kind: Kind,
  instance: Instance,
  before: Json | undefined,
  since: Date,
): Promise<"yes" | "no" | "unknown"> {
  const { happened } = kind;
  if (happened === undefined || before === undefined) return "unknown";
  const looked = await within(
    running,
    "looking whether it took place",
    async (context) => ok(await happened(instance.args, before, since, context)),
    instance.key,
  );
  return looked.ok ? looked.value : "unknown";
}

export function failed(failure: Failure, status: "failed" | "unknown"): Ran {
  return { status, outputs: {}, failure, message: failureText(failure) };
}

/** Outputs of many runs as one result, for a `foreach`. */
export function together(all: readonly Ran[]): Ran {
  const worst = all.find((ran) => ran.status === "unknown") ?? all.find((ran) => ran.status === "failed");
  const { status = "ok", failure, message } = worst ?? {};
  return {
    status,
    outputs: {},
    ...(failure === undefined ? {} : { failure }),
    ...(message === undefined ? {} : { message }),
  };
}
