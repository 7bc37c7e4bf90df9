import type { Failure } from "../base/failure.ts";
import { printable } from "../base/printable.ts";
import type { Prompt } from "../drivers/ports.ts";
import { render, type Names } from "../language/value.ts";
import { actionOf, type Plan } from "../plan/plan.ts";
import { titleOf } from "../plan/print.ts";
import type { Step } from "../runbook/runbook.ts";
import { atOnce } from "./at-once.ts";
import { within } from "./call.ts";
import {
  failed,
  rehearseChanges,
  runChanges,
  together,
  type Attempts,
  type Instance,
  type Ran,
} from "./change.ts";
import type { Section, StepPlace, StepStatus } from "./event.ts";
import { conditionText, judge, judgeOutcome, sentenceOf } from "./judge.ts";
import { celOutputs, type Scope } from "./scope.ts";
import { shownOutputs } from "./shown.ts";
import { emit, type Session } from "./session.ts";

/** One step about to run, and all it needs. */
export interface Running {
  readonly session: Session;
  readonly step: Step;
  /** The plan as this step's runbook sees it: an included one has its own names. */
  readonly plan: Plan;
  readonly scope: Scope;
  readonly section: Section;
  readonly rung: string | undefined;
  /** Ids of the groups around it, outermost first. */
  readonly path: readonly string[];
  /** Asks in the right place of the terminal. */
  readonly prompt: Prompt;
}

export interface StepResult {
  readonly status: StepStatus;
  readonly title: string;
  /** One sentence. */
  readonly sentence: string;
  readonly failure?: Failure;
}

/**
 * Runs one step to its end, exactly once started and once finished: condition, arguments, consent,
 * deadline, retry, expectation, what it saves. Never throws for what the world did.
 */
export async function runStep(running: Running): Promise<StepResult> {
  const { session, step, plan, scope } = running;
  const place = placeOf(running);
  const title = titleIn(running);
  const begun = session.ports.clock.monotonic();
  const condition = step.when === undefined ? true : judge(step.when, scope.names());
  if (condition === false)
    return await skip(running, place, title, `${conditionText(step.when?.expression.text ?? "")} is false`);
  if (session.rehearsal && step.effect !== "read") return await rehearse(running, place, title);
  await emit(session, {
    type: "step.started",
    ...place,
    title,
    kind: step.kind.name,
    effect: step.effect,
    action: actionOf(step, plan, scope.names()),
  });
  const { ran, attempts, names } =
    typeof condition === "string"
      ? { ran: unmeasured(step, condition), attempts: 0, names: scope.names() }
      : await attempt(running, place);
  const judged = judgeOutcome(step, ran, names);
  await emit(
    session,
    {
      type: "step.finished",
      ...place,
      title,
      kind: step.kind.name,
      effect: step.effect,
      status: judged.status,
      duration_ms: Math.round(session.ports.clock.monotonic() - begun),
      attempts,
      ...(Object.keys(ran.outputs).length === 0 ? {} : { outputs: shownOutputs(ran.outputs) }),
      ...(judged.failure === undefined ? {} : { failure: judged.failure }),
      ...(judged.message === undefined ? {} : { message: judged.message }),
    },
    { sync: step.effect !== "read" },
  );
  // Titles and sentences reach the terminal, the next question and the verdict without an event.
  return session.redactor.value({
    status: judged.status,
    title: printable(title),
    sentence: printable(sentenceOf(step, judged, names, title)),
    ...(judged.failure === undefined ? {} : { failure: judged.failure }),
  });
}

/** A change in a rehearsal: its preview as things are now, or why there can be none before the run. */
async function rehearse(running: Running, place: StepPlace, title: string): Promise<StepResult> {
  const instances = instancesOf(running, place);
  if (typeof instances === "string") return await skip(running, place, title, `unverifiable: ${instances}`);
  const without = await rehearseChanges(running, place, instances);
  const why = without === undefined ? "previewed, not run" : `unverifiable: ${without.message ?? ""}`;
  return await skip(running, place, title, why);
}

/** A read in a rehearsal that stands behind a change which was not made. */
export async function unverifiable(running: Running, behind: string): Promise<StepResult> {
  return await skip(running, placeOf(running), titleIn(running), `unverifiable: it comes after ${behind}`);
}

export function placeOf({ step, section, rung, path }: Running): StepPlace {
  const id = [...path, step.id].join(".");
  return { step: id, section, ...(rung === undefined ? {} : { rung }) };
}

async function skip(running: Running, place: StepPlace, title: string, why: string): Promise<StepResult> {
  const { session, step } = running;
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
  return session.redactor.value({ status: "skipped", title: printable(title), sentence: printable(why) });
}

/** A step whose condition or arguments could not be made out was not run: nothing happened. */
function unmeasured(step: Step, message: string): Ran {
  const failure: Failure = { type: "argument", target: step.id, message, effect: "none" };
  return failed(failure, step.effect === "read" ? "unknown" : "failed");
}

interface Attempted {
  readonly ran: Ran;
  readonly attempts: number;
  /** What its expectation and finding see. */
  readonly names: Names;
}

