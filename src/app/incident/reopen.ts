import { ok, type Result } from "../../base/result.ts";
import { audienceOf, noticeTargets } from "../../incident/notices.ts";
import type { IncidentRecord } from "../../events/incident-record.ts";
import { endNotices } from "./end-notices.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

/**
 * Opens an incident again that was resolved or cancelled: it was not over. Its clocks go on, and the rooms and people
 * that heard of its end hear of this. A pager takes a notice for an end, so that it has to be paged.
 */
export function reopen(scene: Scene, typed: string): Result<Statement, Refusal> {
  const { fold, plan, status, place } = scene;
  if (status.state === "open") return refusal(`${place.incident} is open`, "state");
  const why = scene.text(typed, "the reason");
  if (!why.ok) return refusal(why.failure);
  const isPager = (channel: string): boolean => plan.channels[channel]?.provider.type === "pagerduty";
  const record: IncidentRecord = { type: "incident.reopened", data: { why: why.value } };
  const { targets, quoting, records, says } = endNotices(scene, "reopening", record, {
    given: { text: why.value },
    left: ({ channel }) => isPager(channel),
  });
  const all = noticeTargets(fold, plan, status).map(({ channel }) => channel);
  const pagers = [...new Set(all.filter(isPager))];
  return ok({
    records: [record, ...records],
    quoting,
    ...(targets.length === 0 ? {} : { recipients: { send: audienceOf(targets), call: [], left: [] } }),
    sends: "notices",
    says: [
      "reopened: its clocks run again",
      ...says,
      ...pagers.map((pager) => `${pager} is not notified; page it: lav-ir page ${pager}`),
    ],
  });
}
