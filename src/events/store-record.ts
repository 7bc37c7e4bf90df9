import { integer, object, optional, required, text, type ObjectShape } from "../language/shape.ts";

/** What a journal says of the state folder: of itself, of locks, and of what is no longer there. */
export const storeData = {
  "journal.torn": object({
    bytes: required(integer({ min: 0 }), "Bytes of a last line that nobody finished."),
    kept: required(text(), "The file beside the journal that has them."),
  }),
  "lock.taken": object({
    file: required(text(), "The lock's file."),
    pid: required(integer({ min: 0 }), "The process that held it, by its number where it ran."),
    host: required(text(), "Its host; empty where the lock did not say it."),
    since: optional(text(), "Since when it held it, in UTC."),
  }),
  "run.removed": object({
    run: required(text(), "Its id."),
    runbook: optional(text(), "The runbook's id."),
    outcome: optional(text(), "How it ended."),
    began: optional(text(), "When it began, in UTC."),
    ended: optional(text(), "When it ended, in UTC."),
    records: required(integer({ min: 0 }), "Records of its journal."),
    head: required(text(), "The sum of the last of them."),
    signed: required(integer({ min: 0 }), "The number of the newest one that was signed; 0: none."),
  }),
} as const satisfies Readonly<Record<string, ObjectShape<object>>>;

export type StoreRecordType = keyof typeof storeData;

export type StoreData<T extends StoreRecordType> = Exclude<(typeof storeData)[T]["type"], undefined>;

export type StoreRecord = {
  readonly [T in StoreRecordType]: { readonly type: T; readonly data: StoreData<T> };
}[StoreRecordType];
