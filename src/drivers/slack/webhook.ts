import type { Channel, ChannelMessage, Sent } from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { dateOf, judged, requested, type Reply } from "../channel/request.ts";
import { slackText, type Mention } from "./text.ts";

export interface SlackWebhookSettings {
  /** The whole address, which is the secret. */
  readonly webhook: string;
  /** Stands in for Slack's own origin. */
  readonly url?: string;
  readonly mention?: Mention;
}

/** A second from one message to the next is what Slack allows a channel. */
export const slackSpacing = 1000;

/** The webhook itself is wrong, and not the message: another address would do. */
const wrongAddress: ReadonlySet<string> = new Set([
  "invalid_token",
  "no_service",
  "no_team",
  "team_disabled",
]);

/** Slack by an incoming webhook: its channel is fixed there, and it brings nothing back. */
export function createSlackWebhook(http: Http, settings: SlackWebhookSettings): Channel {
  const { webhook, url, mention = "channel" } = settings;
  return {
    settles: "repeat",
    spacing: slackSpacing,
    send: async (message: ChannelMessage, signal) => {
      const address = addressOf(webhook, url);
      if (address === undefined)
        return { outcome: "refused", secret: true, message: "the webhook is no https address" };
      const reply = await requested(http, {
        method: "POST",
        url: address,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: slackText(message, mention) }),
        signal,
      });
      return reply.ok ? sent(reply.value) : reply.failure;
    },
  };
}

function addressOf(webhook: string, url: string | undefined): string | undefined {
  if (!URL.canParse(webhook)) return undefined;
  const own = new URL(webhook);
  return url === undefined ? own.href : new URL(`${own.pathname}${own.search}`, url).href;
}

function sent(reply: Reply): Sent {
  const { status, text } = reply;
  const code = text.trim().slice(0, 100);
  if (status === 200 && code === "ok") {
    const at = dateOf(reply);
    return { outcome: "accepted", ...(at === undefined ? {} : { at }) };
  }
  const common = judged(reply);
  if (common !== undefined) return common;
  if (wrongAddress.has(code))
    return { outcome: "refused", secret: true, code, message: `Slack refused the webhook: ${code}` };
  if (status >= 400)
    return {
      outcome: "failed",
      code: code === "" ? String(status) : code,
      message: `Slack rejected the message: ${code}`,
    };
  return { outcome: "unknown", message: `it answered ${status}, and not ok` };
}
