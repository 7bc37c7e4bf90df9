import type { Problems } from "../language/problems.ts";
import { boolean, list, map, object, oneOf, optional, required, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { keyPlace } from "./place.ts";
import { secretOrText, secretText } from "./secret-ref.ts";

/** Where messages go. A channel has one provider; its secrets stand here by name. */
const line = text({ template: "none", instead: "A secret must be the whole value: ${secrets.NAME}." });
const baseUrl = text({
  template: "none",
  pattern: { test: /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, says: "an http or https address" },
});
const sender = text({
  template: "none",
  pattern: {
    test: /^(?:\+[1-9][0-9 ]{6,18}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$/,
    says: "a number, or an MG… id",
  },
});

const slackShape = object({
  webhook: optional(secretText, "The incoming webhook's address. Its channel is fixed in Slack; no answers."),
  token: optional(secretText, "A bot's token: it can bring answers back."),
  channel: optional(line, "With a token: the channel's id, such as C024BE91L."),
  mention: optional(oneOf("channel", "here", "none"), "Who is notified by a page."),
});
const pagerdutyShape = object({
  routing_keys: required(
    list(secretText, { min: 1, lone: true }),
    "Integration keys, one for each rotation: each is triggered.",
  ),
  token: optional(secretText, "A REST API token: acknowledgements are read with it."),
});
const twilioShape = object({
  account: required(secretOrText, "The account SID."),
  token: required(secretText, "The auth token."),
  from: required(sender, "The number, or the messaging service, that texts come from."),
});
const emailShape = object({
  server: required(secretOrText, "smtp://host:port or smtps://host:port; a secret where it has a password."),
  from: required(line, "The sender's address."),
  to: optional(list(line, { lone: true }), "Addresses, where it goes to no person."),
  tls: optional(oneOf("required", "none"), "required (default): it is sent encrypted or not at all."),
});
const webhookShape = object({
  address: required(secretOrText, "Where it is posted."),
  secret: optional(secretText, "Signs the body with HMAC-SHA256."),
});
const callShape = object({ say: optional(line, "What to say, beside number, severity and impact.") });

const channelShape = object({
  slack: optional(slackShape, "Slack, by a webhook or a bot."),
  pagerduty: optional(pagerdutyShape, "PagerDuty, Events API v2."),
  twilio: optional(twilioShape, "SMS by Twilio."),
  email: optional(emailShape, "E-mail."),
  webhook: optional(webhookShape, "A POST of JSON."),
  call: optional(callShape, "Sends nothing: prints the numbers to call and what to say."),
  private: optional(boolean(), "true: it may carry a security incident."),
  answers: optional(boolean(), "false: no answers are read from it."),
  drill: optional(secretOrText, "Where a drill goes instead; without it no drill uses this channel."),
  url: optional(baseUrl, "Where the provider's API for sending is, if not at its own address."),
  api: optional(baseUrl, "Where the provider's API for reading is, if not at its own address."),
});
export const channelsShape = map(channelShape);
export type ChannelsRead = NonNullable<(typeof channelsShape)["type"]>;

const providers = ["slack", "pagerduty", "twilio", "email", "webhook", "call"] as const;
export type ProviderName = (typeof providers)[number];

/** The settings of one provider, by its name. */
export type ChannelProvider = {
  [P in ProviderName]: { readonly type: P } & NonNullable<ChannelsRead[string][P]>;
}[ProviderName];

export interface ChannelSettings {
  readonly name: string;
  readonly provider: ChannelProvider;
  /** May carry a security incident. */
  readonly private: boolean;
  readonly answers: boolean;
  readonly drill?: string;
  readonly url?: string;
  readonly api?: string;
}

/** What a person must have so that a channel reaches them; undefined where it goes to no single person. */
export function reachedBy(channel: ChannelSettings): "phone" | "email" | undefined {
  switch (channel.provider.type) {
    case "twilio":
    case "call":
      return "phone";
    case "email":
      return "email";
    case "slack":
    case "pagerduty":
    case "webhook":
      return undefined;
  }
}

export function channelsOf(read: ChannelsRead): Readonly<Record<string, ChannelSettings>> {
  return Object.fromEntries(
    Object.entries(read).flatMap(([name, channel]) => {
      const provider = providerOf(channel);
      if (provider === undefined) return [];
      const { private: secluded = false, answers = true, drill, url, api } = channel;
      const more = {
        ...(drill === undefined ? {} : { drill }),
        ...(url === undefined ? {} : { url }),
        ...(api === undefined ? {} : { api }),
      };
      return [[name, { name, provider, private: secluded, answers, ...more }]];
    }),
  );
}

function providerOf(channel: ChannelsRead[string]): ChannelProvider | undefined {
  const [type] = providers.filter((name) => channel[name] !== undefined);
  return type === undefined ? undefined : ({ type, ...channel[type] } as ChannelProvider);
}

export function checkChannels(read: ChannelsRead, root: Node, problems: Problems): void {
  for (const [name, channel] of Object.entries(read)) {
    const place = keyPlace(root, ["channels"], name);
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      problems.add(place, `${name} is not a valid name for a channel`, "Small letters, digits and -.");
    const given = providers.filter((provider) => channel[provider] !== undefined);
    if (given.length !== 1) {
      const has = given.length === 0 ? "has no provider" : `has ${given.join(" and ")}`;
      problems.add(place, `channel ${name} ${has}`, `Give it one of ${providers.join(", ")}.`);
    }
    const { slack } = channel;
    if (slack === undefined) continue;
    const at = keyPlace(root, ["channels", name], "slack");
    if ((slack.webhook === undefined) === (slack.token === undefined))
      problems.add(at, `channel ${name} needs either webhook or token`, "A webhook cannot bring answers.");
    if (slack.token !== undefined && slack.channel === undefined)
      problems.add(at, `channel ${name} has a token but no channel to post to`, "Add channel: C….");
  }
}
