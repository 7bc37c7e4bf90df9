import { refOf, type IncidentRecord, type Ref } from "../../events/incident-record.ts";
import { foldIncident } from "../../incident/fold.ts";
import type { ChainRecord } from "../../incident/order.ts";
import { statusOf } from "../../incident/status.ts";
import type { Scene } from "./scene.ts";

/** The scene as it will be once these records are behind the chain, if nothing else is recorded before. */
export function foreseenScene(scene: Scene, records: readonly IncidentRecord[]): Scene {
  const before = scene.fold.all.map(({ record }) => record);
  const fold = foldIncident([...before, ...laidBehind(scene, records)]);
  return { ...scene, fold, status: statusOf(fold, scene.now, scene.place.incident) };
}

/** What the records will be called. */
export function foreseenRefs({ head }: Scene, records: readonly IncidentRecord[]): readonly Ref[] {
  return records.map((_, index) => refOf(head.desk, head.seq + 1 + index));
}

function laidBehind({ head, now, me }: Scene, records: readonly IncidentRecord[]): readonly ChainRecord[] {
  const time = new Date(now).toISOString();
  return records.map(({ type, data }, index) => ({
    desk: head.desk,
    seq: head.seq + 1 + index,
    time,
    actor: me,
    type,
    data,
  }));
}
