import { fail, ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { planText } from "../../plan/print.ts";
import { planRows } from "../../plan/rows.ts";
import type { Plan } from "../../plan/plan.ts";
import { junitText, plannedSuite, type Suite } from "../../output/junit.ts";
import { show } from "../../app/context/telling.ts";
import type { HowToRun, Ready } from "../../app/run/start.ts";
import { askParams, missingParams, readParams, refuseMissing } from "../../app/run/params.ts";
import { beginAt, findRunbook, planOf, withLogins, type Begin } from "../../app/run/plan-of.ts";
import { questionsOf } from "../../app/context/questions.ts";
import { checkReport, writeReport } from "../../app/run/report-file.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { openPlatform } from "../../app/context/platform.ts";
import { interrupted, refusal, type Refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";

export interface RunOptions extends HowToRun {
  readonly param?: readonly string[];
  readonly dryRun?: boolean;
  readonly from?: string;
  readonly rung?: string;
  /** As what it was typed, where that is not `run`. */
  readonly command?: string;
}

/** `lav-ir run`: a plan, shown or carried out. */
export async function runCommand(
  world: World,
  options: GlobalOptions,
  name: string,
  own: RunOptions,
): Promise<number> {
  if (own.live === true && own.dryRun !== true) {
    return refuse(world, options, refusal("--live needs --dry-run").failure);
  }
  const report = await checkReport(own.junit);
  if (!report.ok) return refuse(world, options, report.failure);
  const prepared = await prepare(world, options, name, own);
  if (own.dryRun === true && own.live !== true) {
    const code = prepared.ok
      ? printPlan(world, options, prepared.value.plan)
      : refuse(world, options, prepared.failure);
    return await writeReport(world, own.junit, junitText([dryRunSuite(name, prepared)]), code);
  }
  if (!prepared.ok) return refuse(world, options, prepared.failure);
  // A plan is shown without loading what it takes to carry one out.
  const { beginRun } = await import("../../app/run/start.ts");
  return await beginRun(world, options, prepared.value, own);
}

async function prepare(
  world: World,
  options: GlobalOptions,
  name: string,
  own: RunOptions,
): Promise<Result<Ready, Refusal>> {
  const runbook = await findRunbook(world, name);
  if (!runbook.ok) return runbook;
  const platform = await openPlatform(world, options, {
    command: own.command ?? "run",
    untrusted: own.dryRun === true && own.live !== true ? "warn" : "refuse",
  });
  if (!platform.ok) return platform;
  let given = own.param ?? [];
  let params = await readParams(runbook.value, given);
  if (!params.ok) return params;
  const missing = missingParams(runbook.value, params.value);
  if (missing.length > 0 && own.dryRun !== true) {
    const prompt = createPrompt(questionsOf(world, options), new Turn());
    if (!prompt.available) return refuseMissing(runbook.value, missing);
    const asked = await askParams(missing, prompt, world.interruption.stop);
    if (!asked.ok) return interruptedOr(world, asked.failure);
    given = [...given, ...asked.value];
    params = await readParams(runbook.value, given);
    if (!params.ok) return params;
  }
  const planned = planOf(runbook.value, platform.value.platform, params.value);
  if (!planned.ok) return planned;
  const plan = await withLogins(planned.value, platform.value);
  if (!plan.ok) return plan;
  const begin: Begin = {
    ...(own.from === undefined ? {} : { from: own.from }),
    ...(own.rung === undefined ? {} : { rung: own.rung }),
  };
  const begun = beginAt(plan.value, begin);
  return begun.ok ? ok({ plan: begun.value, given, begin }) : begun;
}

/** What a CI reads of a dry run: a case a planned step, or one that failed because there is no plan. */
function dryRunSuite(name: string, prepared: Result<Ready, Refusal>): Suite {
  if (prepared.ok) {
    const { plan } = prepared.value;
    return plannedSuite(plan.runbook.id, planRows(plan));
  }
  const { message: details } = prepared.failure;
  const message = details.split("\n")[0] ?? details;
  const failed = {
    name,
    className: "dry-run",
    time: 0,
    result: { type: "failed", message, details },
  } as const;
  return { name, cases: [failed] };
}

/** `--dry-run`: the plan is all there is; nothing outside of the runbooks is touched. */
function printPlan(world: World, options: GlobalOptions, plan: Plan): number {
  show(world, options, planRows(plan), () => planText(plan).replace(/\n$/, "").split("\n"));
  return 0;
}

/** A question that Ctrl-C ended is an interruption, not a refusal. */
function interruptedOr(world: World, failure: Refusal): Result<never, Refusal> {
  return world.interruption.stop.aborted ? interrupted(world, failure.message) : fail(failure);
}
