import { absentConsent, absentText, type Absent } from "./absent.ts";
import { nobodySecond } from "../plan/plan.ts";
import type { Rung } from "../runbook/runbook.ts";
import type { ItemPlace } from "./group.ts";
import { inOrder, isWell } from "./items.ts";
import { after, enter, foot } from "./ladder.ts";
import type { Progress } from "./progress.ts";
import { emit } from "./session.ts";
import { conditionText, judge } from "./judge.ts";
import { judgeRung, type Finished } from "./judge-rung.ts";
import { namedHold } from "./verify.ts";
import { TaskFailed, type Task, type TaskSpec } from "./task-view.ts";
import type { StepResult } from "./step-types.ts";

/** The ladder as one task, its rungs inside it: each looks, when its turn comes, whether it is still needed. */
export function ladderTask(progress: Progress, place: ItemPlace): TaskSpec {
  const { runbook } = place.plan;
  return {
    title: "Resolve",
    skip: () => progress.halted(),
    task: (_context, task) =>
      progress.guard(async () => {
        if (!progress.session.rehearsal) {
          progress.climb = enter(progress.findings(), false);
          await climbAnyway(progress, task);
          await heldBefore(progress, place, task);
        }
        if (progress.climb.at === "climbing") {
          return task.newListr(
            runbook.resolve.map((rung) => rungTask(rung, progress, place)),
            { exitOnError: false },
          );
        }
        task.skip(progress.climb.message);
        return undefined;
      }),
  };
}

/** With nothing but unknowns a person may still climb, by typing the first rung's name. */
async function climbAnyway(progress: Progress, task: Task): Promise<void> {
  const { climb, session } = progress;
  const first = session.plan.runbook.resolve[0]?.id;
  if (climb.at !== "ended" || climb.outcome !== "unknown" || first === undefined) return;
  const prompt = progress.view.promptIn(task);
  if (!prompt.available) return;
  const question = `${climb.message}\n  To climb anyway, type the name of the rung, ${first}`;
  const answer = await prompt.text(question, session.stop);
  if (answer.answered && answer.value.trim() === first) progress.climb = foot;
}

/**
 * A resumed run whose findings hold now: the rung that an earlier process was on is what helped, once they
 * have held as long as it says. What it changed is not done again for that.
 */
async function heldBefore(progress: Progress, place: ItemPlace, task: Task): Promise<void> {
  const { climb, session } = progress;
  if (climb.at !== "ended" || climb.outcome !== "healthy") return;
  const keys = [...session.past.ended.keys(), ...session.past.open.keys()];
  const name = keys.map((key) => key.split("/")[1] ?? "").findLast((one) => one !== "");
  const rung = session.plan.runbook.resolve.find(({ id }) => id === name);
  if (rung === undefined) return;
  place.scope.last.changed = lastChange(rung, progress);
  const finished = await judgeRung(
    rung,
    progress,
    place,
    { results: [], checks: [], wasOk: new Set() },
    task,
  );
  if (finished === undefined) {
    progress.climb = foot;
    return;
  }
  await finisher(rung, progress, task)(finished);
  if (progress.climb.at === "ended" && progress.climb.outcome === "healthy")
    progress.climb = after(foot, rung.id, finished);
}

