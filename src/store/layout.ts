import { join } from "node:path";

/**
 * Where everything lies in the state folder; `state` is that folder in each of these. Nothing is opened here.
 *
 *     runs/RUN/                 a run outside of an incident: its journal, its lock, what it kept
 *     removed/                  the journal of runs that were removed from here
 *     incidents/INC/            an incident: the journal that its runs and halts share, their locks, what they kept
 *     incidents/INC/snapshots/  what its runs captured
 *     incidents/INC/fold.cache  what its status needs of its journal; may be removed at any time
 *     incidents/INC/review.md   what people and records say of it afterwards; review.html: as one page
 *     snapshots/                what runs outside of one captured, and the journal of such snapshots
 *     halts/HALT/               a halt: its journal, and its receipt
 *     consent.lock              held while one run looks whether another was given consent, and is given its own
 *     sender.lock               held by the one process that sends for this desk
 *     sender.json               its version, and digests of what it sends with
 *     desk/                     this desk's name and its key, which signs the heads of journals
 *     sender.log                what that said, where a command started it
 *     keys/                     this installation's keys
 *     platforms/                platform files as a halt last read them
 *     crashes/                  bugs in the program
 */

const incidents = "incidents";

/** How the file is called in each of those folders that has a journal. */
export const journalName = "journal.ndjson";

/** Bytes of a journal that is read: years of an incident's records. */
export const longestJournal = 256 * 1_048_576;

/** Bytes of an index of a journal. */
export const longestIndex = 32 * 1_048_576;

/** The journal of a folder. */
export function journalIn(folder: string): string {
  return join(folder, journalName);
}

/** Which of an incident's records its status needs. */
export function foldCacheFile(state: string, incident: string): string {
  return join(incidentFolder(state, incident), "fold.cache");
}

/** What keeps a second process from going on with the same run, beside the journal that it writes to. */
export function runLock(folder: string, run: string): string {
  return join(folder, `${run}.lock`);
}

/** What keeps two runs from being given consent at the same instant. */
export function consentLock(state: string): string {
  return join(state, "consent.lock");
}

export function runsFolder(state: string): string {
  return join(state, "runs");
}

/** Where a run is recorded. */
export function runFolder(state: string, run: string, incident: string | undefined): string {
  return incident === undefined ? join(runsFolder(state), run) : incidentFolder(state, incident);
}

/** The folder whose journal has the runs that are no longer there. */
export function removedFolder(state: string): string {
  return join(state, "removed");
}

export function incidentsFolder(state: string): string {
  return join(state, incidents);
}

export function incidentFolder(state: string, incident: string): string {
  return join(state, incidents, incident);
}

/** Whether this is an incident's id: what comes from outside must name a folder and nothing above it. */
export function isIncidentId(text: string): boolean {
  return /^INC-[\w-]+$/.test(text);
}

/** What people and records say of an incident afterwards. */
export function reviewFile(state: string, incident: string): string {
  return join(incidentFolder(state, incident), "review.md");
}

/** The same as one page for a browser. */
export function reviewPageFile(state: string, incident: string): string {
  return join(incidentFolder(state, incident), "review.html");
}

/** What a sender says that nobody looks at. */
export function senderLog(state: string): string {
  return join(state, "sender.log");
}

/** Held while an incident takes its number. */
export function declareLock(state: string): string {
  return join(incidentsFolder(state), "declare.lock");
}

/** What keeps a second process from sending. */
export function senderLock(state: string): string {
  return join(state, "sender.lock");
}

/** What the process that sends says of itself. */
export function senderCardFile(state: string): string {
  return join(state, "sender.json");
}

/** Whether this is an exercise's id. It stands beside incidents, and counts as one only where it is named. */
export function isDrillId(text: string): boolean {
  return /^DRILL-[\w-]+$/.test(text);
}

export function haltsFolder(state: string): string {
  return join(state, "halts");
}

export function haltFolder(state: string, halt: string): string {
  return join(haltsFolder(state), halt);
}

/** Whether this is a halt's id, and so the name of a folder. */
export function isHaltId(text: string): boolean {
  return /^HALT-[\w-]+$/.test(text);
}

/** Where runs put what they capture. */
export function snapshotsFolder(state: string, incident: string | undefined): string {
  return join(incident === undefined ? state : incidentFolder(state, incident), "snapshots");
}

/** The folder whose journal has what became of snapshots. */
export function snapshotRecordFolder(state: string, incident: string | undefined): string {
  return incident === undefined ? snapshotsFolder(state, undefined) : incidentFolder(state, incident);
}

/** This desk's name, and the key that signs the heads of its journals. */
export function deskFolder(state: string): string {
  return join(state, "desk");
}

/** The signed heads of a journal, beside it. */
export function headsFile(journal: string): string {
  return journal.replace(/\.ndjson$/, ".heads");
}

/** Keys of this installation, each with what belongs to it. */
export function keysFolder(state: string): string {
  return join(state, "keys");
}

/** The key that makes the digits of tokens. */
export function redactionKeyFile(state: string, incident: string | undefined): string {
  const folder = incident === undefined ? keysFolder(state) : incidentFolder(state, incident);
  return join(folder, "redaction.key");
}

/** The private key that signs for this installation. */
export function signingKeyFile(state: string): string {
  return join(keysFolder(state), "evidence.pem");
}

/** What `ssh-keygen -Y verify` wants to be given. */
export function allowedSignersFile(state: string): string {
  return join(keysFolder(state), "allowed_signers");
}

/** Where the platform is kept as it was read from the file at this path, which is a whole one. */
export function keptPlatformFile(state: string, path: string): string {
  return join(state, "platforms", `${encodeURIComponent(path).slice(-150)}.json`);
}

/** Where the details of a bug go. */
export function crashFile(state: string, now: Date): string {
  return join(state, "crashes", `${now.toISOString().replaceAll(/[:.]/g, "")}.txt`);
}
