import type { ListrRendererFactory } from "listr2";
import type { Json } from "../base/json.ts";
import { exitCodeOf, type Outcome } from "./event.ts";
import { ladderTask } from "./climb.ts";
import { inOrder, sideBySide, type Place } from "./items.ts";
import { exhausted } from "./ladder.ts";
import { Progress, refusal } from "./progress.ts";
import { Scope } from "./scope.ts";
import { emit, type Session } from "./session.ts";
import type { StepResult } from "./step.ts";
import type { TaskSpec, View } from "./view.ts";

export interface RunEnd {
  readonly outcome: Outcome;
  readonly exitCode: number;
}

/**
 * Runs a plan from its diagnosis to its outcome. listr2 runs the tasks in every mode, shown or not.
 * @param interruptedCode 130 or 143, by the signal that came.
 */
export async function run(session: Session, view: View, interruptedCode: () => number): Promise<RunEnd> {
  const { Listr } = await import("listr2");
  const begun = session.ports.clock.monotonic();
  await begin(session);
  const progress = new Progress(session, view);
  const tasks = new Listr<unknown, ListrRendererFactory, ListrRendererFactory>(tasksOf(progress), {
    concurrent: false,
    exitOnError: false,
    // Otherwise Ctrl-C would end the process past every handler that journals it.
    registerSignalListeners: false,
    renderer: view.renderer as ListrRendererFactory,
    rendererOptions: view.rendererOptions,
    fallbackRendererCondition: false,
  });
  await tasks.run();
  return await finish(session, progress, begun, interruptedCode);
}

function tasksOf(progress: Progress): TaskSpec[] {
  const { session } = progress;
  const { plan } = session;
  const { runbook } = plan;
  const { clock } = session.ports;
  const scope = new Scope(plan.names, session.secrets, () => clock.now());
  const place = { rung: undefined, plan, scope, path: [] };
  const tasks: TaskSpec[] = [];
  if (runbook.diagnose.length > 0) {
    const here: Place = { ...place, section: "diagnose" };
    tasks.push({
      title: "Diagnose",
      task: (_context, task) =>
        task.newListr(sideBySide(runbook.diagnose, here, progress), { concurrent: true, exitOnError: false }),
    });
  }
  if (runbook.steps.length > 0) {
    const here: Place = { ...place, section: "steps" };
    const onEnd = (result: StepResult): void => {
      if (result.status !== "failed" && result.status !== "unknown") return;
      const outcome = refusal(result) ?? result.status;
      progress.stop ??= { outcome, message: `${result.title}: ${result.sentence}` };
    };
    tasks.push({
      title: "Steps",
      skip: () => progress.halted(),
      task: (_context, task) =>
        task.newListr(inOrder(runbook.steps, here, progress, onEnd), { exitOnError: false }),
    });
  }
  if (runbook.resolve.length > 0) tasks.push(ladderTask(progress, { ...place, section: "resolve" }));
  return tasks;
}

async function begin(session: Session): Promise<void> {
  const { runbook, platform, params } = session.plan;
  const { severity } = runbook;
  await emit(
    session,
    {
      type: "run.started",
      runbook: runbook.id,
      title: runbook.title,
      severity,
      digest: runbook.digest,
      platform: platform.name,
      environment: platform.environment,
      production: platform.production,
      params: params as Readonly<Record<string, Json>>,
      response: severity === undefined ? undefined : platform.objectives.response[severity],
      incident: session.incident,
      resumed: session.resumed,
      journal: session.journalPath,
    },
    { sync: true },
  );
}

async function finish(
  session: Session,
  progress: Progress,
  begun: number,
  interruptedCode: () => number,
): Promise<RunEnd> {
  const { outcome, message, rung } = verdict(progress);
  const exitCode = outcome === "interrupted" ? interruptedCode() : exitCodeOf(outcome);
  await emit(
    session,
    {
      type: "run.finished",
      outcome,
      exit_code: exitCode,
      ...(rung === undefined ? {} : { rung }),
      message,
      duration_ms: Math.round(session.ports.clock.monotonic() - begun),
      journal: session.journalPath,
    },
    { sync: true },
  );
  return { outcome, exitCode };
}

interface Verdict {
  readonly outcome: Outcome;
  readonly message: string;
  readonly rung?: string;
}

function verdict(progress: Progress): Verdict {
  const { runbook } = progress.session.plan;
  const { climb, stop } = progress;
  if (progress.session.stopping() && climb.at !== "ended") {
    return { outcome: "interrupted", message: `interrupted; lav-ir resume ${progress.session.run} goes on` };
  }
  if (stop !== undefined) return stop;
  const notOk = progress.notOk();
  const names = notOk.map(({ id }) => id);
  if (runbook.resolve.length > 0) return exhausted(climb, names);
  if (runbook.diagnose.length === 0) return { outcome: "completed", message: "every step ran to its end" };
  if (notOk.some(({ result }) => result.status === "failed")) {
    return { outcome: "findings", message: `not ok: ${names.join(", ")}` };
  }
  if (notOk.length > 0) return { outcome: "unknown", message: `could not be measured: ${names.join(", ")}` };
  return { outcome: runbook.steps.length > 0 ? "completed" : "healthy", message: "every finding is ok" };
}
