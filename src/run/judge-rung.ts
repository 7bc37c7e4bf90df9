import { stepsOf, type Rung } from "../runbook/runbook.ts";
import { absentText, type Absent } from "./absent.ts";
import type { RungFinished } from "../events/run.ts";
import type { ItemPlace } from "./group.ts";
import { refusedOutcome, refusedText, type Progress } from "./progress.ts";
import type { Consent } from "./session.ts";
import { limitsOf, verifyFindings, type RungVerified } from "./verify.ts";
import type { Task } from "./task-view.ts";
import type { StepResult } from "./step-types.ts";

export type Finished = Pick<RungFinished, "status" | "message" | "despite">;

/** A rung that did not come to its question, or found nobody to ask: not attempted is not "not enough". */
function notAttempted(
  results: readonly StepResult[],
  absent: Absent | undefined,
  { yes, approve }: Consent,
): Finished | undefined {
  if (absent === undefined) return undefined;
  const ended = results.find(({ status }) => status === "failed" || status === "unknown");
  if (ended === undefined || ended.failure?.type === "interlock") return undefined;
  if (ended.failure?.type === "interrupted") return undefined;
  // Asked, and only this one's word is missing: it is the one to ask for, and not one of many.
  if (ended.failure?.type === "approval-needed" && (yes || approve.length > 0)) return undefined;
  return {
    status: "not-attempted",
    message:
      ended.failure?.type === "approval-needed"
        ? `${ended.title}: ${ended.sentence}`
        : `${absentText(absent)} (${ended.title}: ${ended.sentence})`,
  };
}

export interface Done {
  readonly results: readonly StepResult[];
  /** Of the rung's own verification. */
  readonly checks: readonly StepResult[];
  readonly absent?: Absent | undefined;
  readonly wasOk: ReadonlySet<string>;
}

/** How a rung ended; undefined when it did not, because the run is being ended: a resumed run goes on in it. */
export async function judgeRung(
  rung: Rung,
  progress: Progress,
  place: ItemPlace,
  { results, checks, absent, wasOk }: Done,
  task: Task,
): Promise<Finished | undefined> {
  if (progress.session.rehearsal) return { status: "skipped", message: "dry run: nothing was changed" };
  if (progress.session.stop.aborted || progress.fatal !== undefined) return undefined;
  const counted = results.filter(({ tolerated }) => tolerated !== true);
  const without = notAttempted(counted, absent, progress.session.consent);
  if (without !== undefined) return without;
  const refused = counted.find((result) => refusedOutcome(result) !== undefined);
  if (refused !== undefined) {
    const message = refusedText(refused);
    progress.stop ??= { outcome: refusedOutcome(refused) ?? "declined", message };
    return { status: refused.failure?.type === "declined" ? "declined" : "not-attempted", message };
  }
  // What could not be made out and was not begun has failed without effect: the next rung may help.
  const doubtful = ({ status, failure }: StepResult): boolean =>
    status === "unknown" && failure?.effect !== "none";
  const unknown = counted.find(doubtful);
  const failed = counted.find(
    (result) => result.status === "failed" || (result.status === "unknown" && !doubtful(result)),
  );
  const limits = limitsOf(rung, progress, place.scope);
  if (!limits.ok) return { status: "unknown", message: limits.failure };
  const left = passedOver(counted);
  const patient = (unknown ?? failed ?? left) === undefined;
  const verified = await verifyFindings(rung, progress, { ...limits.value, patient }, wasOk, (text) => {
    task.title = text;
  });
  if (verified === undefined) return undefined;
  await progress.tellFindings();
  if (left !== undefined && !verified.all && (unknown ?? failed) === undefined)
    return { status: "skipped", message: `${left.title}: ${left.sentence}; ${persisting(progress)}` };
  return finishedBy(rung, progress, verified, { unknown, failed, results, checks });
}

/** What the operator passed over in a rung that changed nothing: it gets no time to work. */
function passedOver(results: readonly StepResult[]): StepResult | undefined {
  return results.some(({ changed }) => changed === true)
    ? undefined
    : results.find(({ passed }) => passed !== undefined);
}

/** What is still not ok, each with its sentence. */
function persisting(progress: Progress): string {
  return progress
    .notOk()
    .map(({ id, result }) => `${id}: ${result.sentence}`)
    .join("; ");
}

/** What the verification and the rung's steps come to together. */
function finishedBy(
  rung: Rung,
  progress: Progress,
  verified: RungVerified,
  steps: Pick<Done, "results" | "checks"> & Partial<Record<"unknown" | "failed", StepResult | undefined>>,
): Finished {
  const { unknown, failed, results, checks } = steps;
  const persist = persisting(progress);
  if (verified.all) {
    const idle = unknown === undefined && results.length > 0 && changesNothing(rung, results);
    const despite =
      failed !== undefined && unknown === undefined
        ? `${failed.title}: ${failed.sentence}`
        : idle
          ? "none of its changes took effect"
          : undefined;
    if (despite === undefined) return { status: "held", message: "the findings hold" };
    const although = failed === undefined ? despite : `a step failed: ${despite}`;
    return { status: "held", message: `the findings hold, although ${although}`, despite };
  }
  if (unknown !== undefined) {
    const message = `${unknown.title}: outcome unknown, it may have taken effect: ${unknown.sentence}; ${persist}`;
    return { status: "unknown", message };
  }
  if (failed !== undefined) return { status: "failed", message: `${failed.title}: ${failed.sentence}` };
  if (verified.named) return { status: "mitigated", message: `the findings that decide it hold; ${persist}` };
  if (verified.broke.length > 0) {
    return {
      status: "persist",
      message: `was ok and no longer is: ${verified.broke.join(", ")}; ${persist}`,
    };
  }
  const own =
    checks.length > 0 && checks.every((check) => check.status === "ok" || check.status === "skipped");
  return own
    ? { status: "mitigated", message: `its own verification holds; ${persist}` }
    : { status: "persist", message: persist };
}

/** Every change of it was skipped: what holds now holds without it. */
function changesNothing(rung: Rung, results: readonly StepResult[]): boolean {
  const changes = [...stepsOf(rung.steps)].some(({ effect }) => effect !== "read");
  return changes && !results.some((result) => result.changed === true);
}
