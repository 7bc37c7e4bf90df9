import { fail, ok, type Result } from "../../base/result.ts";
import type { Channel, ChannelMessage, Looked, Sent } from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { isObject, judged, objectsOf, requested, textOf, type Reply } from "../channel/request.ts";
import { createSlackAnswers, wrongToken } from "./answers.ts";
import { slackText, type Mention } from "./text.ts";
import { slackSpacing } from "./webhook.ts";

export interface SlackBotSettings {
  readonly token: string;
  /** The channel's id. */
  readonly channel: string;
  readonly mention?: Mention;
  /** Stands in for Slack's own origin, for posting and for reading. */
  readonly url?: string;
  readonly api?: string;
  /** false: nobody's answers are read. */
  readonly answers?: boolean;
}

const origin = "https://slack.com";
const eventType = "lav_ir";

/** Slack's own trouble: some of the work may be done. */
const halfDone: ReadonlySet<string> = new Set([
  "fatal_error",
  "internal_error",
  "service_unavailable",
  "request_timeout",
]);

/** Messages a page of the history, and pages that are looked through. */
const pageSize = 100;
const mostPages = 5;
/** Milliseconds that this desk's clock may be ahead of Slack's. */
const skew = 600_000;

/** Slack by a bot's token. Each post carries its key as metadata, by which a later look finds it. */
export function createSlackBot(http: Http, settings: SlackBotSettings): Channel {
  const bot = new Bot(http, settings);
  const { token, channel, url = origin, api = url, answers = true } = settings;
  return {
    settles: "look",
    spacing: slackSpacing,
    send: async (message, signal) => await bot.send(message, signal),
    look: async (message, signal) => await bot.look(message, signal),
    ...(answers ? { listen: createSlackAnswers(http, { token, channel, api }) } : {}),
  };
}

class Bot {
  private readonly http: Http;
  private readonly settings: SlackBotSettings;

  constructor(http: Http, settings: SlackBotSettings) {
    this.http = http;
    this.settings = settings;
  }

  async send(message: ChannelMessage, signal: AbortSignal): Promise<Sent> {
    const { token, channel, mention = "channel", url = origin } = this.settings;
    const reply = await requested(this.http, {
      method: "POST",
      url: `${url}/api/chat.postMessage`,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({
        channel,
        text: slackText(message, mention),
        metadata: { event_type: eventType, event_payload: { key: keyOf(message) } },
        unfurl_links: false,
      }),
      signal,
    });
    return reply.ok ? sent(reply.value) : reply.failure;
  }

  async look(message: ChannelMessage, signal: AbortSignal): Promise<Looked> {
    let cursor = "";
    for (let page = 0; page < mostPages; page++) {
      const read = await this.history(message, cursor, signal);
      if (!read.ok) return { found: "unknown", message: read.failure };
      const post = objectsOf(read.value["messages"]).find((one) => carries(one, message));
      if (post !== undefined) return { found: "yes", ...stampOf(post["ts"]) };
      const more = read.value["response_metadata"];
      cursor = isObject(more) ? textOf(more["next_cursor"]) : "";
      if (cursor === "") return { found: "no" };
    }
    return { found: "unknown", message: `it is not among the newest ${mostPages * pageSize} messages` };
  }

  /** A page of the channel's history since shortly before the message was queued. */
  private async history(
    { queued }: ChannelMessage,
    cursor: string,
    signal: AbortSignal,
  ): Promise<Result<Readonly<Record<string, unknown>>, string>> {
    const { token, channel, url = origin, api = url } = this.settings;
    const query = new URLSearchParams({
      channel,
      oldest: String((queued.getTime() - skew) / 1000),
      include_all_metadata: "true",
      limit: String(pageSize),
      ...(cursor === "" ? {} : { cursor }),
    });
    const reply = await requested(this.http, {
      method: "GET",
      url: `${api}/api/conversations.history?${query.toString()}`,
      headers: { authorization: `Bearer ${token}` },
      signal,
    });
    if (!reply.ok) return fail(reply.failure.message);
    const { status, json } = reply.value;
    if (json?.["ok"] === true && Array.isArray(json["messages"])) return ok(json);
    const error = textOf(json?.["error"]);
    return fail(error === "" ? `it answered ${status}` : `Slack lets nobody look: ${error}`);
  }
}

/** Of all incidents: two have messages of equal keys. */
function keyOf({ incident, key }: ChannelMessage): string {
  return `${incident} ${key}`;
}

function carries(post: Readonly<Record<string, unknown>>, message: ChannelMessage): boolean {
  const { metadata } = post;
  if (!isObject(metadata) || metadata["event_type"] !== eventType) return false;
  const payload = metadata["event_payload"];
  return isObject(payload) && payload["key"] === keyOf(message);
}

function sent(reply: Reply): Sent {
  const { status, json } = reply;
  if (status === 200 && json?.["ok"] === true) return { outcome: "accepted", ...stampOf(json["ts"]) };
  const common = judged(reply);
  if (common !== undefined) return common;
  const code = textOf(json?.["error"]);
  if (code === "ratelimited") return { outcome: "refused", code, message: "the rate limit is reached" };
  if (wrongToken.has(code))
    return { outcome: "refused", secret: true, code, message: `Slack refused the token: ${code}` };
  if (code !== "" && !halfDone.has(code))
    return { outcome: "failed", code, message: `Slack rejected the message: ${code}` };
  if (status >= 400)
    return { outcome: "failed", code: String(status), message: `Slack rejected the request (${status})` };
  return {
    outcome: "unknown",
    message: code === "" ? `it answered ${status} with something unreadable` : `Slack failed: ${code}`,
  };
}

/** Slack's id of a message is its time, in seconds. */
function stampOf(ts: unknown): { readonly providerId?: string; readonly at?: Date } {
  const providerId = textOf(ts);
  if (!/^\d{1,12}\.\d{1,9}$/.test(providerId)) return {};
  return { providerId, at: new Date(Number(providerId) * 1000) };
}
