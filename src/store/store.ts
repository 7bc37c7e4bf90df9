import type { Result } from "../base/result.ts";
import type { AtWork, OtherConsent } from "../events/run.ts";
import type { Plan } from "../plan/plan.ts";
import type { Records } from "../ports/evidence.ts";
import type { SignedJournal } from "./heads.ts";
import type { Incident } from "./incidents.ts";
import type { OpenJournal } from "./journal.ts";
import type { SelectedJournal, Selection } from "./journal-index.ts";
import type { ReadJournal } from "./journal-record.ts";
import type { Taking } from "./lock.ts";
import type { RemovedRun } from "./removed-runs.ts";
import type { ListedRun } from "./run-list.ts";
import type { RunRecord } from "./runs.ts";
import type { JournalWithSealings } from "./sealings.ts";
import type { VerifiedJournal } from "./verify-journal.ts";

/** Which journal: of an incident, with the runs in it; of a run outside of one; of a halt; what became of snapshots; of runs that are gone. */
export type JournalOf =
  | { readonly incident: string }
  | { readonly run: string }
  | { readonly halt: string }
  | "snapshots"
  | "removed";

/** Where a run is recorded. */
export function journalOfRun({ run, incident }: Pick<ListedRun, "run" | "incident">): JournalOf {
  return incident === undefined ? { run } : { incident };
}

export interface Writing {
  /** What is recorded is worth more than its signature: it is written even where the desk cannot sign. */
  readonly evenUnsigned?: boolean;
  /** Milliseconds to wait for others who write; ten seconds when nothing is said. */
  readonly patience?: number;
}

/**
 * The records of this machine: what ran, what was halted, which incidents there are, and what their journals say.
 * `fileStore` keeps them in files. Whoever is above this room reads and writes records by nothing else.
 *
 * Every call waits for the disk, as long as that takes, and rejects with StateFault where what lies there must not be
 * used. A halt never waits for one: it asks a process of its own.
 */
export interface Store {
  /** Where it is, for a sentence. */
  readonly place: string;
  /** The machine whose hand writes. */
  readonly host: string;

  /** All runs, the newest first. */
  runs(): Promise<readonly ListedRun[]>;
  /** Ids of the runs outside of incidents that began since then, the oldest first; none is read. */
  runIdsSince(since: Date): Promise<readonly string[]>;
  /** What became of a run that is not there any more; undefined where nothing is on record. */
  removedRun(run: string): Promise<RemovedRun | undefined>;
  /** What a run has kept beside its journal, as whole paths. */
  runFiles(run: ListedRun): Promise<readonly string[]>;
  /** Runs that other processes are at now on this plan's platform, the oldest first. */
  runsAtWork(plan: Plan, own: string): Promise<readonly AtWork[]>;
  /** What was agreed to since then in other runs on this plan's platform, the oldest first. */
  consentsSince(plan: Plan, own: string, since: Date): Promise<readonly OtherConsent[]>;
  /** Carries this out while nobody else on this machine is given consent, or as though nobody were after two seconds. */
  whileConsenting<T>(work: () => Promise<T>): Promise<T>;
  /** Takes a run up, new or resumed: its record, and the lock that is its. @returns why not */
  openRun(run: string, incident: string | undefined, taking?: Taking): Promise<Result<RunRecord, string>>;
  /** Why a run that has ended must stay; undefined where it may go. */
  whyKept(run: ListedRun): Promise<string | undefined>;
  /** Removes a run, after the record that it was there. */
  removeRun(run: ListedRun): Promise<void>;
  /** Removes what a process that was killed had begun to remove. */
  finishRemovals(): Promise<void>;

  /** Every incident, the oldest first. */
  incidents(): Promise<readonly Incident[]>;
  /** One incident, or an exercise; undefined when there is none of that name. */
  incident(id: string): Promise<Incident | undefined>;
  /** Ids of incidents and exercises, read or not, in order. */
  incidentNames(): Promise<readonly string[]>;
  /** An incident's review: where its file is, and its bytes where there is one. */
  review(id: string): Promise<{ readonly path: string; readonly bytes: Buffer | undefined }>;
  /** Puts a review in its place, whole or not at all. @throws StateFault, or what the disk says */
  writeReview(id: string, bytes: Buffer): Promise<void>;
  /** Puts the review's page in its place. @returns where it is */
  writeReviewPage(id: string, text: string): Promise<string>;
  /** Blocks that were imported, and into which incident or exercise. */
  importedBlocks(): Promise<ReadonlyMap<string, string>>;
  /** Carries this out while nobody else on this machine declares, or as though nobody did after two seconds. */
  whileDeclaring<T>(work: () => Promise<T>): Promise<T>;
  /** Takes the name of a new incident or exercise. @returns false where there is one of that name already */
  takeIncident(id: string): Promise<boolean>;
  /** This desk's name, as records and references have it. */
  deskName(): Promise<string>;
  /** What an interlock may believe of an incident, or of the one that a halt turned out to belong to. */
  provenState(id: string): Promise<"open" | "resolved" | "unknown">;
  /** The incident that a halt turned out to belong to, empty where it is of none; every other id as it is. */
  incidentOf(id: string): Promise<string>;
  /** Ids of halts, the oldest first. */
  halts(): Promise<readonly string[]>;

  /** Every journal that speaks of a snapshot, whoever sealed it. @param incident what the sealed file says it is of */
  sealings(snapshot: string, incident: string | undefined): Promise<readonly JournalWithSealings[]>;
  /** Folders in which runs put what they capture; not each is there. */
  snapshotFolders(): Promise<readonly string[]>;
  /** What a snapshot takes of runs or of one incident, and of halts. */
  forSnapshot(incident: string | undefined): { readonly records: Records; readonly halts: Records };

  /** A journal, as far as its chain holds; undefined when there is none. */
  read(of: JournalOf): Promise<ReadJournal | undefined>;
  /** What of an incident's journal is needed, as far as its chain holds; undefined when there is none. */
  readSelected(incident: string, selection: Selection): Promise<SelectedJournal | undefined>;
  /** Bytes of a journal, to see whether it has grown; undefined when there is none. */
  sizeOf(of: JournalOf): Promise<number | undefined>;
  /** Follows a journal that others write to; its chain is not asked about. */
  follow(of: JournalOf): { read(): Promise<readonly string[]> };
  /** A journal held against its signed heads. */
  readSigned(of: JournalOf): Promise<SignedJournal>;
  /** Whether a journal is what was written. */
  verify(of: JournalOf): Promise<VerifiedJournal>;
  /** Opens a journal to append to. @throws JournalFault */
  journal(of: JournalOf, writing?: Writing): Promise<OpenJournal>;
}
