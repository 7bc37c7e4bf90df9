import { createClock } from "../../drivers/clock.ts";
import { unapproved, type Plan } from "../../plan/plan.ts";
import { noPast } from "../../run/resume-state.ts";
import { execute, runRedactor } from "./perform.ts";
import { runnerRefusal } from "../wiring/runner-inputs.ts";
import { keepPlan } from "./saved-plan.ts";
import type { Begin } from "./plan-of.ts";
import { newRunId, noRecord } from "../../store/runs.ts";
import { readOverrides, readSkip } from "./override.ts";
import { readSecrets } from "../wiring/secrets.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { chooseIncident } from "../context/incident.ts";
import { refusal, refusalFor } from "../context/refusal.ts";
import { refuse } from "../context/refuse.ts";
import { storeOf } from "../context/store.ts";

/** What the command line says of how a plan is carried out. */
export interface HowToRun {
  /** Reads run, changes are only previewed. */
  readonly live?: boolean;
  readonly yes?: boolean;
  readonly approve?: readonly string[];
  readonly override?: readonly string[];
  readonly skipEvidence?: string;
  readonly approval?: readonly string[];
  readonly junit?: string;
}

/** A plan that may begin, and what it was asked for with. */
export interface Ready {
  readonly plan: Plan;
  readonly given: readonly string[];
  readonly begin: Begin;
}

/** Begins a run: its record first, then the steps. @returns the exit code. */
export async function beginRun(
  world: World,
  options: GlobalOptions,
  { plan, given, begin }: Ready,
  how: HowToRun,
): Promise<number> {
  const override = readOverrides(how.override);
  if (!override.ok) return refuse(world, options, override.failure);
  const alone = unapproved(plan);
  if (how.live !== true && alone.length > 0)
    return refuse(world, options, refusalFor(alone, "configuration").failure);
  const secrets = await readSecrets(plan, world);
  if (!secrets.ok) return refuse(world, options, secrets.failure);
  const missing = await runnerRefusal(world, plan);
  if (missing !== undefined) return refuse(world, options, missing);
  const skip = readSkip(how.skipEvidence);
  if (!skip.ok) return refuse(world, options, skip.failure);
  const consent = {
    yes: how.yes === true,
    approve: how.approve ?? [],
    override: override.value,
    ...skip.value,
  };
  const clock = createClock();
  const id = newRunId(clock.now());
  const execution = {
    plan,
    secrets: secrets.value,
    consent,
    past: noPast,
    approvalFiles: how.approval ?? [],
    records: [],
    resumed: false,
    junit: how.junit,
  };
  if (how.live === true) {
    const unattended = { ...options, input: false };
    return await execute(world, unattended, { ...execution, record: noRecord(id), rehearsal: true });
  }
  const incident = await chooseIncident(world, options);
  if (!incident.ok) return refuse(world, options, incident.failure);
  const record = await storeOf(world, options, { clock }).openRun(id, incident.value);
  if (!record.ok) return refuse(world, options, refusal(record.failure, "state").failure);
  try {
    await keepPlan(record.value, plan, given, begin, runRedactor(world, plan, secrets.value));
  } catch (error) {
    await record.value.close();
    const why = error instanceof Error ? error.message : String(error);
    const message = `cannot write the journal: ${why}\n${plan.runbook.id}: nothing ran`;
    return refuse(world, options, refusal(message, "state").failure);
  }
  return await execute(world, options, { ...execution, record: record.value });
}
