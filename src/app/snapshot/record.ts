import { basename } from "node:path";
import type { Result } from "../../base/result.ts";
import { hasState } from "../../store/state-file.ts";
import { stateNames } from "../../store/state-folder.ts";
import { createClock } from "../../drivers/clock.ts";
import type { KeptSnapshot } from "../../evidence/bundle/kept-snapshots.ts";
import type { NotSealed, Taken } from "../../evidence/capture/snapshot.ts";
import type { VerifiedBundle } from "../../evidence/bundle/verify.ts";
import type { JournalRecord } from "../../events/record.ts";
import type { SnapshotData } from "../../events/snapshot-record.ts";
import { journalBytes, readJournal, type JournalLine } from "../../store/journal-record.ts";
import { openJournal } from "../../store/journal.ts";
import {
  incidentFolder,
  isIncidentId,
  journalIn,
  runFolder,
  runsFolder,
  snapshotRecordFolder,
} from "../../store/layout.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { stateFolder } from "../context/state-folder.ts";

/** The digest goes into the incident's journal, or into that of the snapshots outside of one. */
export async function recordSealing(
  world: World,
  options: GlobalOptions,
  incident: string | undefined,
  result: Result<Taken, NotSealed>,
): Promise<void> {
  // A snapshot that nobody could note down is still one.
  await record(
    world,
    options,
    incident,
    result.ok
      ? { type: "snapshot.sealed", data: sealingOf(result.value) }
      : { type: "snapshot.failed", data: result.failure },
  );
}

/** That a snapshot is about to be removed. @returns whether it could be noted down. */
export async function recordRemoval(
  world: World,
  options: GlobalOptions,
  incident: string | undefined,
  { name, path, bytes, taken }: KeptSnapshot,
): Promise<boolean> {
  const data = { snapshot: name, path, bytes, taken: taken.toISOString() };
  return await record(world, options, incident, { type: "snapshot.removed", data });
}

async function record(
  world: World,
  options: GlobalOptions,
  incident: string | undefined,
  kept: JournalRecord,
): Promise<boolean> {
  const state = stateFolder(world, options);
  const folder = snapshotRecordFolder(state, incident);
  const { user: actor, host } = world;
  try {
    const journal = await openJournal({
      folder,
      root: state,
      actor,
      host,
      clock: createClock(),
      shared: true,
    });
    try {
      await journal.append(kept, { sync: true });
    } finally {
      journal.close();
    }
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    world.stderr.write(`the journal in ${folder} cannot be written: ${why}\n`);
    return false;
  }
}

function sealingOf({ sealed, snapshot, custody }: Taken): SnapshotData<"snapshot.sealed"> {
  const { path, sha256, bytes, key } = sealed;
  const { name, verdict } = snapshot;
  return { snapshot: name, path, sha256, bytes, verdict, custody, ...(key === undefined ? {} : { key }) };
}

interface Where {
  readonly journal: string;
  readonly time: string;
  readonly actor: string;
}

/** What the journals of this machine say of a sealed file. */
export type Recorded =
  | ({ readonly verdict: "matches" } & Where)
  /** The file is the one recorded, and the signature beside it is not: `key` is the one that signed it then. */
  | ({ readonly verdict: "resigned"; readonly key: string } & Where)
  /** `sha256` is what was sealed; `chain` whether the file at least has the chain of custody that was. */
  | ({ readonly verdict: "differs"; readonly sha256: string; readonly chain: "same" | "another" } & Where)
  /** It is spoken of in a journal only behind the first record that does not hold. */
  | { readonly verdict: "broken"; readonly journal: string; readonly why: string }
  | { readonly verdict: "absent" };

export function recordedOf(world: World, options: GlobalOptions, verified: VerifiedBundle): Recorded {
  const name = verified.snapshot?.name ?? basename(verified.path).replace(/\.tar\.gz$/, "");
  let broken: Recorded | undefined;
  for (const journal of journalsOf(stateFolder(world, options), verified.snapshot?.incident ?? undefined)) {
    const bytes = journalBytes(journal);
    if (!bytes.includes(name)) continue;
    const { records, problem } = readJournal(journal, bytes);
    const sealings = records.filter(isSealing).filter(({ data }) => data.snapshot === name);
    const [first] = sealings;
    const same = sealings.find(({ data }) => data.sha256 === verified.sha256);
    if (same !== undefined) return matching(verified, journal, same);
    if (first !== undefined) {
      const chain = first.data.custody === verified.custody ? "same" : "another";
      return { verdict: "differs", sha256: first.data.sha256, chain, ...where(journal, first) };
    }
    if (problem !== undefined) {
      broken ??= { verdict: "broken", journal, why: `line ${problem.line} ${problem.message}` };
    }
  }
  return broken ?? { verdict: "absent" };
}

/** A record of a sealed file: a snapshot's own, or that of what a run captured before a change. */
type Sealing = Extract<JournalLine, { readonly type: "snapshot.sealed" | "evidence.sealed" }>;

function isSealing(line: JournalLine): line is Sealing {
  return line.type === "snapshot.sealed" || line.type === "evidence.sealed";
}

function matching({ signer }: VerifiedBundle, journal: string, record: Sealing): Recorded {
  const { key } = record.data;
  const now = signer.verdict === "trusted" || signer.verdict === "another" ? signer.key : undefined;
  if (key !== undefined && now !== undefined && now !== key) {
    return { verdict: "resigned", key, ...where(journal, record) };
  }
  return { verdict: "matches", ...where(journal, record) };
}

function where(journal: string, { time, actor }: JournalLine): Where {
  return { journal, time, actor };
}

/** Its incident's, that of the snapshots outside of one, and those of the runs: each may have sealed it. */
function journalsOf(state: string, incident: string | undefined): readonly string[] {
  return [
    // What stands in a file that is doubted must not lead elsewhere.
    ...(incident !== undefined && isIncidentId(incident) ? [incidentFolder(state, incident)] : []),
    snapshotRecordFolder(state, undefined),
    ...stateNames(runsFolder(state), { root: state }).map((run) => runFolder(state, run, undefined)),
  ]
    .map(journalIn)
    .filter((path) => hasState(path));
}
