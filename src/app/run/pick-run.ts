import { formatDuration } from "../../base/duration.ts";
import { shellLiteral } from "../../base/quote.ts";
import { ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { holderText } from "../../store/lock.ts";
import { waitingRuns, whyEnded, type ListedRun } from "../../store/run-list.ts";
import { questionsOf } from "../context/questions.ts";
import { interrupted, refusal, type Refusal } from "../context/refusal.ts";
import type { Store } from "../../store/store.ts";
import { storeOf } from "../context/store.ts";
import type { GlobalOptions, World } from "../context/world.ts";

/**
 * The run to go on with: the one named, else the only one that waits. Of several a person is asked for one; without
 * one the command is refused with the list.
 */
export async function runToResume(
  world: World,
  options: GlobalOptions,
  id: string | undefined,
): Promise<Result<ListedRun, Refusal>> {
  const store = storeOf(world, options);
  if (id !== undefined) {
    const named = await namedRun(store, id);
    const why = named.ok ? whyEnded(named.value) : undefined;
    return why === undefined ? named : refusal(why, "state");
  }
  const runs = await store.runs();
  const [first, ...more] = waitingRuns(runs);
  if (first === undefined) return refusal(whyNone(runs), "state");
  return more.length === 0 ? ok(first) : await askWhich(world, options, [first, ...more]);
}

/** The run of this id; or that there is none, and what became of it where that is on record. */
export async function namedRun(store: Store, id: string): Promise<Result<ListedRun, Refusal>> {
  const named = (await store.runs()).find(({ run }) => run === id);
  if (named !== undefined) return ok(named);
  const removed = await store.removedRun(id);
  if (removed === undefined) return refusal(`no run ${id}; lav-ir runs lists them`);
  const { actor, time, runbook = "?", outcome = "?", records, head } = removed;
  const when = `${time.slice(0, 19).replace("T", " ")} UTC`;
  return refusal(
    `run ${id} is gone: ${actor} removed it ${when} (${runbook}, ${outcome}; ${records} records, head ${head})`,
    "state",
  );
}

/** None waits: the newest that never began, those that somebody is at work on and those that cannot be read are named. */
function whyNone(runs: readonly ListedRun[]): string {
  const others = runs.flatMap((one, at) => {
    const { run, state, outcome, holder } = one;
    if (holder !== undefined)
      return [`${run} is in use: ${holderText(holder, `lav-ir resume ${run} --take-over`)}`];
    const neverBegan = at === 0 && state === "ended" && outcome === undefined;
    return state === "unreadable" || neverBegan ? [whyEnded(one) ?? run] : [];
  });
  return ["no run is waiting to be resumed", ...others].join("\n");
}

async function askWhich(
  world: World,
  options: GlobalOptions,
  waiting: readonly ListedRun[],
): Promise<Result<ListedRun, Refusal>> {
  const names = waiting.map(waitingText);
  const settings = questionsOf(world, options);
  const list = [
    "several runs are waiting; name one: lav-ir resume RUN",
    ...names.map((name) => `  ${name}`),
  ].join("\n");
  if (!settings.available) return refusal(list, "state");
  const prompt = createPrompt(settings, new Turn());
  const answer = await prompt.choose("Which run do you want to resume?", names, world.interruption.stop);
  if (!answer.answered) {
    return answer.why === "cancelled" ? interrupted(world, "nothing was resumed") : refusal(list, "state");
  }
  const chosen = waiting[names.indexOf(answer.value)];
  return chosen === undefined ? refusal(list, "state") : ok(chosen);
}

function waitingText({ run, runbook, actor, began, outcome, message }: ListedRun): string {
  const age =
    began === undefined ? "" : `, began ${formatDuration(Math.max(0, Date.now() - began.getTime()))} ago`;
  return `${run}  ${runbook ?? "?"} by ${actor ?? "?"}${age}: ${outcome ?? message ?? "killed"}`;
}

export function resumeCommand(id: string, options: GlobalOptions): string {
  return `lav-ir resume ${id}${stateOption(options)}`;
}

export function showCommand(id: string, options: GlobalOptions): string {
  return `lav-ir runs show ${id}${stateOption(options)}`;
}

/** A state folder from the command line is not the one that a later command would look in. */
function stateOption({ stateDir }: GlobalOptions): string {
  return stateDir === undefined ? "" : ` --state-dir ${shellLiteral(stateDir)}`;
}
