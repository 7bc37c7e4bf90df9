import { randomBytes } from "node:crypto";
import { fail, ok, type Result } from "../base/result.ts";
import { begunAt } from "./begun.ts";
import { runFolder, runLock, runsFolder } from "./layout.ts";
import type { Clock } from "../ports/ports.ts";
import { openJournal, unwritable, type OpenJournal } from "./journal.ts";
import { stateNames } from "./state-folder.ts";
import { holderText, takeLock, takenRecord, type Lock, type Taking } from "./lock.ts";

/** Where one run is recorded, and the lock that keeps a second process from going on with it. */
export interface RunRecord {
  readonly id: string;
  readonly journal: OpenJournal;
  readonly incident: string | undefined;
  /** When what is responded to began: the incident, or the run that is resumed; undefined for a new one by itself. */
  readonly since: Date | undefined;
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
  return `${stampOf(now)}-${randomBytes(2).toString("hex")}`;
}

function stampOf(now: Date): string {
  const digits = now.toISOString().replaceAll(/[-:.Z]/g, "");
  return `RUN-${digits.replace("T", "-")}`;
}

/** Ids of the runs outside of incidents that began since then, the oldest first: their names say when. */
export function runIdsSince(state: string, since: Date): readonly string[] {
  const first = stampOf(since);
  return stateNames(runsFolder(state), { root: state })
    .filter((name) => /^RUN-\d{8}-\d{9}-/.test(name) && name >= first)
    .toSorted();
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
  let since: Date | undefined;
  let journal: OpenJournal | undefined;
  let lock: Awaited<ReturnType<typeof takeLock>> | undefined;
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
    since = await begunAt(journal.path, { root: state });
    lock = await takeLock(runLock(folder, id), 0, taking).catch((error: unknown) => {
      throw unwritable(error);
    });
    if ("takenFrom" in lock && lock.takenFrom !== undefined)
      await journal.append(takenRecord(lock.takenFrom), { sync: true });
  } catch (error) {
    journal?.close();
    if (lock !== undefined && "release" in lock) await lock.release();
    const why = error instanceof Error ? error.message : String(error);
    return fail(noJournal(folder, why));
  }
  if ("heldBy" in lock) {
    journal.close();
    return fail(`${id} is in use: ${holderText(lock.heldBy, `lav-ir resume ${id} --take-over`)}`);
  }
  return ok({ id, journal, incident, since, close: () => closeAll(journal, lock) });
}

/** Why nothing runs: a run without a record is none. */
export function noJournal(folder: string, why: string): string {
  return `cannot write a journal in ${folder}: ${why}\nNothing ran. Name another folder with --state-dir.`;
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
    appendTogether: () => Promise.resolve([]),
    attach: (name) => Promise.resolve(name),
    close: () => {},
  };
  return { id, journal, incident: undefined, since: undefined, close: () => Promise.resolve() };
}
