import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "../base/result.ts";
import { readStateSync } from "./state-file.ts";
import { haltsFolder, incidentsFolder, journalIn, journalName, runsFolder } from "./layout.ts";
import type { JournalState, Records } from "../ports/evidence.ts";
import { journalBytes, readJournal } from "./journal-record.ts";
import { momentOf } from "./moments.ts";

/** Bytes of one file beside a journal that are read. */
const longestFile = 16 * 1_048_576;

/** The state folder as a snapshot reads it. */
export function recordsIn(state: string, incident: string | undefined): Records {
  const parent = incident === undefined ? runsFolder(state) : incidentsFolder(state);
  const target = incident === undefined ? parent : join(parent, incident);
  return folders(target, parent, (since) => {
    if (incident !== undefined) return [incident];
    return namesIn(parent).filter((name) => changedSince(parent, name, since));
  });
}

/** Halts, each with a journal of its own: those of the incident whenever they were, and all since the time given. */
export function haltsIn(state: string, incident: string | undefined): Records {
  const parent = haltsFolder(state);
  return folders(parent, parent, (since) =>
    namesIn(parent).filter(
      (name) => changedSince(parent, name, since) || (incident !== undefined && isOf(incident, parent, name)),
    ),
  );
}

/** A halt says with its first record what incident it is of. */
function isOf(incident: string, parent: string, name: string): boolean {
  try {
    const [first] = readJournal(journalIn(join(parent, name))).records;
    return first?.type === "halt.intent" && first.data.incident === incident;
  } catch {
    // It is listed, and that it cannot be read is said where it is read.
    return true;
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}

function folders(target: string, parent: string, chosen: (since: Date) => readonly string[]): Records {
  const attempt = <T>(path: string, read: () => T): Promise<Result<T>> => {
    try {
      return Promise.resolve(ok(read()));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return Promise.resolve(fail({ type: "unreadable", target: path, message }));
    }
  };
  return {
    target,
    journals: (since) =>
      attempt(target, () =>
        chosen(since)
          .filter((name) => existsSync(journalIn(join(parent, name))))
          .map((name) => ({ name, files: filesIn(join(parent, name)) })),
      ),
    journal: (name) => attempt(name, () => journalState(journalIn(join(parent, name)))),
    file: (name, file) =>
      attempt(file, () => {
        const path = join(parent, name, file);
        const bytes = readStateSync(path, longestFile);
        if (bytes === undefined) throw new Error("it is gone");
        return bytes.toString("utf8");
      }),
  };
}

/** Whether there is a journal, and one that something was written to since then. */
function changedSince(parent: string, name: string, since: Date): boolean {
  const found = statSync(journalIn(join(parent, name)), { throwIfNoEntry: false });
  return found !== undefined && found.mtime >= since;
}

/** Only plain files: no lock, nothing half written, no key. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .filter((name) => name !== journalName && !/\.(?:lock|key|partial)$|\.lock\.|\.break-/.test(name))
    .toSorted();
}

function journalState(path: string): JournalState {
  // Read once: what is appended from here on belongs to the next snapshot.
  const bytes = journalBytes(path);
  const { records, length, head, problem } = readJournal(path, bytes);
  const offset = bytes.lastIndexOf(0x0a) + 1;
  return {
    text: bytes.toString("utf8", 0, offset),
    offset,
    records: length,
    head,
    ...(problem === undefined ? {} : { problem: `${problem.line} ${problem.message}` }),
    moments: records.flatMap((record) => momentOf(record, record.time) ?? []),
  };
}
