import type { Failure } from "../base/failure.ts";
import { render, type Names } from "../language/value.ts";
import type { Step } from "../runbook/runbook.ts";
import { atOnce } from "./map-limit.ts";
import { askConsent, failed, fromPast, runChange, type Consent } from "./change.ts";
import type { StepPlace } from "../events/run.ts";
import { judge, judgeOutcome, ownUnmet } from "./judge.ts";
import { runRead } from "./read.ts";
import { celOutputs } from "./scope.ts";
import { savedIn } from "./saved.ts";
import { whyEnding } from "./session.ts";
import { tellWaiting } from "./waiting.ts";
import type { StepInstance, Ran, Running } from "./step-types.ts";

/** One instance of a step at its end, whatever the end was. */
export interface Ended {
  readonly instance: StepInstance;
  /** Undefined for a change that was not begun, because an earlier one ended the list. */
  readonly ran: Ran | undefined;
  /** What its expectation and finding see: its outputs among them. */
  readonly names: Names;
  readonly attempts: number;
}

/**
 * Runs reads side by side. With `retry` those that do not hold are read again, together, until they do or
 * the time is over; those that hold are not asked a second time.
 */
export async function readAll(
  running: Running,
  instances: readonly StepInstance[],
): Promise<readonly Ended[]> {
  const { session, step } = running;
  const { clock } = session.ports;
  const every = step.retry?.every ?? 0;
  const until = clock.monotonic() + (step.retry?.within ?? 0);
  const ended = new Map<string, Ended>();
  const inOrder = (): readonly Ended[] => instances.flatMap(({ key }) => ended.get(key) ?? []);
  for (let [todo, attempts] = [instances, 1]; ; attempts++) {
    const round = await atOnce(todo, async (instance) => {
      const now = attempts === 1 ? instance : renewed(running, instance);
      const ran = await runRead(running, now);
      return { instance: now, ran, names: namesAfter(running, now, ran), attempts };
    });
    for (const one of round) ended.set(one.instance.key, one);
    const open = round.filter((one) => !enough(step, one.ran, one.names));
    todo = open.map(({ instance }) => instance);
    const left = until - clock.monotonic();
    if (todo.length === 0 || every >= left) return inOrder();
    tellWaiting(running, open, { of: instances.length, attempts, left });
    await clock.sleep(every, session.stop);
    if (!session.stop.aborted) continue;
    for (const one of round)
      if (todo.includes(one.instance))
        ended.set(one.instance.key, { ...one, ran: brokenOff(running, one.ran) });
    return inOrder();
  }
}

/** What changes came to. */
export interface Changed {
  readonly ended: readonly Ended[];
  /** Why none of those that were still to be done was begun: somebody said no, or nobody could say yes. */
  readonly refused: Failure | undefined;
  /** The run is being ended, and some were not begun. */
  readonly stopped: boolean;
}

/**
 * Consent to all that is to be done, then each in order: its state recorded, its intent on the disk, the
 * effect, the outcome on the disk. What an earlier process did is not done again; what it left open is
 * looked at first. With `retry` each is tried until it holds before the next begins. The first that does
 * not end well is the last.
 * @param begin called once, after consent and before the first of them begins.
 */
export async function changeAll(
  running: Running,
  place: StepPlace,
  instances: readonly StepInstance[],
  begin: (digest: string) => Promise<void>,
): Promise<Changed> {
  const { session, step } = running;
  const past = new Map<string, Ended>();
  for (const instance of instances) {
    const ran = await fromPast(running, place, instance);
    if (ran === undefined) continue;
    past.set(instance.key, { instance, ran, names: namesAfter(running, instance, ran), attempts: 0 });
  }
  const known = ({ key }: StepInstance): Ended | undefined => {
    const one = past.get(key);
    return one?.ran !== undefined && enough(step, one.ran, one.names) ? one : undefined;
  };
  const end = instances.findIndex((instance) => endsList(running, known(instance)));
  const todo = instances.slice(0, end === -1 ? undefined : end).filter((one) => known(one) === undefined);
  const consent = todo.length === 0 ? undefined : await askConsent(running, place, todo);
  if (consent?.ok === false) {
    const ended = instances.map((one) => known(one) ?? notBegun(running, one));
    return { ended, refused: { ...consent.failure, effect: "none" }, stopped: false };
  }
  if (consent !== undefined) await begin(consent.value.digest);
  const ended: Ended[] = [];
  let [over, stopped] = [false, false];
  for (const instance of instances) {
    const before = known(instance);
    if (before === undefined && !over && session.stop.aborted) stopped = true;
    over ||= stopped;
    if (before !== undefined) ended.push(before);
    else if (over || consent === undefined) ended.push(notBegun(running, instance));
    else ended.push(await changeOne(running, place, instance, consent.value));
    over ||= endsList(running, ended.at(-1));
  }
  await consent?.value.gathering.sealed();
  return { ended, refused: undefined, stopped };
}

