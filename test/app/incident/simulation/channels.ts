import { pagerDutyStandIn, type PagerDutyStandIn } from "../../../../sandbox/channels/pagerduty.ts";
import { slackStandIn, type SlackStandIn } from "../../../../sandbox/channels/slack.ts";
import { twilioStandIn, type TwilioStandIn } from "../../../../sandbox/channels/twilio.ts";
import { webhookStandIn, type WebhookStandIn } from "../../../../sandbox/channels/webhook.ts";
import type { ChannelFaults } from "../../../../sandbox/channels/faults.ts";
import { timed, type Directory, type DirectoryEntry } from "../../../../src/app/wiring/channel-directory.ts";
import { createHttp } from "../../../../src/drivers/http/http.ts";
import { createPagerDuty } from "../../../../src/drivers/pagerduty/pagerduty.ts";
import { createSlackBot } from "../../../../src/drivers/slack/bot.ts";
import { createTwilio } from "../../../../src/drivers/twilio/twilio.ts";
import { createWebhook } from "../../../../src/drivers/webhook/webhook.ts";
import type { Channel, Delivery, Listened, Looked, Sent } from "../../../../src/ports/channel.ts";
import type { Mortal } from "./process.ts";
import { plan } from "./platform.ts";
import type { Random } from "./random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/**
 * What may meet a request, with and without its being carried out: most often it is, and nobody says so, because that
 * alone can double a message.
 */
const mishaps = [
  { fault: "rate-limit", seconds: 1 },
  { fault: "rate-limit", seconds: 40 },
  { fault: "error" },
  { fault: "error", effect: true },
  { fault: "error", effect: true },
  { fault: "reset" },
  { fault: "reset", effect: true },
  { fault: "reset", effect: true },
  { fault: "wrong-json" },
  { fault: "silence" },
  { fault: "silence", effect: true },
  { fault: "silence", effect: true },
  { fault: "undelivered", of: "sms" },
  { fault: "unsubscribed", of: "sms" },
  { fault: "expired-token", of: "war-room" },
  { fault: "expired-token", of: "sms" },
  { fault: "missing-scope", of: "war-room" },
] as const;
/** Milliseconds after which a request that nobody answers is given up. */
const patience = 10_000;

/** What comes of a request that nobody answers. */
const unanswered: Sent = { outcome: "unknown", message: "timed out after 10s" };
const lost: Looked = { found: "unknown", message: "timed out after 10s" };
const waiting: Delivery = { state: "waiting" };
const nothing: Listened = { heard: [] };

type StandIns = readonly [SlackStandIn, PagerDutyStandIn, TwilioStandIn, WebhookStandIn];

/** The providers of a simulation: the strict stand-ins on loopback, on virtual time, spoken to by the real drivers. */
export class Channels implements AsyncDisposable {
  readonly slack: SlackStandIn;
  readonly duty: PagerDutyStandIn;
  readonly twilio: TwilioStandIn;
  readonly hook: WebhookStandIn;
  /** The share of requests that something goes wrong with. */
  trouble = 0;
  /** Which secrets the channels have: others after each rotation. */
  private secrets = 0;
  private readonly clock: VirtualClock;
  private readonly random: Random;
  /** How often something was asked so far. */
  private readonly requests = new Map<string, number>();
  /** Of the process that sends now. */
  private hear: (date: Date, host: string) => void = () => {};
  private readonly drivers: ReadonlyMap<string, Channel>;

  private constructor([slack, duty, twilio, hook]: StandIns, clock: VirtualClock, random: Random) {
    [this.slack, this.duty, this.twilio, this.hook] = [slack, duty, twilio, hook];
    [this.clock, this.random] = [clock, random];
    this.drivers = driversOf([slack, duty, twilio, hook], (date, host) => this.hear(date, host));
  }

  static async start(clock: VirtualClock, random: Random): Promise<Channels> {
    const now = clock.truth;
    const standIns = await Promise.all([
      slackStandIn({ now }),
      pagerDutyStandIn({ now }),
      twilioStandIn({ now }),
      webhookStandIn(undefined, undefined, now),
    ]);
    return new Channels(standIns, clock, random);
  }

  /** Nothing goes wrong any more, and no secret that was refused is used again. */
  calm(): void {
    this.trouble = 0;
    this.secrets += 1;
    for (const { faults } of [this.slack, this.duty, this.twilio, this.hook]) faults.clear();
  }

