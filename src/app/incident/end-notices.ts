import type { IncidentRecord } from "../../events/incident-record.ts";
import { eachOnce, noticeRecords, noticeTargets, type NoticeTarget } from "../../incident/notices.ts";
import { keysOfClocks } from "../../incident/pager-keys.ts";
import type { StandardName } from "../../incident/templates/standard.ts";
import type { Quoting } from "./chain.ts";
import { foreseenScene } from "./foreseen-scene.ts";
import { unusedNotes } from "./own-texts.ts";
import type { Scene } from "./scene.ts";
import { standardBody, type GivenFields } from "./templated.ts";

/** Whom the end of an incident is told, and the messages behind the record of it. */
export interface EndNotices {
  readonly targets: readonly NoticeTarget[];
  readonly quoting: Quoting;
  /** Behind the record of the end: that a template was not used. */
  readonly records: readonly IncidentRecord[];
  readonly says: readonly string[];
}

/**
 * Whoever a message may have reached is told that it is over, or is not over: as the incident stands once that is on
 * record.
 * @param body in place of the standard text
 */
export function endNotices(
  scene: Scene,
  name: StandardName,
  record: IncidentRecord,
  { given = {}, body, left = () => false }: NoticeOptions = {},
): EndNotices {
  const { fold, plan, status, head, now } = scene;
  const all = [...noticeTargets(fold, plan, status), ...keysOfClocks(fold, plan, status, now)];
  const targets = eachOnce(all).filter((target) => !left(target));
  const text = body ?? standardBody(foreseenScene(scene, [record]), name, given);
  const quoting: Quoting = ([about = ""]) => noticeRecords(targets, { body: text, about, head });
  const notes =
    body === undefined && targets.length > 0 ? unusedNotes(scene.own, name) : { records: [], says: [] };
  return { targets, quoting, ...notes };
}

export interface NoticeOptions {
  readonly given?: GivenFields;
  readonly body?: string;
  /** Who is not told. */
  readonly left?: (target: NoticeTarget) => boolean;
}
