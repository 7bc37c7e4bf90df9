import { failureText, type Failure } from "../base/failure.ts";
import { printable } from "../base/printable.ts";
import { render, type Names } from "../language/value.ts";
import { actionOf } from "../plan/plan.ts";
import { titleOf } from "../plan/print.ts";
import { changeAll, readAll } from "./attempt.ts";
import { failed, rehearseChanges } from "./change.ts";
import type { StepPlace, StepStatus } from "../events/run.ts";
import { loopOf, type NoLoop } from "./foreach.ts";
import { conditionText, judge, judgeOutcome, sentenceOf, type Judged } from "./judge.ts";
import { placeOf } from "./place.ts";
import { runLoop } from "./loop.ts";
import { keyOf } from "./resume-state.ts";
import { celOutputs } from "./scope.ts";
import { shownItems, shownOutputs } from "./truncate.ts";
import { savedIn } from "./saved.ts";
import { emit, whyEnding } from "./session.ts";
import { settledBefore, type Came } from "./settled-before.ts";
import type { StepInstance, Ran, Running, StepResult } from "./step-types.ts";

/**
 * Runs one step to its end, exactly once started and once finished: condition, arguments, consent,
 * deadline, retry, expectation, what it saves. Never throws for what the world did.
 */
export async function runStep(running: Running): Promise<StepResult> {
  const { session, step, plan, scope } = running;
  const place = placeOf(running);
  const title = titleIn(running);
  const begun = session.ports.clock.monotonic();
  const condition = running.undecided ?? conditionOf(running, place);
  if (condition === false)
    return await skip(running, place, title, `${conditionText(step.when?.expression.text ?? "")} is false`);
  const loop =
    condition === true && step.foreach !== undefined ? loopOf(running, place, step.foreach) : undefined;
  if (loop?.ok === false && loop.failure.status === "skipped")
    return await skip(running, place, title, loop.failure.message);
  if (session.rehearsal && step.effect !== "read") return await rehearse(running, place, title, loop);
  if (running.known === undefined) {
    await emit(session, {
      type: "step.started",
      ...place,
      title,
      kind: step.kind.name,
      effect: step.effect,
      action: actionOf(step, plan, scope.names()),
    });
  }
  const came =
    typeof condition === "string"
      ? unmeasured(running, title, {
          status: step.effect === "read" ? "unknown" : "failed",
          message: condition,
        })
      : loop === undefined
        ? await runAlone(running, place, title)
        : await runList(running, place, title, loop);
  const { judged, sentence, attempts, outputs } = await settledBefore(running, place, title, came);
  const passed = passedOver(judged.failure);
  if (passed !== undefined) {
    // What an earlier process did of its list.
    const { items } = (scope.steps[step.id] ?? {}) as Names;
    const skipped = await skip(running, place, title, sentence);
    if (items !== undefined) scope.steps[step.id] = { ...(scope.steps[step.id] as Names), items };
    return { ...skipped, passed };
  }
  // What was not begun is in no doubt.
  const doubtful = judged.status === "unknown" && step.effect !== "read" && judged.failure?.effect !== "none";
  const bad = judged.status === "failed" || judged.status === "unknown";
  // In the diagnosis the finding says it.
  const own = place.section !== "diagnose" && step.finding !== undefined && sentence !== title;
  const message = own ? sentence : judged.message;
  const finished = {
    type: "step.finished" as const,
    ...place,
    title,
    kind: step.kind.name,
    effect: step.effect,
    status: judged.status,
    duration_ms: Math.round(session.ports.clock.monotonic() - begun),
    attempts,
    ...(Object.keys(outputs).length === 0 ? {} : { outputs }),
    ...(judged.failure === undefined ? {} : { failure: judged.failure }),
    ...(message === undefined ? {} : { message }),
    ...(bad && running.tolerate && !doubtful ? { tolerated: true as const } : {}),
  };
  settle(running, judged.status, sentence);
  // A change's outcome is on the disk already, in a record of its own.
  if (running.known !== judged.status) await emit(session, finished);
  // Titles and sentences reach the terminal, the next question and the verdict without an event.
  return session.redactor.value({
    status: judged.status,
    title: printable(title),
    sentence: printable(sentence),
    ...(step.effect !== "read" && judged.status === "ok" ? { changed: true as const } : {}),
    ...(doubtful ? { doubtful: true as const } : {}),
    ...(judged.failure === undefined ? {} : { failure: judged.failure }),
  });
}

/** How much the operator passed over at the question, where that is what became of it. */
function passedOver(failure: Failure | undefined): StepResult["passed"] {
  if (failure?.type !== "declined" || failure.instead === undefined) return undefined;
  return failure.instead === "skip" ? "step" : "rung";
}

/**
 * Its `when`: true, false, or why that cannot be said. One that reads the item is asked for each; a list
 * that an earlier process agreed on is carried on with, whatever has become of its condition since.
 */
function conditionOf({ session, step, scope }: Running, place: StepPlace): boolean | string {
  const { when, foreach, effect } = step;
  if (when === undefined) return true;
  if (foreach !== undefined) {
    if (effect !== "read" && session.past.lists.has(keyOf(place))) return true;
    if (when.expression.reads.some(({ names: [root] }) => root === "item" || root === "index")) return true;
  }
  return judge(when, scope.names());
}

