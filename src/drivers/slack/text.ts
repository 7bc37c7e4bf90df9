import type { ChannelMessage } from "../../ports/channel.ts";
import { composed } from "../channel/text.ts";

export type Mention = "channel" | "here" | "none";

/** Characters of a text; Slack cuts longer ones. */
const mostText = 40_000;

/** What people typed mentions nobody and links nothing: Slack's own signs are these three. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A page calls whoever is in the channel; nothing else does. */
export function slackText(message: ChannelMessage, mention: Mention): string {
  const call = message.kind === "page" && mention !== "none" ? `<!${mention}> ` : "";
  return `${call}${composed(message, mostText - call.length, escaped)}`;
}