async function attempt(running: Running, place: StepPlace): Promise<Attempted> {
  const { session, step, scope } = running;
  const { clock } = session.ports;
  const until = clock.monotonic() + (step.retry?.within ?? 0);
  const shared: Attempts = {};
  for (let attempts = 1; ; attempts++) {
    const once = await runOnce(running, place, shared);
    const names = { ...scope.names(), ...celOutputs(step.kind, once.ran.outputs) };
    const enough = step.retry === undefined || satisfied(step, once.ran, names);
    const over = clock.monotonic() + (step.retry?.every ?? 0) >= until;
    if (enough || over || final(once.ran)) {
      keep(running, once, names);
      return { ran: once.ran, attempts, names };
    }
    await clock.sleep(step.retry?.every ?? 0, session.stop);
    if (session.stop.aborted) return { ran: brokenOff(step, once.ran), attempts, names };
  }
}

/** Interrupted between two attempts: what the last one left in doubt stays so, the rest is for a resumption. */
function brokenOff(step: Step, ran: Ran): Ran {
  const reads = step.effect === "read";
  if (ran.status === "unknown" && !reads) return ran;
  const message = "interrupted between two attempts";
  return failed(
    { type: "interrupted", target: step.id, message, effect: "none" },
    reads ? "unknown" : "failed",
  );
}

/** Trying again cannot help: somebody said no, or the arguments are wrong. */
function final({ failure }: Ran): boolean {
  return (
    failure !== undefined &&
    ["declined", "approval-needed", "argument", "interlock", "interrupted"].includes(failure.type)
  );
}

function satisfied(step: Step, ran: Ran, names: Names): boolean {
  if (ran.status !== "ok") return false;
  const goal = step.retry?.until ?? step.expect;
  return goal === undefined || judge(goal, names) === true;
}

interface Once {
  readonly ran: Ran;
  /** For a `foreach`: the outputs of each item. */
  readonly each: readonly Names[] | undefined;
}

async function runOnce(running: Running, place: StepPlace, attempts: Attempts): Promise<Once> {
  const instances = instancesOf(running, place);
  if (typeof instances === "string") return { ran: unmeasured(running.step, instances), each: undefined };
  const all =
    running.step.effect === "read"
      ? await atOnce(instances, (instance) => runRead(running, instance))
      : await runChanges(running, place, instances, attempts);
  const { step } = running;
  const each = step.foreach === undefined ? undefined : all.map((ran) => celOutputs(step.kind, ran.outputs));
  return { ran: each === undefined ? (all[0] ?? together([])) : together(all), each };
}

async function runRead(running: Running, instance: Instance): Promise<Ran> {
  const { session, step } = running;
  if (session.stop.aborted) {
    const message = "not begun, because the run is being ended";
    return failed({ type: "interrupted", target: step.id, message, effect: "none" }, "unknown");
  }
  const result = await within(
    running,
    step.title ?? step.kind.name,
    (context) => step.kind.execute(instance.args, context),
    instance.key,
  );
  if (result.ok) return { status: "ok", outputs: result.value };
  return failed(result.failure, statusOfRead(step, result.failure));
}

/**
 * A target that does not answer is an answer where availability is the question, and so is one that its
 * instrument does not know. An instrument that cannot be used has measured nothing.
 */
function statusOfRead(step: Step, failure: Failure): "failed" | "unknown" {
  switch (failure.type) {
    case "unreachable":
    case "timeout":
      return step.unreachable;
    case "missing":
      return step.kind.absent ?? step.unreachable;
    case "declined":
    case "approval-needed":
      return "failed";
    case "denied":
    case "unreadable":
    case "rejected":
    case "exit":
    case "overflow":
    case "expectation":
    case "expression":
    case "argument":
    case "interrupted":
    case "interlock":
      return "unknown";
  }
}

/** The arguments of each run of the step, or why they cannot be made out. */
function instancesOf(running: Running, place: StepPlace): readonly Instance[] | string {
  const { step, scope } = running;
  const base = [place.section, place.rung ?? "", place.step].join("/");
  if (step.foreach === undefined) {
    const args = render(step.args, scope.withSecrets());
    if (!args.ok) return args.failure.message;
    return [{ key: base, args: args.value as Instance["args"], names: scope.names() }];
  }
  const over = step.foreach.expression.evaluate(scope.names());
  if (!over.ok) return `${over.failure.message} in ${step.foreach.expression.text}`;
  if (!Array.isArray(over.value)) return `${step.foreach.expression.text} is not a list`;
  const instances: Instance[] = [];
  for (const [index, item] of over.value.entries()) {
    const here = { item: item as unknown, index: BigInt(index) };
    const args = render(step.args, scope.withSecrets(here));
    if (!args.ok) return args.failure.message;
    instances.push({
      key: `${base}[${index}]`,
      args: args.value as Instance["args"],
      names: scope.names(here),
    });
  }
  return instances;
}

/** Puts the outputs where later steps find them. */
function keep({ step, scope }: Running, once: Once, names: Names): void {
  scope.steps[step.id] = once.each ?? celOutputs(step.kind, once.ran.outputs);
  if (once.ran.status !== "ok") return;
  for (const [name, saved] of Object.entries(step.save)) {
    const value = saved.expression.evaluate(names);
    if (value.ok) scope.vars[name] = value.value;
  }
}

function titleIn({ step, plan, scope }: Running): string {
  return titleOf(step, { ...plan, names: { ...plan.names, ...scope.names() } });
}
