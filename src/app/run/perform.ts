import { createRedactor, type Redactor } from "../../secrets/redactor.ts";
import type { Plan } from "../../plan/plan.ts";
import type { RunEvent } from "../../events/run.ts";
import type { Past } from "../../run/resume-state.ts";
import { run } from "../../run/run.ts";
import { JournalError, type Consent, type Session } from "../../run/session.ts";
import { Approvals } from "../../approval/approvals.ts";
import type { ApprovalRecord } from "../../approval/record.ts";
import { approvalDesk } from "../approval/desk.ts";
import { runnerEnvironment } from "../wiring/runner-inputs.ts";
import { createIncidentDesk } from "../incident/run-desk.ts";
import { createEvidence } from "../snapshot/before-change.ts";
import type { RunRecord } from "../../store/runs.ts";
import { resumeCommand } from "./pick-run.ts";
import { writeReport } from "./report-file.ts";
import { hideSecrets, knownSecrets, passwordsOf } from "../wiring/secrets.ts";
import { openConsole, type RunConsole } from "./console.ts";
import { createPorts } from "../wiring/ports.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { refusal } from "../context/refusal.ts";
import { refuse } from "../context/refuse.ts";
import { storeOf } from "../context/store.ts";

export interface Execution {
  readonly plan: Plan;
  readonly record: RunRecord;
  readonly secrets: Readonly<Record<string, string>>;
  readonly consent: Consent;
  readonly past: Past;
  /** Files that a second person's approval is to come in. */
  readonly approvalFiles: readonly string[];
  /** What an earlier process wrote of this run. */
  readonly records: readonly ApprovalRecord[];
  readonly resumed: boolean;
  /** Changes are previewed and not made. */
  readonly rehearsal?: boolean;
  /** Where to write JUnit XML as well. */
  readonly junit?: string | undefined;
}

/** Runs a plan with the real drivers, its events going to the journal and to what the operator looks at. */
export async function execute(world: World, options: GlobalOptions, execution: Execution): Promise<number> {
  const { plan, record } = execution;
  const given = Object.values(runnerEnvironment(world, plan.platform));
  hideSecrets(world, execution.secrets, [...passwordsOf(plan.platform, world.env), ...given]);
  const stage = await openConsole(world, options, execution.junit !== undefined);
  try {
    const store = storeOf(world, options);
    const atWork = await store.runsAtWork(plan, record.id);
    const others: Session["others"] = {
      consentsSince: async (since) => await store.consentsSince(plan, record.id, since),
      whileConsenting: async (work) => await store.whileConsenting(work),
    };
    const session = { ...sessionOf(world, options, execution, stage), atWork, others };
    const end = await run(session, stage.view, world.interruption.exitCode);
    return await writeReport(world, execution.junit, stage.junit(), end.exitCode);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return refuse(
      world,
      options,
      refusal(`${error.message}\n${plan.runbook.id}: nothing ran`, "state").failure,
    );
  } finally {
    await record.close();
  }
}

/** Hides every secret that a run can meet, from what is shown and from what it leaves. */
export function runRedactor(world: World, plan: Plan, secrets: Execution["secrets"]): Redactor {
  return createRedactor([
    ...knownSecrets(world, secrets),
    ...passwordsOf(plan.platform, world.env),
    ...Object.values(runnerEnvironment(world, plan.platform)),
  ]);
}

/** Everything a run carries, its secrets hidden from whatever leaves it. */
function sessionOf(
  world: World,
  options: GlobalOptions,
  execution: Execution,
  stage: RunConsole,
): Omit<Session, "atWork" | "others"> {
  const { plan, record, secrets, consent, past, resumed } = execution;
  const { interruption } = world;
  const { path: config, environment } = plan.platform;
  const where = { ...options, config, ...(environment === undefined ? {} : { env: environment }) };
  const desk = approvalDesk(world, where, execution.approvalFiles, record.journal.path);
  const ports = createPorts(world, plan.platform, stage.prompt, options);
  const settings = { world, options, platform: plan.platform, incident: record.incident, secrets };
  const redactor = runRedactor(world, plan, secrets);
  const rehearsal = execution.rehearsal === true;
  const hide = (text: string): string => redactor.text(text);
  const incident = createIncidentDesk({ ...settings, options: where, rehearsal, hide });
  return {
    run: record.id,
    resume: resumeCommand(record.id, options),
    plan,
    ports: { ...ports, evidence: createEvidence(settings, ports), incident },
    journal: record.journal,
    journalPath: record.journal.path,
    operator: world.user,
    incident: record.incident,
    since: record.since,
    resumed,
    rehearsal,
    redactor,
    consent,
    secrets,
    past,
    approvals: new Approvals(desk).restore(execution.records, record.id),
    kill: interruption.kill,
    stop: interruption.stop,
    sink: (event: RunEvent) => stage.hear(event),
  };
}
