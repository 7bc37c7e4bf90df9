import { dirname, join } from "node:path";
import { ok, type Result } from "../../base/result.ts";
import { readState } from "../../store/state-file.ts";
import type { JournalLine } from "../../store/journal-record.ts";
import { recordsOf, type RunData } from "../../events/run-record.ts";
import type { Plan } from "../../plan/plan.ts";
import { token } from "../../secrets/finds.ts";
import type { Redactor } from "../../secrets/redactor.ts";
import { readParams } from "./params.ts";
import { beginAt, planOf, platformDigest, readKept, withLogins, type Begin } from "./plan-of.ts";
import type { RunRecord } from "../../store/runs.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { openPlatform } from "../context/platform.ts";
import { refusal, type Refusal } from "../context/refusal.ts";

/**
 * Keeps what a resumption needs to make the very same plan again: the text itself, and what was asked. A parameter that
 * holds a secret is not kept, and its run cannot be resumed.
 */
export async function keepPlan(
  record: RunRecord,
  plan: Plan,
  given: readonly string[],
  begin: Begin,
  redactor: Redactor,
): Promise<void> {
  const { runbook, platform } = plan;
  await record.journal.attach(fileOf(record.id), runbook.source.text);
  const data: RunData<"run.kept"> = {
    run: record.id,
    path: runbook.source.path,
    given: given.map((one) => redactor.text(one)),
    config: platform.path,
    ...(platform.environment === undefined ? {} : { env: platform.environment }),
    digest: runbook.digest,
    platform: platformDigest(platform),
    ...begin,
  };
  await record.journal.append({ type: "run.kept", data }, { sync: true });
}

/** Bytes; what is longer no run has begun with. */
const longestRunbook = 1_048_576;

function fileOf(run: string): string {
  return `${run}.runbook.yaml`;
}

export interface KeptPlan {
  readonly plan: Plan;
  readonly given: readonly string[];
}

/** What the command line said of a run when it began. */
function keptIn(records: readonly JournalLine[], run: string): RunData<"run.kept"> | undefined {
  for (const { type, data } of recordsOf(records, run)) if (type === "run.kept") return data;
  return undefined;
}

/** The plan of a run that an earlier process began, from what it kept. */
export async function restorePlan(
  world: World,
  options: GlobalOptions,
  journal: string,
  run: string,
  records: readonly JournalLine[],
): Promise<Result<KeptPlan, Refusal>> {
  const kept = keptIn(records, run);
  if (kept === undefined) return refusal(`${run} was recorded but never started; nothing ran`, "state");
  const hidden = kept.given.find((one) => token.test(one));
  if (hidden !== undefined) {
    const name = hidden.split("=")[0] ?? "";
    return refusal(
      `the parameter ${name} of ${run} contained a secret and was not stored; start a new run`,
      "state",
    );
  }
  const text = (await readState(join(dirname(journal), fileOf(run)), longestRunbook))?.toString("utf8");
  if (text === undefined)
    return refusal(`the copy of the runbook beside the journal of ${run} is missing`, "state");
  const runbook = await readKept(world, { path: kept.path, text });
  if (!runbook.ok) return runbook;
  if (runbook.value.digest !== kept.digest) {
    return refusal(
      `a runbook that ${kept.path} includes has changed since ${run} started; start a new run`,
      "runbook",
    );
  }
  const where = {
    ...options,
    config: options.config ?? kept.config,
    ...(kept.env === undefined ? {} : { env: kept.env }),
  };
  const platform = await openPlatform(world, where, { command: "resume", untrusted: "refuse" });
  if (!platform.ok) return platform;
  const params = await readParams(runbook.value, kept.given);
  if (!params.ok) return params;
  const planned = planOf(runbook.value, platform.value.platform, params.value);
  if (!planned.ok) return planned;
  const plan = await withLogins(planned.value, platform.value);
  if (!plan.ok) return plan;
  if (platformDigest(plan.value.platform) !== kept.platform) {
    const why = `${plan.value.platform.path} or an address in the environment has changed since ${run} started`;
    return refusal(`${why}; start a new run`, "configuration");
  }
  const begun = beginAt(plan.value, kept);
  return begun.ok ? ok({ plan: begun.value, given: kept.given }) : begun;
}
