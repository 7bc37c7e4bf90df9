import { randomBytes } from "node:crypto";
import { fail, ok, type Result } from "../base/result.ts";
import { incidentFolder, incidentsFolder, journalIn, runFolder, runLock, runsFolder } from "./layout.ts";
import { hasState, stateNames } from "./state-file.ts";
import type { Clock } from "../ports/ports.ts";
import { readJournal } from "./journal-record.ts";
import { openJournal, unwritable, type OpenJournal } from "./journal.ts";
import { holderText, takeLock, type Lock, type Taking } from "./lock.ts";
import type { Outcome } from "../events/run.ts";
import { isOfRun, recordsOf, type RunData } from "../events/run-record.ts";

/** Where one run is recorded, and the lock that keeps a second process from going on with it. */
export interface RunRecord {
  readonly id: string;
  readonly journal: OpenJournal;
  readonly incident: string | undefined;
  close(): Promise<void>;
}

/** The state folder, and who writes in it on which machine. */
export interface Keeper {
  readonly state: string;
  readonly actor: string;
  readonly host: string;
}

/**
 * `RUN-20260131-141502123-3fa9`: sorts by time, to the millisecond, and two at once differ. `resume` takes the newest
 * by it, and a script begins several in a second.
 */
export function newRunId(now: Date): string {
  const stamp = now
    .toISOString()
    .replaceAll(/[-:.Z]/g, "")
    .replace("T", "-");
  return `RUN-${stamp}-${randomBytes(2).toString("hex")}`;
}

/** Opens the record of a run, new or resumed: in the open incident's journal, or in one of its own. */
export async function openRecord(
  { state, actor, host }: Keeper,
  clock: Clock,
  id: string,
  incident: string | undefined,
  taking: Taking = {},
): Promise<Result<RunRecord, string>> {
  const folder = runFolder(state, id, incident);
  let journal: OpenJournal | undefined;
  let lock: Awaited<ReturnType<typeof takeLock>>;
  try {
    journal = await openJournal({
      folder,
      root: state,
      actor,
      host,
      clock,
      shared: incident !== undefined,
      ...taking,
    });
    lock = await takeLock(runLock(folder, id), 0, taking).catch((error: unknown) => {
      throw unwritable(error);
    });
  } catch (error) {
    journal?.close();
    const why = error instanceof Error ? error.message : String(error);
    return fail(noJournal(folder, why));
  }
  if ("heldBy" in lock) {
    journal.close();
    return fail(`${id} is being worked on: ${holderText(lock.heldBy, `lav-ir resume ${id} --take-over`)}`);
  }
  return ok({ id, journal, incident, close: () => closeAll(journal, lock) });
}

/** Why nothing runs: a run without a record is none. */
export function noJournal(folder: string, why: string): string {
  return `no journal can be kept in ${folder}: ${why}\nNothing ran. Name another place with --state-dir.`;
}

async function closeAll(journal: OpenJournal, lock: Lock): Promise<void> {
  journal.close();
  await lock.release();
}

/** The record of a rehearsal: there is none, because nothing is changed. */
export function noRecord(id: string): RunRecord {
  const journal: OpenJournal = {
    path: "",
    append: () => Promise.resolve(),
    attach: (name) => Promise.resolve(name),
    close: () => {},
  };
  return { id, journal, incident: undefined, close: () => Promise.resolve() };
}

export interface FoundRun {
  readonly id: string;
  readonly incident: string | undefined;
  readonly path: string;
}

/** Every run there is a record of, the newest last. */
export function allRuns(state: string): readonly FoundRun[] {
  const alone = stateNames(runsFolder(state), { root: state }).map((id) => {
    return { id, incident: undefined, path: journalIn(runFolder(state, id, undefined)) };
  });
  const within = stateNames(incidentsFolder(state), { root: state }).flatMap((incident) => {
    const path = journalIn(incidentFolder(state, incident));
    if (!hasState(path)) return [];
    const ids = readJournal(path)
      .records.filter(isOfRun)
      .map(({ data: { run } }) => run);
    return [...new Set(ids)].map((id) => ({ id, incident, path }));
  });
  return [...alone, ...within]
    .filter(({ path }) => hasState(path))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The run to go on with: the one named, else the newest that has no end. */
export function unfinishedRun(runs: readonly FoundRun[], id: string | undefined): Result<FoundRun, string> {
  if (id !== undefined) {
    const found = runs.find((run) => run.id === id);
    if (found === undefined) return fail(`there is no run ${id}`);
    const end = endOf(found);
    if (end === undefined || resumable.has(end.outcome)) return ok(found);
    return fail(`${id} has ended (${end.outcome}: ${end.message}); start a new run`);
  }
  const found = runs.findLast((run) => {
    const end = endOf(run);
    return end === undefined || end.outcome === "interrupted";
  });
  return found === undefined ? fail("no run is waiting to be resumed") : ok(found);
}

/** Ends after which the same run can go on, once the operator says so: it lacks a yes, or was broken off. */
const resumable: ReadonlySet<Outcome> = new Set(["interrupted", "approval-needed", "declined"]);

function endOf(run: FoundRun): RunData<"run.finished"> | undefined {
  let end: RunData<"run.finished"> | undefined;
  for (const { type, data } of recordsOf(readJournal(run.path).records, run.id))
    if (type === "run.finished") end = data;
  return end;
}
