import { journalBytes, readJournal, type JournalLine, type ReadJournal } from "./journal-record.ts";
import {
  incidentFolder,
  isIncidentId,
  journalIn,
  runFolder,
  runsFolder,
  snapshotRecordFolder,
} from "./layout.ts";
import { hasState } from "./state-file.ts";
import { stateNames } from "./state-folder.ts";

/** A record of a sealed file: a snapshot's own, or that of what a run captured before a change. */
export type Sealing = Extract<JournalLine, { readonly type: "snapshot.sealed" | "evidence.sealed" }>;

/** A journal that speaks of a snapshot. */
export interface JournalWithSealings {
  readonly journal: string;
  readonly sealings: readonly Sealing[];
  /** The first record that does not hold: what is behind it is not read. */
  readonly problem: ReadJournal["problem"];
}

/**
 * Every journal of this state folder that has the name of a snapshot in it, whoever sealed it.
 * @param incident what the sealed file says that it belongs to
 * @throws StateFault
 */
export function sealingsOf(
  state: string,
  snapshot: string,
  incident: string | undefined,
): readonly JournalWithSealings[] {
  return journalsOf(state, incident).flatMap((journal) => {
    const bytes = journalBytes(journal);
    if (!bytes.includes(snapshot)) return [];
    const { records, problem } = readJournal(journal, bytes);
    const sealings = records.filter(isSealing).filter(({ data }) => data.snapshot === snapshot);
    return [{ journal, sealings, problem }];
  });
}

function isSealing(line: JournalLine): line is Sealing {
  return line.type === "snapshot.sealed" || line.type === "evidence.sealed";
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
