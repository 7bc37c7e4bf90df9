import { refOf, type IncidentRecord } from "../../events/incident-record.ts";
import { noticeRecords, noticeTargets, noticeText, type NoticeTarget } from "../../incident/notices.ts";
import { nameOf } from "../../store/desk.ts";
import type { Following } from "../../store/journal.ts";
import type { Scene } from "./scene.ts";

/** Whom the end of an incident is told, and the messages behind the record of it. */
export interface EndNotices {
  readonly targets: readonly NoticeTarget[];
  readonly following: Following;
}

/** Whoever a message may have reached is told that it is over. */
export function endNotices({ fold, plan, status, place }: Scene, why: string): EndNotices {
  const targets = noticeTargets(fold, plan, status);
  const body = noticeText("RESOLVED", status, why);
  const following: Following = (lines): readonly IncidentRecord[] => {
    const last = lines.at(-1);
    if (last === undefined) return [];
    const desk = last.desk ?? nameOf(place.store.host);
    const head = { desk, seq: last.seq, sum: last.sum.slice(0, 12) };
    return noticeRecords(targets, { body, about: refOf(desk, last.seq), head });
  };
  return { targets, following };
}
