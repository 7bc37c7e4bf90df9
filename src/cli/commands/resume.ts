import { headsProblem, type SignedJournal } from "../../store/heads.ts";
import { approvalRecords } from "../../approval/record.ts";
import { isRunType, recordsOf } from "../../events/run-record.ts";
import { pastOf } from "../../run/resume-state.ts";
import { runnerRefusal } from "../../app/wiring/runner-inputs.ts";
import { execute } from "../../app/run/perform.ts";
import { runToResume } from "../../app/run/pick-run.ts";
import { restorePlan } from "../../app/run/saved-plan.ts";
import { readOverrides, readSkip } from "../../app/run/override.ts";
import { readSecrets } from "../../app/wiring/secrets.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";
import { storeOf } from "../../app/context/store.ts";
import { journalOfRun } from "../../store/store.ts";

interface ResumeOptions {
  readonly yes?: boolean;
  readonly approve?: readonly string[];
  readonly override?: readonly string[];
  readonly skipEvidence?: string;
  readonly approval?: readonly string[];
  readonly takeOver?: boolean;
}

/** Why nothing is done on this journal's word, in words that complete "PATH". */
function whyNotFrom({ journal: { problem, unread }, heads }: SignedJournal): string | undefined {
  if (problem !== undefined) return `:${problem.line}: this record ${problem.message}`;
  const bad = unread.find(({ must, why, type }) => must || (why === "unreadable" && isRunType(type)));
  if (bad?.must === true)
    return `:${bad.line}: a newer lav-ir wrote this ${bad.type}, which cannot be ignored; upgrade lav-ir`;
  if (bad !== undefined) return `:${bad.line}: this ${bad.type} is malformed`;
  const why = headsProblem(heads);
  return why === undefined ? undefined : `: ${why}`;
}

/** `lav-ir resume`: goes on with a run from its journal. What ran is not run again. */
export async function resume(
  world: World,
  options: GlobalOptions,
  id: string | undefined,
  own: ResumeOptions,
): Promise<number> {
  const store = storeOf(world, options);
  const found = await runToResume(world, options, id);
  if (!found.ok) return refuse(world, options, found.failure);
  const { run, incident, journal: path } = found.value;
  const signed = await store.readSigned(journalOfRun(found.value));
  const why = whyNotFrom(signed);
  if (why !== undefined) {
    const message = `${path}${why}; ${run} cannot be resumed from it`;
    return refuse(world, options, refusal(message, "state").failure);
  }
  const kept = await restorePlan(world, options, path, run, signed.journal.records);
  if (!kept.ok) return refuse(world, options, kept.failure);
  const { plan } = kept.value;
  const override = readOverrides(own.override);
  if (!override.ok) return refuse(world, options, override.failure);
  const skip = readSkip(own.skipEvidence);
  if (!skip.ok) return refuse(world, options, skip.failure);
  const secrets = await readSecrets(plan, world);
  if (!secrets.ok) return refuse(world, options, secrets.failure);
  const missing = await runnerRefusal(world, plan);
  if (missing !== undefined) return refuse(world, options, missing);
  const record = await store.openRun(run, incident, { takeOver: own.takeOver === true });
  if (!record.ok) return refuse(world, options, refusal(record.failure, "state").failure);
  // Read again under the run's lock: the process that held it may have written more until just now.
  const written = (await store.read(journalOfRun(found.value)))?.records ?? [];
  return await execute(world, options, {
    plan,
    record: record.value,
    secrets: secrets.value,
    consent: { yes: own.yes === true, approve: own.approve ?? [], override: override.value, ...skip.value },
    past: pastOf(recordsOf(written, run)),
    approvalFiles: own.approval ?? [],
    records: approvalRecords(written),
    resumed: true,
  });
}
