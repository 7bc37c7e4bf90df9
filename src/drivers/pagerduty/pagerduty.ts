import type { Channel, ChannelMessage, Rendered, Sent } from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { composed, cutNotes, fit } from "../channel/text.ts";
import { dateOf, judged, requested, textOf, type Reply } from "../channel/request.ts";
import { createPagerDutyAnswers } from "./answers.ts";

export interface PagerDutySettings {
  /** One for each rotation: every one is triggered. */
  readonly routingKeys: readonly string[];
  /** Stands in for PagerDuty's own origin for events. */
  readonly url?: string;
  /** A REST API token, by which acknowledgements are read, and where that API is, if not at its own origin. */
  readonly token?: string;
  readonly api?: string;
}

const origin = "https://events.pagerduty.com";
const apiOrigin = "https://api.pagerduty.com";
const mostSummary = 1024;
const mostKey = 255;
const severities = { P0: "critical", P1: "error", P2: "warning", P3: "info" } as const;

/**
 * PagerDuty by Events v2. A page or a reminder triggers the message's key, and an update or a notice resolves it. Its
 * key is what makes a repeat harmless: a trigger on one that is open notifies nobody again. So all rotations are one
 * message, sent again as a whole while one of them has not taken it.
 */
export function createPagerDuty(http: Http, settings: PagerDutySettings): Channel {
  const { routingKeys, url = origin, token, api = apiOrigin } = settings;
  const enqueue = async (routingKey: string, message: ChannelMessage, signal: AbortSignal): Promise<Sent> => {
    const reply = await requested(http, {
      method: "POST",
      url: `${url}/v2/enqueue`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ routing_key: routingKey, ...eventOf(message) }),
      signal,
    });
    return reply.ok ? sent(reply.value) : reply.failure;
  };
  const answers = token === undefined ? undefined : createPagerDutyAnswers(http, { token, api });
  return {
    settles: "same-key",
    spacing: 0,
    send: async (message, signal) =>
      worst(await Promise.all(routingKeys.map(async (key) => await enqueue(key, message, signal)))),
    ...(answers === undefined
      ? {}
      : { listen: async (message, signal) => await answers(keyOf(message), signal) }),
  };
}

/** A summary is one line. */
function summarized(message: ChannelMessage): ChannelMessage {
  return { ...message, text: message.text.replaceAll(/\s+/g, " ") };
}

function resolves({ kind }: ChannelMessage): boolean {
  return kind === "update" || kind === "notice";
}

export function renderPagerDuty(message: ChannelMessage): Rendered {
  if (resolves(message)) return { texts: [], notes: [`resolves ${keyOf(message)}: no text is sent`] };
  return {
    texts: [
      { name: "summary", text: summaryOf(message) },
      { name: "details", text: message.text },
    ],
    notes: cutNotes(summarized(message), mostSummary),
  };
}

function summaryOf(message: ChannelMessage): string {
  return composed(summarized(message), mostSummary).replaceAll("\n", " ");
}

function eventOf(message: ChannelMessage): Readonly<Record<string, unknown>> {
  const { severity, incident, tag, text, head } = message;
  const dedup_key = keyOf(message);
  if (resolves(message)) return { event_action: "resolve", dedup_key };
  return {
    event_action: "trigger",
    dedup_key,
    payload: {
      summary: summaryOf(message),
      source: "lav-ir",
      severity: severities[severity],
      custom_details: { incident, tag, head, text },
    },
    client: "lav-ir",
  };
}

/** Its end tells two keys of an incident apart: that part is never cut. */
function keyOf({ event, incident, severity }: ChannelMessage): string {
  const key = event ?? `${incident}/${severity}`;
  const end = key.slice(key.lastIndexOf("/"));
  return key.length <= mostKey ? key : `${fit(key.slice(0, -end.length), mostKey - end.length)}${end}`;
}

function sent(reply: Reply): Sent {
  const { status, json } = reply;
  if (status === 202) {
    const at = dateOf(reply);
    return { outcome: "accepted", ...(at === undefined ? {} : { at }) };
  }
  const common = judged(reply);
  // Its 5xx say that nothing was taken.
  if (status >= 500)
    return { outcome: "refused", code: String(status), message: `PagerDuty failed (${status})` };
  if (common !== undefined) return common;
  const errors = Array.isArray(json?.["errors"]) ? json["errors"].map(textOf) : [];
  const why = [textOf(json?.["message"]), ...errors].filter((part) => part !== "").join(": ");
  if (status >= 400) {
    const message = `PagerDuty rejected the event: ${why.slice(0, 300)}`;
    // Not the event is wrong but the secret: it goes out once there is another.
    if (errors.some((error) => error.includes("routing_key")))
      return { outcome: "refused", secret: true, code: "PagerDuty rejected the routing key", message };
    return { outcome: "failed", code: String(status), message };
  }
  return { outcome: "unknown", message: `it answered ${status}` };
}

const rank = { unknown: 3, refused: 2, failed: 1, accepted: 0 } as const;

/** One key of several that is none fails alone: what goes to the other rotations is not held for it. */
function keysApart(all: readonly Sent[]): readonly Sent[] {
  const isNone = (sent: Sent): sent is Extract<Sent, { outcome: "refused" }> =>
    sent.outcome === "refused" && sent.secret === true;
  if (all.every(isNone)) return all;
  return all.map((sent) =>
    isNone(sent) ? { outcome: "failed", code: "routing_key", message: sent.message } : sent,
  );
}

/** What is still to be tried decides, then what failed for ever. */
function worst(all: readonly Sent[]): Sent {
  const [first, ...rest] = keysApart(all);
  if (first === undefined)
    return { outcome: "failed", code: "none", message: "the channel has no routing key" };
  const found = rest.reduce((one, other) => (rank[other.outcome] > rank[one.outcome] ? other : one), first);
  const taken = all.filter(({ outcome }) => outcome === "accepted").length;
  if (found.outcome === "accepted" || taken === 0) return found;
  return { ...found, message: `${taken} of ${all.length} rotations accepted; ${found.message}` };
}