/** When the rung changed something last, by what an earlier process wrote. */
function lastChange(rung: Rung, { session }: Progress): Date | undefined {
  const times = [...session.past.ended]
    .filter(([key, { status }]) => key.startsWith(`resolve/${rung.id}/`) && status !== "failed")
    .map(([, { at }]) => at.getTime());
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

function rungTask(rung: Rung, progress: Progress, place: ItemPlace): TaskSpec {
  return {
    title: `${rung.id}: ${rung.title}`,
    skip: () => progress.halted() || progress.climb.at === "ended",
    task: (_context, task) =>
      progress.guard(async () => {
        const { session } = progress;
        const finish = finisher(rung, progress, task);
        const wasOk = progress.okSoFar();
        place.scope.last.changed = undefined;
        const skipped = whySkipped(rung, progress, place);
        if (skipped !== undefined) {
          if (session.past.rungs.get(rung.id) === "mitigated")
            progress.climb = after(progress.climb, rung.id, { status: "mitigated", message: skipped });
          await finish({ status: "skipped", message: skipped });
          task.skip(`${rung.id}: ${skipped}`);
          return undefined;
        }
        const open = await whenOpen(rung, progress, place, task);
        if (open !== undefined) {
          await finish(open);
          task.skip(task.title);
          return undefined;
        }
        const absent = absentConsent(rung.steps, rung.id, session, place.scope);
        if (progress.climb.at === "climbing" && progress.climb.unasked !== undefined) {
          // Nobody agreed to the rungs before: those that would have been asked about are told, and no more.
          const message = absent === undefined ? "an earlier rung waits for consent" : absentText(absent);
          await finish({ status: absent === undefined ? "skipped" : "not-attempted", message });
          task.skip(task.title);
          return undefined;
        }
        await emit(session, { type: "rung.started", rung: rung.id, title: rung.title }, { sync: true });
        const here = { ...place, rung: rung.id };
        return task.newListr(rungTasks(rung, progress, here, { finish, absent, wasOk }), {
          exitOnError: true,
        });
      }),
  };
}

type Finish = (finished: Finished) => Promise<void>;

/** What a rung's end does: the climb moves on, the journal knows, the terminal shows it. */
function finisher(rung: Rung, progress: Progress, task: Task): Finish {
  const { session } = progress;
  const begun = session.ports.clock.monotonic();
  return async (finished) => {
    progress.climb = after(progress.climb, rung.id, finished);
    const duration_ms = Math.round(session.ports.clock.monotonic() - begun);
    const { id, title } = rung;
    await emit(session, { type: "rung.finished", rung: id, title, duration_ms, ...finished }, { sync: true });
    task.title = `${id}: ${words[finished.status]}${finished.message}`;
    // Nothing of it was done: its line says all there is. What a dry run would do stands below.
    if (finished.status === "skipped" && !session.rehearsal) task.skip(task.title);
  };
}

/** What the line under a rung says where the rung's own says the rest in full. */
const shortly: Partial<Record<Finished["status"], string>> = {
  persist: "The findings persist",
  declined: "The findings were not measured again",
  "not-attempted": "The findings were not measured again",
  skipped: "Nothing was changed",
};

const words: Readonly<Record<Finished["status"], string>> = {
  held: "",
  mitigated: "mitigated: ",
  persist: "not enough: ",
  failed: "failed: ",
  unknown: "unknown: ",
  skipped: "skipped: ",
  declined: "declined: ",
  "not-attempted": "not attempted: ",
};

function whySkipped(rung: Rung, progress: Progress, place: ItemPlace): string | undefined {
  if (progress.session.past.rungs.has(rung.id)) return "climbed before the interruption";
  const alone = nobodySecond(rung.steps, place.plan);
  if (alone !== undefined) return alone;
  if (!progress.session.rehearsal && namedHold(rung, progress)) return "the findings that decide it hold";
  if (rung.when === undefined) return undefined;
  if (judge(rung.when, place.scope.names()) !== false) return undefined;
  return `${conditionText(rung.when.expression.text)} is false`;
}

/**
 * A rung whose condition cannot be evaluated is not one whose condition is false: a person says whether it
 * is climbed. Without one it ends the climb, or waits for consent like any other. Undefined: it is climbed.
 */
async function whenOpen(
  rung: Rung,
  progress: Progress,
  place: ItemPlace,
  task: Task,
): Promise<Finished | undefined> {
  const { session, view } = progress;
  const verdict = rung.when === undefined ? true : judge(rung.when, place.scope.names());
  if (rung.when === undefined || typeof verdict === "boolean" || session.rehearsal) return undefined;
  const message = `cannot evaluate ${conditionText(rung.when.expression.text)}: ${verdict}`;
  const absent = absentConsent(rung.steps, rung.id, session, place.scope);
  if (absent !== undefined) return { status: "not-attempted", message: `${absentText(absent)} (${message})` };
  const prompt = view.promptIn(task);
  if (!prompt.available) return { status: "unknown", message };
  const answer = await prompt.choose(`${rung.id}: ${message}`, [climbIt, nextRung, stopHere], session.stop);
  if (answer.answered && answer.value === climbIt) return undefined;
  if (answer.answered && answer.value === nextRung) return { status: "skipped", message };
  progress.stop ??= { outcome: "declined", message: `${rung.id}: ${message}` };
  return { status: "declined", message };
}

const climbIt = "run this rung";
const nextRung = "skip to the next rung";
const stopHere = "stop";

/** What is known as a rung's turn comes. */
interface Turn {
  readonly finish: Finish;
  readonly absent: Absent | undefined;
  /** Findings that were ok before it. */
  readonly wasOk: ReadonlySet<string>;
}

function rungTasks(
  rung: Rung,
  progress: Progress,
  place: ItemPlace,
  { finish, absent, wasOk }: Turn,
): TaskSpec[] {
  const results: StepResult[] = [];
  const checks: StepResult[] = [];
  const ended = (): boolean => results.some((result) => !isWell(result) && result.tolerated !== true);
  const tasks = inOrder(rung.steps, place, progress, (result) => {
    results.push(result);
    if (result.tolerated === true) progress.tolerated.push(result);
    if (result.passed !== undefined) progress.passed.push(result);
  });
  if (rung.verify.type === "steps") {
    const verify: ItemPlace = { ...place, section: "verify" };
    const { rehearsal } = progress.session;
    for (const check of inOrder(rung.verify.steps, verify, progress, (result) => checks.push(result))) {
      const { skip } = check;
      const skipped = (): boolean =>
        rehearsal || ended() || (typeof skip === "function" && skip({}) === true);
      tasks.push({ ...check, skip: skipped });
    }
  }
  tasks.push({
    title: "Measure the findings again",
    task: (_context, task) =>
      progress.guard(async () => {
        const finished = await judgeRung(rung, progress, place, { results, checks, absent, wasOk }, task);
        if (finished === undefined) {
          task.skip("interrupted");
          return;
        }
        await finish(finished);
        task.title = shortly[finished.status] ?? finished.message;
        // Nothing was changed, so nothing was measured: that is no tick.
        if (finished.status === "skipped") task.skip(task.title);
        else if (finished.status !== "held") throw new TaskFailed(task.title);
      }),
  });
  const last = progress.session.plan.runbook.resolve.at(-1) === rung;
  const lost = (): boolean => {
    const { climb } = progress;
    return climb.at === "ended" ? climb.outcome !== "resolved" : last && climb.mitigated === undefined;
  };
  // The findings are measured whatever came before. The rung itself is marked as failed where the climb ends in it.
  return tasks.map((task, at) => ({ ...task, exitOnError: at === tasks.length - 1 ? lost : false }));
}
