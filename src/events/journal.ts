import type { JournalRecord } from "./record.ts";

/** The append-only record of a run. The intent is on disk before the effect, the outcome after it. */
export interface Journal {
  /** Resolves when the record is written; and, with `sync`, when it is on the disk. */
  append(record: JournalRecord, options?: { readonly sync?: boolean }): Promise<void>;
  /** Keeps a file beside the records, on the disk when it resolves. @returns its path. */
  attach(name: string, text: string): Promise<string>;
}
