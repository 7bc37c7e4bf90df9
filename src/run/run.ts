import { setMaxListeners } from "node:events";
import type { ListrRendererFactory } from "listr2";
import { formatDuration } from "../base/duration.ts";
import type { Json } from "../base/json.ts";
import { afterArrivals } from "./deadline.ts";
import { allItems } from "../runbook/runbook.ts";
import { longestRun } from "../runbook/timeout-warning.ts";
import { exitCodeOf, type Outcome } from "../events/run.ts";
import { After } from "./after.ts";
import { ladderTask } from "./climb.ts";
import type { ItemPlace } from "./group.ts";
import { inOrder, sideBySide } from "./items.ts";
import { Progress, refusedOutcome, refusedText } from "./progress.ts";
import { notReached, Scope } from "./scope.ts";
import { emit, emitLast, JournalError, type Session } from "./session.ts";
import { verdict } from "./verdict.ts";
import type { TaskSpec, View } from "./task-view.ts";
import type { StepResult } from "./step-types.ts";

export interface RunEnd {
  readonly outcome: Outcome;
  readonly exitCode: number;
}

/**
 * Runs a plan from its diagnosis to its outcome. listr2 runs the tasks in every mode, shown or not.
 * @param interruptedCode 130 or 143, by the signal that came.
 */
export async function run(given: Session, view: View, interruptedCode: () => number): Promise<RunEnd> {
  const { Listr } = await import("listr2");
  const begun = given.ports.clock.monotonic();
  const limit = given.plan.runbook.timeout ?? longestRun;
  const over = new AbortController();
  const overrun = `the run exceeded its deadline of ${formatDuration(limit)}`;
  const cancelTimer = afterArrivals(limit, () => over.abort(overrun));
  const session: Session = {
    ...given,
    kill: AbortSignal.any([given.kill, over.signal]),
    stop: AbortSignal.any([given.stop, over.signal]),
  };
  // As many calls may listen as run side by side; Node would call that a leak, on the operator's screen.
  setMaxListeners(0, session.kill, session.stop);
  try {
    await begin(session);
    const progress = new Progress(session, view);
    const after = new After(given, view);
    const decide = (): ReturnType<Decide> => {
      cancelTimer();
      const end = verdict(progress, over.signal.aborted ? overrun : undefined);
      return { end, elapsed: Math.round(given.ports.clock.monotonic() - begun) };
    };
    const all = tasksOf(progress, after, decide);
    const tasks = new Listr<unknown, ListrRendererFactory, ListrRendererFactory>(all, {
      concurrent: false,
      exitOnError: false,
      // Otherwise Ctrl-C would end the process past every handler that journals it.
      registerSignalListeners: false,
      renderer: view.renderer as ListrRendererFactory,
      rendererOptions: view.rendererOptions,
      fallbackRendererCondition: false,
    });
    await tasks.run();
    const fatal = progress.fatal ?? after.fatal;
    if (fatal !== undefined && !(fatal instanceof JournalError)) throw fatal;
    return await finish(session, begun, after.ended(decide().end), interruptedCode);
  } finally {
    cancelTimer();
  }
}

type Decide = Parameters<After["task"]>[1];

function tasksOf(progress: Progress, after: After, decide: Decide): TaskSpec[] {
  const { session } = progress;
  const { plan } = session;
  const { runbook } = plan;
  const { clock } = session.ports;
  const { run: id, operator, incident = "" } = session;
  const names = { ...plan.names, run: { id, operator, incident } };
  const scope = new Scope(names, session.secrets, () => clock.now());
  for (const [step, item] of notReached(allItems(runbook))) scope.steps[step] = item;
  const place = { rung: undefined, plan, scope, path: [], groups: [], needs: [], tolerate: false };
  const tasks: TaskSpec[] = [];
  const last = { ...after.task(place, decide), skip: () => progress.fatal !== undefined };
  if (session.past.end !== undefined) return [last];
  if (runbook.diagnose.length > 0) {
    const here: ItemPlace = { ...place, section: "diagnose" };
    tasks.push({
      title: "Diagnose",
      task: (_context, task) =>
        task.newListr(sideBySide(runbook.diagnose, here, progress), { concurrent: true, exitOnError: false }),
    });
  }
  if (runbook.steps.length > 0) {
    const here: ItemPlace = { ...place, section: "steps", tolerate: runbook.tolerate };
    const onEnd = (result: StepResult): void => {
      if (result.passed !== undefined) progress.passed.push(result);
      if (result.status !== "failed" && result.status !== "unknown") return;
      if (result.failure?.type === "interrupted" && session.stop.aborted) return;
      if (result.tolerated === true) {
        progress.tolerated.push(result);
        return;
      }
      const outcome = refusedOutcome(result) ?? result.status;
      progress.stop ??= { outcome, message: refusedText(result) };
    };
    tasks.push({
      title: "Steps",
      skip: () => progress.halted(),
      task: (_context, task) =>
        task.newListr(inOrder(runbook.steps, here, progress, onEnd), { exitOnError: false }),
    });
  }
  if (runbook.resolve.length > 0) tasks.push(ladderTask(progress, { ...place, section: "resolve" }));
  if (runbook.after.length > 0) tasks.push(last);
  return tasks;
}

async function begin(session: Session): Promise<void> {
  const { runbook, platform, params } = session.plan;
  const name = runbook.severity?.name ?? "";
  const { severityNames: known } = platform.incident;
  const severity = Object.hasOwn(known, name) ? known[name] : undefined;
  await emit(
    session,
    {
      type: "run.started",
      runbook: runbook.id,
      title: runbook.title,
      severity,
      ...(severity === undefined || severity === name ? {} : { severity_name: name }),
      digest: runbook.digest,
      platform: platform.name,
      platform_file: platform.path,
      environment: platform.environment,
      production: platform.production,
      params: params as Readonly<Record<string, Json>>,
      response: severity === undefined ? undefined : platform.objectives.response[severity],
      ...(severity === undefined || session.since === undefined ? {} : { response_since: session.since }),
      incident: session.incident,
      resumed: session.resumed,
      journal: session.journalPath,
      at_work: session.atWork,
    },
    { sync: true },
  );
}

async function finish(
  session: Session,
  begun: number,
  { end: { outcome, message, rung, notOk }, exitCode: worse }: ReturnType<After["ended"]>,
  interruptedCode: () => number,
): Promise<RunEnd> {
  const exitCode = outcome === "interrupted" ? interruptedCode() : (worse ?? exitCodeOf(outcome));
  await emitLast(session, {
    type: "run.finished",
    outcome,
    exit_code: exitCode,
    ...(rung === undefined ? {} : { rung }),
    message,
    duration_ms: Math.round(session.ports.clock.monotonic() - begun),
    journal: session.journalPath,
    ...(notOk === undefined ? {} : { not_ok: notOk }),
  });
  return { outcome, exitCode };
}
