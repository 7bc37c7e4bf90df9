// Makes the request that consent.ts puts to a person: the rendered action, the arguments, and a preview of what is
// there now. A step with `foreach` is one request over all of its items, so that one answer covers exactly the list
// that was shown.
//
// What must not be broken: the preview is read again each time it is asked for, because consent.ts compares the one
// before the answer with the one after it; what each item bound is kept in `bindings` for the change to act on; and the
// arguments are those that may be shown, with secrets by name, since they go into the digest.

import type { Json } from "../base/json.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { whyIrreversible, type Preview } from "../kinds/kind.ts";
import { actionOf, shownArgs, storeOf } from "../plan/plan.ts";
import { stepsBeside } from "../runbook/runbook.ts";
import { within } from "./step-deadline.ts";
import type { StepPlace } from "../events/run.ts";
import type { StepInstance, Running } from "./step-types.ts";
import type { Request } from "./consent-request.ts";

const noPreview: Preview = { lines: [], binding: null, counters: {}, confirm: "yes" };

/** What is asked for before a step changes anything. */
export function requestFor(running: Running, place: StepPlace, todo: readonly StepInstance[]): Request {
  const { step, plan } = running;
  if (step.effect === "read") throw new Error(`${step.id} is a read and asks for nothing`);
  const actions = todo.map((instance) => actionOf(step, plan, instance.names));
  const action =
    actions.length === 1 ? (actions[0] ?? step.id) : `${actions.length} times: ${actions.join("; ")}`;
  const args = todo.map((instance) => shownArgs(step, plan, instance.names));
  const bindings = new Map<string, Json>();
  const stores = todo.flatMap(({ names }) => {
    const at = storeOf(step, names);
    return at.ok && at.value !== undefined ? [at.value] : [];
  });
  const items = todo.flatMap(({ item }) => (item === undefined ? [] : [item]));
  return {
    place,
    effect: step.effect,
    action,
    args,
    items,
    stores,
    irreversible: args
      .map((shown) => whyIrreversible(step.kind, shown))
      .find((reason) => reason !== undefined),
    preview: async () => await previewAll(running, todo, bindings),
    bindings,
    prompt: running.prompt,
    turn: running.turn,
    approvers: step.approvers,
    expires: step.expires,
    standsWith: step.approvedWith === undefined ? [] : standsWith(running, step.approvedWith),
    covers: step.approvers === 2 ? covers(running) : [],
  };
}

/** The step whose approval this one goes with, and the others that go with it. */
function standsWith({ step, plan }: Running, root: string): readonly string[] {
  return stepsBeside(plan.runbook, step)
    .filter(({ id, approvedWith }) => id === root || approvedWith === root)
    .map(({ id }) => id);
}

/** Later steps that go with this one: a second person sees them all before they agree. */
function covers({ step, plan, scope }: Running): Request["covers"] {
  const root = step.approvedWith ?? step.id;
  const steps = stepsBeside(plan.runbook, step);
  const later = steps.slice(steps.findIndex(({ id }) => id === step.id) + 1);
  return later
    .filter(({ approvedWith }) => approvedWith === root)
    .map((one) => ({ step: one.id, action: actionOf(one, plan, scope.names()) }));
}

async function previewAll(
  running: Running,
  todo: readonly StepInstance[],
  bindings: Map<string, Json>,
): Promise<Result<Preview>> {
  const { preview, obstacle } = running.step.kind;
  for (const instance of obstacle === undefined ? [] : todo) {
    const looked = await within(
      running,
      `previewing ${running.step.id}`,
      async (context) => {
        const failure = await obstacle?.(instance.args, context);
        return failure === undefined ? ok(undefined) : fail(failure);
      },
      instance,
    );
    if (!looked.ok) return looked;
  }
  if (preview === undefined) return ok({ ...noPreview, confirm: confirmWord(running, todo) });
  const previews: Preview[] = [];
  for (const instance of todo) {
    const read = await within(
      running,
      `previewing ${running.step.id}`,
      (context) => preview(instance.args, context),
      instance,
    );
    if (!read.ok) return read;
    previews.push(read.value);
    bindings.set(instance.key, read.value.binding);
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
function confirmWord(running: Running, todo: readonly StepInstance[]): string {
  return todo.length === 1 ? running.step.id : String(todo.length);
}