async function runAlone(running: Running, place: StepPlace, title: string): Promise<Came> {
  const { step, scope } = running;
  const args = render(step.args, scope.withSecrets());
  if (!args.ok) {
    const status = step.effect === "read" ? "unknown" : "failed";
    return unmeasured(running, title, { status, message: args.failure.message });
  }
  const instance: StepInstance = {
    key: keyOf(place),
    args: args.value as StepInstance["args"],
    here: {},
    names: scope.names(),
  };
  const { ran, names, attempts } = await runInstance(running, place, instance);
  const judged = keep(running, ran, names) ?? judgeOutcome(step, ran, names);
  const sentence = sentenceOf(step, judged, names, title, ran.outputs);
  return { judged, sentence, attempts, outputs: shownOutputs(ran.outputs) };
}

async function runInstance(
  running: Running,
  place: StepPlace,
  instance: StepInstance,
): Promise<{ readonly ran: Ran; readonly names: Names; readonly attempts: number }> {
  if (running.step.effect === "read") {
    const [only] = await readAll(running, [instance]);
    if (only?.ran === undefined) throw new Error(`${running.step.id} was not read`);
    return { ...only, ran: only.ran };
  }
  const { ended, refused } = await changeAll(running, place, [instance], () => Promise.resolve());
  const { names, attempts } = ended[0] ?? { names: instance.names, attempts: 0 };
  const message = `not started: ${whyEnding(running.session.stop, "the run is ending")}`;
  const interrupted: Failure = { type: "interrupted", target: instance.key, message, effect: "none" };
  return {
    ran: ended[0]?.ran ?? failed(refused ?? interrupted, "failed"),
    names,
    attempts: Math.max(1, attempts),
  };
}

async function runList(
  running: Running,
  place: StepPlace,
  title: string,
  loop: ReturnType<typeof loopOf>,
): Promise<Came> {
  if (!loop.ok) return unmeasured(running, title, loop.failure);
  const { status, sentence, failure, items, shown, attempts } = await runLoop(running, place, loop.value);
  running.scope.steps[running.step.id] = { items };
  const judged = { status, ...(failure === undefined ? {} : { failure }), message: sentence };
  return { judged, sentence, attempts, outputs: { items: shownItems(shown) } };
}

/** A change in a rehearsal: its preview as things are now, or why there can be none before the run. */
async function rehearse(
  running: Running,
  place: StepPlace,
  title: string,
  loop: ReturnType<typeof loopOf> | undefined,
): Promise<StepResult> {
  const instances = rehearsed(running, place, loop);
  if (typeof instances === "string")
    return await skip(running, place, title, `cannot be previewed: ${instances}`);
  const without = await rehearseChanges(running, place, instances);
  const why = without === undefined ? "previewed, not run" : `cannot be previewed: ${without.message ?? ""}`;
  return await skip(running, place, title, why);
}

/** What would be asked for, or why that cannot be said before the run. */
function rehearsed(
  { step, scope }: Running,
  place: StepPlace,
  loop: ReturnType<typeof loopOf> | undefined,
): readonly StepInstance[] | string {
  if (loop?.ok === true)
    return loop.value.entries.flatMap(({ what }) => (what.type === "run" ? [what.instance] : []));
  if (loop?.ok === false) return loop.failure.message;
  const args = render(step.args, scope.withSecrets());
  if (!args.ok) return args.failure.message;
  return [{ key: keyOf(place), args: args.value as StepInstance["args"], here: {}, names: scope.names() }];
}

/** A read in a rehearsal that stands behind a change which was not made. */
export async function unverifiable(running: Running, behind: string): Promise<StepResult> {
  return await skip(
    running,
    placeOf(running),
    titleIn(running),
    `cannot be previewed: it depends on ${behind}`,
  );
}

async function skip(running: Running, place: StepPlace, title: string, why: string): Promise<StepResult> {
  const { session, step } = running;
  settle(running, "skipped", why);
  if (running.known !== "skipped") {
    await emit(session, {
      type: "step.finished",
      ...place,
      title,
      kind: step.kind.name,
      effect: step.effect,
      status: "skipped",
      duration_ms: 0,
      attempts: 0,
      message: why,
    });
  }
  return session.redactor.value({ status: "skipped", title: printable(title), sentence: printable(why) });
}

/** A step whose condition, list or arguments could not be made out was not run: nothing happened. */
function unmeasured(
  { step, scope }: Running,
  title: string,
  { status, message }: Pick<NoLoop, "status" | "message">,
): Came {
  const failure: Failure = { type: "argument", target: step.id, message, effect: "none" };
  const judged = { status, failure, message: failureText(failure) };
  const sentence = sentenceOf(
    step,
    { ...judged, status: status === "skipped" ? "unknown" : status },
    scope.names(),
    title,
  );
  if (step.foreach !== undefined) scope.steps[step.id] = { items: [] };
  return { judged, sentence, attempts: 0, outputs: {} };
}

/** How it ended, beside its outputs: every step has this, one that was skipped has nothing else. */
function settle({ step, scope }: Running, outcome: StepStatus, sentence: string): void {
  const nothing = step.foreach === undefined ? {} : { items: [] };
  const outputs = outcome === "skipped" ? nothing : (scope.steps[step.id] as Names | undefined);
  scope.steps[step.id] = { ...outputs, outcome, sentence };
}

/**
 * Puts the outputs where later steps find them.
 * @returns what ends the step, where something that it saves cannot be made
 */
function keep({ step, scope }: Running, ran: Ran, names: Names): Judged | undefined {
  scope.steps[step.id] = celOutputs(step.kind, ran.outputs);
  if (ran.status !== "ok") return undefined;
  const { vars, problem } = savedIn(step, names);
  Object.assign(scope.vars, vars);
  return problem;
}

function titleIn({ step, plan, scope }: Running): string {
  return titleOf(step, { ...plan, names: { ...plan.names, ...scope.names() } });
}
