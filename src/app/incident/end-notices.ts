import { noticeRecords, noticeTargets, noticeText, type NoticeTarget } from "../../incident/notices.ts";
import type { Quoting } from "./chain.ts";
import type { Scene } from "./scene.ts";

/** Whom the end of an incident is told, and the messages behind the record of it. */
export interface EndNotices {
  readonly targets: readonly NoticeTarget[];
  readonly quoting: Quoting;
}

/** Whoever a message may have reached is told that it is over. */
export function endNotices({ fold, plan, status, head }: Scene, why: string): EndNotices {
  const targets = noticeTargets(fold, plan, status);
  const body = noticeText("RESOLVED", status, why);
  return { targets, quoting: ([about = ""]) => noticeRecords(targets, { body, about, head }) };
}
