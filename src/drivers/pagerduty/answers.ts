import { fail, ok, type Result } from "../../base/result.ts";
import type { Heard, Listened } from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { instantOf, Sources, unreadable, type SourceRead } from "../channel/listen.ts";
import { isObject, objectsOf, requested, textOf } from "../channel/request.ts";

export interface PagerDutyReading {
  /** A REST API token. */
  readonly token: string;
  readonly api: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Who acknowledged the incidents of a key: from their log entries, because an incident that is resolved or triggered
 * again has forgotten its acknowledgements.
 */
export function createPagerDutyAnswers(
  http: Http,
  { token, api }: PagerDutyReading,
): (key: string, signal: AbortSignal) => Promise<Listened> {
  const sources = new Sources();
  const read = async (path: string, signal: AbortSignal): Promise<Result<Json, SourceRead>> => {
    const reply = await requested(http, {
      method: "GET",
      url: `${api}${path}`,
      headers: { authorization: `Token token=${token}`, accept: "application/vnd.pagerduty+json;version=2" },
      signal,
    });
    if (!reply.ok) return fail({ ok: false, message: reply.failure.message });
    const { status, json } = reply.value;
    return status === 200 && json !== undefined ? ok(json) : fail(unreadable(reply.value));
  };
  const acknowledged = async (key: string, signal: AbortSignal): Promise<SourceRead> => {
    const found = await read(`/incidents?${new URLSearchParams({ incident_key: key }).toString()}`, signal);
    if (!found.ok) return found.failure;
    const heard: Heard[] = [];
    for (const incident of objectsOf(found.value["incidents"])) {
      // Who asks for one key may be given others by an older API.
      if (textOf(incident["incident_key"]) !== key) continue;
      const id = encodeURIComponent(textOf(incident["id"]));
      const log = await read(`/incidents/${id}/log_entries`, signal);
      if (!log.ok) return log.failure;
      heard.push(...objectsOf(log.value["log_entries"]).flatMap(entryOf));
    }
    return { ok: true, heard };
  };
  return async (key, signal) =>
    await sources.listen({ acknowledgements: async () => await acknowledged(key, signal) });
}

/** A person's acknowledgement: a service acknowledges too, by its API. */
function entryOf(entry: Json): readonly Heard[] {
  const { agent } = entry;
  if (entry["type"] !== "acknowledge_log_entry" || !isObject(agent)) return [];
  const [id, who] = [textOf(entry["id"]), textOf(agent["id"])];
  if (id === "" || who === "" || !textOf(agent["type"]).startsWith("user")) return [];
  return [{ id, at: instantOf(entry["created_at"]), who, what: { did: "acknowledged" } }];
}
