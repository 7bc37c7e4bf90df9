import { integer, object, optional, required, text, type ObjectShape } from "../language/shape.ts";
import { sealing } from "./run-record.ts";

/** What a journal says of snapshots. */
export const snapshotData = {
  "snapshot.sealed": object(sealing),
  "snapshot.failed": object({
    message: required(text(), "Why it could not be sealed."),
    stage: optional(text(), "Where what was captured is left."),
  }),
  "snapshot.removed": object({
    snapshot: required(text(), "Its name."),
    path: required(text(), "Where it was."),
    bytes: required(integer({ min: 0 }), "Its length."),
    taken: required(text(), "When it was taken, in UTC."),
  }),
} as const satisfies Readonly<Record<string, ObjectShape<object>>>;

export type SnapshotRecordType = keyof typeof snapshotData;

export type SnapshotData<T extends SnapshotRecordType> = Exclude<(typeof snapshotData)[T]["type"], undefined>;

export type SnapshotRecord = {
  readonly [T in SnapshotRecordType]: { readonly type: T; readonly data: SnapshotData<T> };
}[SnapshotRecordType];
