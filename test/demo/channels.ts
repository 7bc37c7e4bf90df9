import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { pagerDutyStandIn, type PagerDutyStandIn } from "../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../sandbox/channels/slack.ts";
import { twilioStandIn, type TwilioStandIn } from "../../sandbox/channels/twilio.ts";

/** Slack, PagerDuty and Twilio as the sandbox has them, for a platform file's channels. */
export interface Channels extends AsyncDisposable {
  readonly slack: SlackStandIn;
  readonly duty: PagerDutyStandIn;
  readonly texts: TwilioStandIn;
  /** The secrets that the shipped platform file names. */
  readonly env: Readonly<Record<string, string>>;
}

type Section = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Starts all three, and writes a platform file whose channels lead to them.
 * @param from the platform file that is copied, with the channels of the shipped one
 */
export async function channelsFor(from: string, to: string): Promise<Channels> {
  const keys = ["R0UTINGKEY0000000000000000000001", "R0UTINGKEY0000000000000000000002"];
  const [slack, duty, texts] = await Promise.all([
    slackStandIn(),
    pagerDutyStandIn({ routingKeys: keys }),
    twilioStandIn({ from: "+15550100199" }),
  ]);
  const platform = parse(readFileSync(from, "utf8")) as { readonly channels: Section };
  const channels = Object.entries(platform.channels).map(([name, channel]) => {
    if ("slack" in channel) return [name, { ...channel, url: slack.url }] as const;
    if ("twilio" in channel) return [name, { ...channel, url: texts.url }] as const;
    if (!("pagerduty" in channel)) return [name, channel] as const;
    // With a token for reading, so that an acknowledgement comes back.
    const pagerduty = { ...(channel["pagerduty"] as object), token: "${secrets.PD_TOKEN}" };
    return [name, { ...channel, pagerduty, url: duty.url, api: duty.url }] as const;
  });
  writeFileSync(to, stringify({ ...platform, channels: Object.fromEntries(channels) }));
  const webhook = "https://hooks.slack.com/services/T000/B000/stand-in-secret";
  const rooms = ["WAR_ROOM", "ONCALL", "ENGINEERING", "ARCHITECTURE", "RISK", "COMPLIANCE", "EXECUTIVES"];
  return {
    slack,
    duty,
    texts,
    env: {
      ...Object.fromEntries(rooms.map((room) => [`SLACK_${room}`, webhook])),
      PD_PRIMARY: keys[0] ?? "",
      PD_SECONDARY: keys[1] ?? "",
      PD_TOKEN: "u+stand-in-token",
      TWILIO_ACCOUNT_SID: "ACstandin00000000000000000000000001",
      TWILIO_AUTH_TOKEN: "stand-in-auth-token",
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([slack, duty, texts].map(async (one) => await one[Symbol.asyncDispose]()));
    },
  };
}
