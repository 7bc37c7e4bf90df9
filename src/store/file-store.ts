import { statSync } from "node:fs";
import type { Clock } from "../ports/ports.ts";
import { consentsSince } from "./concurrent-consents.ts";
import { runsAtWork } from "./concurrent-runs.ts";
import { deskKey, openDesk } from "./desk.ts";
import { readSigned } from "./heads.ts";
import { importedBlocks } from "./imported-blocks.ts";
import { incidentIn, incidentOf, incidentsIn, provenState } from "./incidents.ts";
import { openJournal } from "./journal.ts";
import { JournalTail } from "./journal-tail.ts";
import { takeLock } from "./lock.ts";
import { readSelected } from "./journal-index.ts";
import { readJournal } from "./journal-record.ts";
import {
  foldCacheFile,
  haltFolder,
  haltsFolder,
  incidentFolder,
  incidentsFolder,
  isDrillId,
  isHaltId,
  isIncidentId,
  consentLock,
  declareLock,
  journalIn,
  removedFolder,
  reviewFile,
  reviewPageFile,
  runFolder,
  snapshotsFolder,
} from "./layout.ts";
import { clearLeaving, removedRun, removeRun, whyKept } from "./removed-runs.ts";
import { runFiles } from "./run-files.ts";
import { listedRuns } from "./run-list.ts";
import { openRecord, runIdsSince, type Keeper } from "./runs.ts";
import { hasState, readStateSync, writeStateSync } from "./state-file.ts";
import { makeNewFolder, makeStateFolder, stateNames } from "./state-folder.ts";
import type { JournalOf, Store } from "./store.ts";
import { haltsIn, recordsIn } from "./evidence.ts";
import { sealingsOf } from "./sealings.ts";
import { verifyJournal } from "./verify-journal.ts";

/** Milliseconds in which another process on this machine takes a number, or is given consent. */
const shortly = 2000;
/** Bytes of a review that is read. */
const longestReview = 64 * 1_048_576;

/** The store in the files of a state folder; every function of this room behind one interface. */
export function fileStore(keeper: Keeper, clock: Clock): Store {
  const { state, actor, host } = keeper;
  const folderOf = (of: JournalOf): string => {
    if (of === "snapshots") return snapshotsFolder(state, undefined);
    if (of === "removed") return removedFolder(state);
    if ("incident" in of) return incidentFolder(state, of.incident);
    return "halt" in of ? haltFolder(state, of.halt) : runFolder(state, of.run, undefined);
  };
  const pathOf = (of: JournalOf): string => journalIn(folderOf(of));
  const key = (): string | undefined => deskKey(state);
  // A function that throws at once must reject as one that throws later.
  const soon = async <T>(act: () => T): Promise<T> => await Promise.resolve().then(act);
  return {
    place: state,
    host,
    runs: async () => await listedRuns(state),
    runIdsSince: (since) => Promise.resolve(runIdsSince(state, since)),
    removedRun: async (run) => await soon(() => removedRun(state, run)),
    runFiles: async (run) => await soon(() => runFiles(state, run)),
    runsAtWork: async (plan, own) => await soon(() => runsAtWork(state, plan, own)),
    consentsSince: async (plan, own, since) => await consentsSince(state, plan, own, since),
    whileConsenting: async (work) =>
      await whileHeld(await takeLock(consentLock(state), shortly).catch(() => undefined), work),
    openRun: async (run, incident, taking) => await openRecord(keeper, clock, run, incident, taking),
    whyKept: async (run) => await soon(() => whyKept(state, run)),
    removeRun: async (run) => await removeRun(keeper, clock, run),
    finishRemovals: async () => await soon(() => clearLeaving(state)),
    incidents: async () => await incidentsIn(state),
    incident: async (id) => await incidentIn(state, id),
    incidentNames: async () =>
      await soon(() =>
        stateNames(incidentsFolder(state), { root: state }).filter(
          (name) => isIncidentId(name) || isDrillId(name),
        ),
      ),
    review: async (id) =>
      await soon(() => {
        const path = reviewFile(state, id);
        return { path, bytes: readStateSync(path, longestReview, { root: state }) };
      }),
    writeReview: async (id, bytes) =>
      await soon(() => writeStateSync(reviewFile(state, id), bytes, { root: state })),
    writeReviewPage: async (id, text) =>
      await soon(() => {
        const path = reviewPageFile(state, id);
        writeStateSync(path, text, { root: state });
        return path;
      }),
    importedBlocks: async () => await importedBlocks(state),
    whileDeclaring: async (work) => {
      makeStateFolder(incidentsFolder(state), { root: state });
      return await whileHeld(await takeLock(declareLock(state), shortly), work);
    },
    takeIncident: async (id) => await soon(() => makeNewFolder(incidentFolder(state, id), { root: state })),
    deskName: async () => await soon(() => openDesk(state, host).name),
    provenState: async (id) => await provenState(state, id),
    incidentOf: (id) => Promise.resolve(incidentOf(state, id)),
    halts: async () => await soon(() => stateNames(haltsFolder(state), { root: state }).filter(isHaltId)),
    sealings: async (snapshot, incident) => await soon(() => sealingsOf(state, snapshot, incident)),
    snapshotFolders: async () =>
      await soon(() => {
        const incidents = stateNames(incidentsFolder(state), { root: state });
        return [undefined, ...incidents].map((incident) => snapshotsFolder(state, incident));
      }),
    forSnapshot: (incident) => ({ records: recordsIn(state, incident), halts: haltsIn(state, incident) }),
    read: async (of) =>
      await soon(() => {
        const path = pathOf(of);
        return hasState(path, { root: state }) ? readJournal(path) : undefined;
      }),
    readSelected: async (incident, selection) =>
      await soon(() => {
        const journal = pathOf({ incident });
        if (!hasState(journal, { root: state })) return undefined;
        return readSelected({ journal, index: foldCacheFile(state, incident), root: state }, selection);
      }),
    sizeOf: async (of) => await soon(() => statSync(pathOf(of), { throwIfNoEntry: false })?.size),
    follow: (of) => new JournalTail(pathOf(of), state),
    readSigned: async (of) => await soon(() => readSigned(pathOf(of), key())),
    verify: async (of) => await soon(() => verifyJournal(pathOf(of), key())),
    journal: async (of, writing = {}) =>
      await openJournal({
        folder: folderOf(of),
        root: state,
        actor,
        host,
        clock,
        // A run alone, and a halt, have one writer.
        shared: typeof of === "string" || "incident" in of,
        ...writing,
      }),
  };
}

/** Whoever holds the lock for longer than what it is for takes is not waited for. */
async function whileHeld<T>(
  lock: Awaited<ReturnType<typeof takeLock>> | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    if (lock !== undefined && "release" in lock) await lock.release();
  }
}
