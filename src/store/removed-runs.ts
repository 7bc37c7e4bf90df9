import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StoreData } from "../events/store-record.ts";
import type { Clock } from "../ports/ports.ts";
import { deskKey } from "./desk.ts";
import { openJournal } from "./journal.ts";
import { readJournal } from "./journal-record.ts";
import { journalIn, removedFolder, runFolder, runsFolder } from "./layout.ts";
import type { ListedRun } from "./run-list.ts";
import type { Keeper } from "./runs.ts";
import { hasState } from "./state-file.ts";
import { removeStateFolder, stateNames } from "./state-folder.ts";
import { verifyJournal } from "./verify-journal.ts";

/** A run that was here, as the record of its removal says. */
export interface RemovedRun extends StoreData<"run.removed"> {
  /** Who removed it, and when, in UTC. */
  readonly actor: string;
  readonly time: string;
}

/** What a folder that is on its way out is called: no run's name, so that nobody takes half a run for one. */
const leaving = "leaving-";

/**
 * Why a run that has ended must stay; undefined where it may go. What an incident's runs wrote is the incident's, a
 * journal that does not hold is evidence of who changed it, and a sealed snapshot is vouched for by its run.
 */
export function whyKept(state: string, run: ListedRun): string | undefined {
  if (run.incident !== undefined) return `it belongs to ${run.incident}`;
  if (run.holder !== undefined) return "it is in use";
  if (run.state !== "ended") return run.state === "waits" ? "it can be resumed" : run.message;
  const { verdict, message } = verifyJournal(run.journal, deskKey(state));
  if (verdict !== "holds" && verdict !== "unsigned")
    return `its journal is unreliable: ${message ?? verdict}`;
  const { records } = readJournal(run.journal);
  const sealed = records.find((line) => line.type === "evidence.sealed" && existsSync(line.data.path));
  if (sealed?.type !== "evidence.sealed") return undefined;
  return `its journal is the proof of ${sealed.data.path}; remove that first: lav-ir snapshot prune`;
}

/**
 * Removes a run's folder, after the record that it was there, with the head of its journal: what is written down
 * elsewhere can still be held against it.
 * @throws StateFault, JournalFault, or what the disk says; then it may be on record, and is still there
 */
export async function removeRun({ state, actor, host }: Keeper, clock: Clock, run: ListedRun): Promise<void> {
  const { records, head, signed } = verifyJournal(run.journal, deskKey(state));
  const { runbook, outcome, began, ended } = run;
  const told = {
    ...(runbook === undefined ? {} : { runbook }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(began === undefined ? {} : { began: began.toISOString() }),
    ...(ended === undefined ? {} : { ended: ended.toISOString() }),
  };
  const folder = removedFolder(state);
  const journal = await openJournal({ folder, root: state, actor, host, clock, shared: true });
  try {
    await journal.append({ type: "run.removed", data: { run: run.run, ...told, records, head, signed } });
  } finally {
    journal.close();
  }
  removeStateFolder(runFolder(state, run.run, undefined), join(runsFolder(state), `${leaving}${run.run}`), {
    root: state,
  });
}

/** Removes what a process that was killed had begun to remove. */
export function clearLeaving(state: string): void {
  for (const name of stateNames(runsFolder(state), { root: state })) {
    const left = join(runsFolder(state), name);
    if (name.startsWith(leaving)) removeStateFolder(left, left, { root: state });
  }
}

/** The removal of this run, the last one, where it was removed from here. @throws StateFault */
export function removedRun(state: string, run: string): RemovedRun | undefined {
  const path = journalIn(removedFolder(state));
  if (!hasState(path, { root: state })) return undefined;
  const found = readJournal(path).records.findLast(
    (line) => line.type === "run.removed" && line.data.run === run,
  );
  if (found?.type !== "run.removed") return undefined;
  return { ...found.data, actor: found.actor, time: found.time };
}
