import type { ChannelMessage, Rendered } from "../../ports/channel.ts";
import { composed, cutNotes } from "../channel/text.ts";

export type Mention = "channel" | "here" | "none";

/** Characters of a text; Slack cuts longer ones. */
const mostText = 40_000;

/** What people typed mentions nobody and links nothing: Slack's own signs are these three. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A page calls whoever is in the channel; nothing else does, and no page of a security incident. */
export function slackText(message: ChannelMessage, mention: Mention): string {
  const call = callOf(message, mention);
  return `${call}${composed(message, mostText - call.length, escaped)}`;
}

export function renderSlack(message: ChannelMessage, mention: Mention = "channel"): Rendered {
  const most = mostText - callOf(message, mention).length;
  return {
    texts: [{ name: "text", text: slackText(message, mention) }],
    notes: cutNotes(message, most, escaped),
  };
}

function callOf({ kind, security }: ChannelMessage, mention: Mention): string {
  return kind === "page" && !security && mention !== "none" ? `<!${mention}> ` : "";
}
