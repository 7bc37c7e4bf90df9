import { renderPagerDuty } from "../../drivers/pagerduty/pagerduty.ts";
import { renderSlack } from "../../drivers/slack/text.ts";
import { renderMail } from "../../drivers/smtp/smtp.ts";
import { renderSms } from "../../drivers/twilio/twilio.ts";
import { renderWebhook } from "../../drivers/webhook/webhook.ts";
import type { ChannelProvider } from "../../platform/channels.ts";
import type { ChannelMessage, Rendered } from "../../ports/channel.ts";

/** A message as this provider would be sent it, by the functions that send it; without its secrets. */
export function renderedBy(provider: ChannelProvider, message: ChannelMessage): Rendered {
  switch (provider.type) {
    case "slack":
      return renderSlack(message, provider.mention);
    case "pagerduty":
      return renderPagerDuty(message);
    case "twilio":
      return renderSms(message);
    case "email":
      return renderMail(message);
    case "webhook":
      return renderWebhook(message);
    case "call":
      return { texts: [], notes: ["sends nothing: somebody calls"] };
  }
}