  /** What a process sends with. */
  directory(mortal: Mortal): Directory {
    return {
      isPrivate: (channel) => channel === "sms" || channel === "on-call",
      // What a request takes in real time, no virtual time passes by.
      onDate: (hear) => void (this.hear = (date, host) => void (mortal.dead || hear(date, 0, host))),
      redact: (text) => text,
      entries: () => {
        const entries = [...this.drivers].map(([name, driver]): readonly [string, DirectoryEntry] => [
          name,
          {
            channel: this.spoken(name, driver, mortal),
            secrets: String(this.secrets),
            reach: (person) => plan.people[person]?.phone,
          },
        ]);
        return Promise.resolve(new Map(entries));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [this.slack, this.duty, this.twilio, this.hook];
    await Promise.all(all.map(async (one) => await one[Symbol.asyncDispose]()));
  }

  /** The driver, with what happens on the way, in a process that may die of it. */
  private spoken(name: string, driver: Channel, mortal: Mortal): Channel {
    const faults = this.faultsOf(name);
    const word = async <T>(about: string, act: () => Promise<T>, silence: T): Promise<T> => {
      const random = this.randomOf(`${name} ${about}`);
      await this.takes(random.between(5, 400));
      const mishap = this.mishapOf(name, random);
      if (mishap?.fault === "silence") {
        if ("effect" in mishap) await mortal.port(act);
        await this.takes(patience);
        return await mortal.port(() => Promise.resolve(silence));
      }
      if (mishap !== undefined) {
        const { of: _of, ...fault } = { of: "", ...mishap };
        faults.add({ ...fault, times: 1 });
      }
      return await mortal.port(act);
    };
    return {
      settles: driver.settles,
      spacing: driver.spacing,
      send: async (message, signal) =>
        await word(`send ${message.key}`, async () => await driver.send(message, signal), unanswered),
      ...(driver.look === undefined
        ? {}
        : {
            look: async (message, signal) =>
              await word(
                `look ${message.key}`,
                async () => (await driver.look?.(message, signal)) ?? lost,
                lost,
              ),
          }),
      ...(driver.delivery === undefined
        ? {}
        : {
            delivery: async (id, signal) =>
              await word(
                `delivery ${id}`,
                async () => (await driver.delivery?.(id, signal)) ?? waiting,
                waiting,
              ),
          }),
      ...(driver.listen === undefined
        ? {}
        : {
            listen: async (page, signal) =>
              await word(
                `listen ${page.key}`,
                async () => (await driver.listen?.(page, signal)) ?? nothing,
                nothing,
              ),
          }),
    };
  }

  /** Of a request that is about something, the next such one. */
  private randomOf(about: string): Random {
    const times = (this.requests.get(about) ?? 0) + 1;
    this.requests.set(about, times);
    return this.random.of(`${about} ${times}`);
  }

  private async takes(ms: number): Promise<void> {
    await this.clock.sleep(ms, new AbortController().signal);
  }

  private mishapOf(name: string, random: Random): (typeof mishaps)[number] | undefined {
    if (!random.chance(this.trouble)) return undefined;
    const mishap = random.pick(mishaps);
    return "of" in mishap && mishap.of !== name ? undefined : mishap;
  }

  private faultsOf(name: string): ChannelFaults {
    if (name === "war-room") return this.slack.faults;
    if (name === "on-call") return this.duty.faults;
    return name === "sms" ? this.twilio.faults : this.hook.faults;
  }
}

function driversOf(
  [slack, duty, twilio, hook]: StandIns,
  hear: (date: Date, host: string) => void,
): ReadonlyMap<string, Channel> {
  const http = timed(createHttp(), (date, _took, host) => hear(date, host));
  const account = "ACstandin00000000000000000000000001";
  return new Map([
    ["war-room", createSlackBot(http, { token: "xoxb-stand-in-token", channel: "C042", url: slack.url })],
    [
      "on-call",
      createPagerDuty(http, {
        routingKeys: ["R0UTINGKEY0000000000000000000001"],
        url: duty.url,
        token: "u+stand-in-token",
        api: duty.url,
      }),
    ],
    [
      "sms",
      createTwilio(http, { account, token: "stand-in-auth-token", from: "+15550100", url: twilio.url }),
    ],
    ["hook", createWebhook(http, { address: `${hook.url}/hook` })],
  ]);
}
