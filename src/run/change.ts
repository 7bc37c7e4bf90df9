import { createHash } from "node:crypto";
import { effectOf, failureText, type Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import { ok, type Result } from "../base/result.ts";
import { whyIrreversible, type Kind, type KindContext, type Preview } from "../kinds/kind.ts";
import { actionOf, shownArgs } from "../plan/plan.ts";
import type { Names } from "../language/value.ts";
import { approve, showPreview, type Request } from "./approval.ts";
import { withDeadline } from "./deadline.ts";
import type { StepPlace, StepStatus } from "./event.ts";
import { shownOutputs } from "./scope.ts";
import { record } from "./session.ts";
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

const noPreview: Preview = { lines: [], binding: null, counters: {}, confirm: "yes" };

/**
 * Consent, then each change in order: its state recorded, its intent on the disk, the effect, the outcome
 * on the disk. What an earlier process did is not done again; what it left open is looked at first.
 */
export async function runChanges(
  running: Running,
  place: StepPlace,
  instances: readonly Instance[],
): Promise<readonly Ran[]> {
  const { session } = running;
  const results = new Map<string, Ran>();
  for (const instance of instances) {
    const before = await fromPast(running, instance);
    if (before !== undefined) results.set(instance.key, before);
  }
  const todo = instances.filter((instance) => !results.has(instance.key));
  if (todo.length > 0) {
    const consent = await askConsent(running, place, todo);
    for (const instance of todo) {
      const ran = consent.ok
        ? stopped(results) || session.stopping()
          ? notBegun(instance.key)
          : await runChange(running, place, instance, consent.value)
        : failed(consent.failure, "failed");
      results.set(instance.key, ran);
    }
  }
  return instances.map((instance) => results.get(instance.key) ?? notBegun(instance.key));
}

function stopped(results: ReadonlyMap<string, Ran>): boolean {
  return [...results.values()].some((ran) => ran.status !== "ok");
}

function notBegun(target: string): Ran {
  return failed(
    {
      type: "interrupted",
      target,
      message: "not begun, because an earlier one did not end well",
      effect: "none",
    },
    "failed",
  );
}

async function askConsent(
  running: Running,
  place: StepPlace,
  todo: readonly Instance[],
): Promise<Result<string>> {
  return await approve(running.session, requestFor(running, place, todo));
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

function requestFor(running: Running, place: StepPlace, todo: readonly Instance[]): Request {
  const { step, plan } = running;
  if (step.effect === "read") throw new Error(`${step.id} is a read and asks for nothing`);
  const actions = todo.map((instance) => actionOf(step, plan, instance.names));
  const action =
    actions.length === 1 ? (actions[0] ?? step.id) : `${actions.length} times: ${actions.join("; ")}`;
  const args = todo.map((instance) => shownArgs(step, plan, instance.names));
  return {
    place,
    effect: step.effect,
    action,
    args,
    irreversible: args
      .map((shown) => whyIrreversible(step.kind, shown))
      .find((reason) => reason !== undefined),
    preview: async () => await previewAll(running, todo),
    prompt: running.prompt,
  };
}

async function previewAll(running: Running, todo: readonly Instance[]): Promise<Result<Preview>> {
  const { preview } = running.step.kind;
  if (preview === undefined) return ok({ ...noPreview, confirm: confirmWord(running, todo) });
  const previews: Preview[] = [];
  for (const instance of todo) {
    const read = await within(
      running,
      `previewing ${running.step.id}`,
      (context) => preview(instance.args, context),
      instance.key,
    );
    if (!read.ok) return read;
    previews.push(read.value);
  }
  const [only] = previews;
  if (previews.length === 1 && only !== undefined) return ok(only);
  const counters: Record<string, bigint> = {};
  for (const one of previews) {
    for (const [name, count] of Object.entries(one.counters))
      counters[name] = (counters[name] ?? 0n) + BigInt(count);
  }
  return ok({
    lines: previews.flatMap((one) => one.lines),
    binding: previews.map((one) => one.binding),
    counters,
    confirm: String(previews.length),
    destructive: previews.some(({ destructive }) => destructive === true),
  });
}

/** A destructive step without a preview of its own is confirmed by its id, or by how many there are. */
function confirmWord(running: Running, todo: readonly Instance[]): string {
  return todo.length === 1 ? running.step.id : String(todo.length);
}

async function runChange(
  running: Running,
  place: StepPlace,
  instance: Instance,
  digest: string,
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
  await record(session, "step.intent", {
    key,
    ...place,
    action: actionOf(step, plan, instance.names),
    args: shownArgs(step, plan, instance.names),
    before,
    digest,
    idempotency_key: idempotencyKey(session.run, key),
  });
  const result = await within(
    running,
    `running ${step.id}`,
    (context) => kind.execute(instance.args, context),
    key,
  );
  const ran: Ran = result.ok
    ? { status: "ok", outputs: result.value }
    : failed(result.failure, effectOf(result.failure) === "none" ? "failed" : "unknown");
  await record(session, "step.outcome", {
    key,
    ...place,
    status: ran.status,
    outputs: shownOutputs(ran.outputs),
    ...(ran.failure === undefined ? {} : { failure: ran.failure }),
  });
  if (ran.status !== "failed") await writeUndo(running, place, instance, before);
  return ran;
}

/** What is already known of a change from the journal; undefined when it is still to be done. */
async function fromPast(running: Running, instance: Instance): Promise<Ran | undefined> {
  const { past } = running.session;
  const ended = past.ended.get(instance.key);
  if (ended?.status === "ok") return { status: "ok", outputs: ended.outputs };
  const open = past.open.get(instance.key);
  if (open === undefined) return undefined;
  const { kind } = running.step;
  const happened = await lookWhether(running, kind, instance, open.before, open.since);
  switch (happened) {
    case "no":
      return undefined;
    case "yes":
      await record(running.session, "step.outcome", {
        key: instance.key,
        status: "ok",
        found: "it had taken place",
      });
      return { status: "ok", outputs: {} };
    case "unknown":
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
  before: Json,
  since: Date,
): Promise<"yes" | "no" | "unknown"> {
  const { happened } = kind;
  if (happened === undefined) return "unknown";
  const looked = await within(
    running,
    "looking whether it took place",
    async (context) => ok(await happened(instance.args, before, since, context)),
    instance.key,
  );
  return looked.ok ? looked.value : "unknown";
}

/** Runs one call of the kind under the step's deadline. */
export async function within<T>(
  running: Running,
  doing: string,
  call: (context: KindContext) => Promise<Result<T>>,
  key: string,
): Promise<Result<T>> {
  const { session, step } = running;
  const ports = { ...session.ports, prompt: running.prompt };
  const deadline = { within: step.timeout, target: step.id, doing, signal: session.kill };
  return await withDeadline(deadline, (signal) =>
    call({ ports, signal, timeout: step.timeout, idempotencyKey: idempotencyKey(session.run, key) }),
  );
}

export function idempotencyKey(run: string, key: string): string {
  return `${run}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
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
