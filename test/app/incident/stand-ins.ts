import { pagerDutyStandIn, type PagerDutyStandIn } from "../../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../../sandbox/channels/slack.ts";
import { twilioStandIn, type TwilioStandIn } from "../../../sandbox/channels/twilio.ts";
import type { Directory, DirectoryEntry } from "../../../src/app/wiring/channel-directory.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { createPagerDuty } from "../../../src/drivers/pagerduty/pagerduty.ts";
import { createSlackBot } from "../../../src/drivers/slack/bot.ts";
import { createTwilio } from "../../../src/drivers/twilio/twilio.ts";
import type { Channel } from "../../../src/ports/channel.ts";

export interface Urls {
  readonly slack: string;
  readonly duty: string;
  readonly twilio: string;
}

/** The three providers, and what each has accepted. */
export class Providers implements AsyncDisposable {
  readonly slack: SlackStandIn;
  readonly duty: PagerDutyStandIn;
  readonly twilio: TwilioStandIn;

  private constructor(slack: SlackStandIn, duty: PagerDutyStandIn, twilio: TwilioStandIn) {
    this.slack = slack;
    this.duty = duty;
    this.twilio = twilio;
  }

  static async start(): Promise<Providers> {
    return new Providers(await slackStandIn(), await pagerDutyStandIn(), await twilioStandIn());
  }

  get urls(): Urls {
    return { slack: this.slack.url, duty: this.duty.url, twilio: this.twilio.url };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [this.slack, this.duty, this.twilio].map(async (one) => await one[Symbol.asyncDispose]()),
    );
  }
}

/** The directory of a platform file that has the stand-ins; `token` is Slack's. */
export function directoryOf(
  { slack, duty, twilio }: Urls,
  wrap: (channel: Channel) => Channel = (same) => same,
  token = (): string | undefined => "xoxb-stand-in-token",
): Directory {
  const http = createHttp();
  const entry = (channel: Channel): DirectoryEntry => ({
    channel: wrap(channel),
    secrets: "1",
    reach: () => "+15550102",
  });
  const bots = new Map<string, DirectoryEntry>();
  const bot = (): DirectoryEntry => {
    const given = token();
    if (given === undefined)
      return {
        channel: undefined,
        broken: "SLACK_TOKEN is not set",
        secrets: "",
        reach: () => undefined,
      };
    const made = bots.get(given) ?? {
      ...entry(createSlackBot(http, { token: given, channel: "C042", url: slack })),
      secrets: given,
    };
    bots.set(given, made);
    return made;
  };
  const pager = entry(
    createPagerDuty(http, {
      routingKeys: ["R0UTINGKEY0000000000000000000001"],
      url: duty,
      token: "u+stand-in-token",
      api: duty,
    }),
  );
  const account = "ACstandin00000000000000000000000001";
  const sms = entry(
    createTwilio(http, { account, token: "stand-in-auth-token", from: "+15550100", url: twilio }),
  );
  return {
    isPrivate: () => false,
    redact: (text) => text,
    entries: async () =>
      new Map([
        ["war-room", bot()],
        ["on-call", pager],
        ["sms", sms],
      ]),
  };
}
