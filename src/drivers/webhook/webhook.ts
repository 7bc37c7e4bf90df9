import { createHmac } from "node:crypto";
import type { Channel, ChannelMessage, Rendered, Sent } from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { composed, cutNotes } from "../channel/text.ts";
import { dateOf, judged, requested, type Reply } from "../channel/request.ts";

export interface WebhookSettings {
  readonly address: string;
  /** Signs the body. */
  readonly secret?: string;
}

/** Characters of the text; a record's text is shorter. */
const mostText = 65_536;

/**
 * A POST of JSON to a receiver of the operator's own. A repeat has the same `key`, by which the receiver can drop it;
 * whether it does is not known here.
 */
export function createWebhook(http: Http, { address, secret }: WebhookSettings): Channel {
  return {
    settles: "repeat",
    spacing: 0,
    send: async (message, signal) => {
      const { key, incident, severity, kind, head } = message;
      const body = JSON.stringify({ key, incident, severity, kind, text: composed(message, mostText), head });
      const reply = await requested(http, {
        method: "POST",
        url: address,
        headers: { "content-type": "application/json", ...signatureOf(body, secret) },
        body,
        signal,
      });
      return reply.ok ? sent(reply.value) : reply.failure;
    },
  };
}

export function renderWebhook(message: ChannelMessage): Rendered {
  return {
    texts: [{ name: "text", text: composed(message, mostText) }],
    notes: cutNotes(message, mostText),
  };
}

function signatureOf(body: string, secret: string | undefined): Record<string, string> {
  if (secret === undefined) return {};
  return { "x-lav-ir-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
}

function sent(reply: Reply): Sent {
  const { status } = reply;
  if (status >= 200 && status < 300) {
    const at = dateOf(reply);
    return { outcome: "accepted", ...(at === undefined ? {} : { at }) };
  }
  const common = judged(reply);
  if (common !== undefined) return common;
  const code = String(status);
  if (status === 401)
    return { outcome: "refused", secret: true, code, message: "the receiver refused the signature" };
  if (status >= 400)
    return { outcome: "failed", code, message: `the receiver rejected the message (${status})` };
  return { outcome: "unknown", message: `it answered ${status}` };
}