async function changeOne(
  running: Running,
  place: StepPlace,
  instance: StepInstance,
  consent: Consent,
): Promise<Ended> {
  const { session, step } = running;
  const { clock } = session.ports;
  const every = step.retry?.every ?? 0;
  const until = clock.monotonic() + (step.retry?.within ?? 0);
  for (let attempts = 1; ; attempts++) {
    const ran = await runChange(running, place, instance, consent);
    const names = namesAfter(running, instance, ran);
    const ended = { instance, ran, names, attempts };
    const left = until - clock.monotonic();
    if (enough(step, ran, names) || every >= left) return ended;
    tellWaiting(running, [ended], { of: 1, attempts, left });
    await clock.sleep(every, session.stop);
    if (session.stop.aborted) return { ...ended, ran: brokenOff(running, ran) };
  }
}

function notBegun({ scope }: Running, instance: StepInstance): Ended {
  return { instance, ran: undefined, names: scope.names(instance.here), attempts: 0 };
}

/** A change that did not end well, or was not begun, is followed by no other; one that failed may be tolerated. */
function endsList({ step, tolerate }: Running, ended: Ended | undefined): boolean {
  if (ended === undefined) return false;
  if (ended.ran === undefined) return true;
  const { status, failure } = judgeOutcome(step, ended.ran, ended.names);
  if (failure?.type === "interrupted") return true;
  return status !== "ok" && !(status === "failed" && tolerate);
}

/** Its outputs, and what it saves of them: `expect` and `finding` see both. */
function namesAfter({ step, scope }: Running, instance: StepInstance, ran: Ran): Names {
  const names = { ...scope.names(instance.here), ...celOutputs(step.kind, ran.outputs) };
  return ran.status === "ok" ? savedIn(step, names).names : names;
}

/** The same read with its arguments as they are now: they may say what time it is. */
function renewed({ step, scope }: Running, instance: StepInstance): StepInstance {
  const args = render(step.args, scope.withSecrets(instance.here));
  const names = scope.names(instance.here);
  return args.ok ? { ...instance, args: args.value as StepInstance["args"], names } : instance;
}

/** Nothing is gained by another attempt: it holds, nobody asked for one, or it could not end otherwise. */
function enough(step: Step, ran: Ran, names: Names): boolean {
  return step.retry === undefined || holds(step, ran, names) || final(ran);
}

function holds(step: Step, ran: Ran, names: Names): boolean {
  if (ran.status !== "ok" || ownUnmet(step, ran) !== undefined) return false;
  if (step.retry?.until !== undefined) return judge(step.retry.until, names) === true;
  return (step.expect ?? []).every(({ condition }) => judge(condition, names) === true);
}

/** Trying again cannot help: somebody said no, or the arguments are wrong. */
function final({ failure, doubtful }: Ran): boolean {
  return (
    doubtful === true ||
    (failure !== undefined &&
      ["declined", "approval-needed", "argument", "interlock", "interrupted"].includes(failure.type))
  );
}

/** Interrupted between two attempts: what the last one left in doubt stays so, the rest is for a resumption. */
function brokenOff({ session, step }: Running, ran: Ran): Ran {
  const reads = step.effect === "read";
  if (ran.status === "unknown" && !reads) return ran;
  const message = `${whyEnding(session.stop, "interrupted")} between two attempts`;
  return failed(
    { type: "interrupted", target: step.id, message, effect: "none" },
    reads ? "unknown" : "failed",
  );
}
