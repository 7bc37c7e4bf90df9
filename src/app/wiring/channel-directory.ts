import { createHash, randomBytes } from "node:crypto";
import { loadClient } from "../../drivers/http/connection.ts";
import { createHttp } from "../../drivers/http/http.ts";
import { createPagerDuty } from "../../drivers/pagerduty/pagerduty.ts";
import { createSlackBot } from "../../drivers/slack/bot.ts";
import { createSlackWebhook } from "../../drivers/slack/webhook.ts";
import { createSmtp, isSmtpServer } from "../../drivers/smtp/smtp.ts";
import { createTwilio } from "../../drivers/twilio/twilio.ts";
import { createWebhook } from "../../drivers/webhook/webhook.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { reachedBy, type ChannelProvider, type ChannelSettings } from "../../platform/channels.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import { secretNameIn } from "../../platform/secret-ref.ts";
import type { SecretSources } from "../../platform/secret-sources.ts";
import type { Channel } from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { drillChannel } from "../../incident/messages.ts";
import { createRedactor } from "../../secrets/redactor.ts";
import { findSecret, type SecretWorld } from "../context/secret-sources.ts";
import { knownSecrets } from "./secrets.ts";

/** One channel of the platform file, as it can be used now. */
export interface DirectoryEntry {
  /** Undefined where it cannot be used. */
  readonly channel: Channel | undefined;
  /** Why not: `SLACK_TOKEN is not set`. */
  readonly broken?: string;
  /** Why nobody's answers can be read from it, where it could bring some: the secret for that is missing. */
  readonly deaf?: string;
  /** Changes when one of its secrets does; says nothing of them. */
  readonly secrets: string;
  /** A person's number on it. */
  readonly reach: (person: string) => string | undefined;
}

/** The channels by name. Secrets are read each time: one in a file may be a new one. */
export interface Directory {
  /** Whether a channel may carry a security incident. */
  isPrivate(channel: string): boolean;
  entries(): Promise<ReadonlyMap<string, DirectoryEntry>>;
  /** Calls back with what a provider's clock said in an answer. */
  onDate?(hear: HearDate): void;
  /** A text without the secrets that were read so far, and those of this process. */
  redact(text: string): string;
}

export interface RealDirectory extends Directory {
  /** Loads what the first request needs; contacts nobody. Never rejects. */
  prepare(): Promise<void>;
}

/** @param took how many milliseconds the answer took @param host whose clock it is, with its port */
export type HearDate = (date: Date, took: number, host: string) => void;

type ChannelPlan = Pick<IncidentPlan, "channels" | "people" | "secrets">;

/**
 * @param ca the platform's own authority: for what the operator runs. A provider at its own address is verified by
 * those that Node trusts.
 */
export function createDirectory(
  world: SecretWorld,
  plan: ChannelPlan,
  ca: string | undefined,
): RealDirectory {
  let hear: HearDate = () => {};
  const dated = (http: Http): Http => timed(http, (...word) => hear(...word));
  const clients = {
    own: dated(createHttp(ca === undefined ? {} : { ca })),
    providers: dated(createHttp()),
  };
  const salt = randomBytes(16);
  const values = new Set<string>();
  const made = new Map<string, DirectoryEntry>();

  const entry = async (name: string, planned: ChannelSettings): Promise<DirectoryEntry> => {
    const reach = (person: string): string | undefined => {
      const { phone, email } = plan.people[person] ?? {};
      return reachedBy(planned) === "email" ? email : phone?.replaceAll(/[^+0-9]/g, "");
    };
    const texts = textsOf(planned.provider);
    const read = await Promise.all(texts.map(async (text) => await valueOf(world, text, plan.secrets)));
    const missing = read.find((one) => !one.ok);
    if (missing?.ok === false) return { channel: undefined, broken: missing.failure, secrets: "", reach };
    const given = read.map((one) => (one.ok ? one.value : ""));
    for (const [index, value] of given.entries()) if (value !== texts[index]) values.add(value);
    const reading = await readingOf(world, planned, plan.secrets);
    if (reading.ok && reading.value !== undefined) values.add(reading.value);
    const secrets = createHash("sha256")
      .update(salt)
      .update(JSON.stringify([given, reading]))
      .digest("hex");
    const before = made.get(name);
    if (before?.secrets === secrets) return before;
    const client =
      planned.url === undefined && planned.provider.type !== "webhook" ? clients.providers : clients.own;
    const value = (text: string): string => given[texts.indexOf(text)] ?? text;
    const channel = channelOf(client, planned, value, {
      reading: reading.ok ? reading.value : undefined,
      ca,
    });
    const deaf = reading.ok ? {} : { deaf: reading.failure };
    const found: DirectoryEntry = channel.ok
      ? { channel: channel.value, ...deaf, secrets, reach }
      : { channel: undefined, broken: channel.failure, secrets, reach };
    made.set(name, found);
    return found;
  };

  const planned = Object.entries(plan.channels).flatMap(([name, one]) => {
    // A person telephones: nothing is ever sent that way.
    if (one.provider.type === "call") return [];
    const drill = drilled(one);
    const real = [name, one] as const;
    return drill === undefined ? [real] : [real, [drillChannel(name), drill] as const];
  });
  const secluded = new Set(planned.flatMap(([name, one]) => (one.private ? [name] : [])));
  const entries = async (): Promise<ReadonlyMap<string, DirectoryEntry>> =>
    new Map(await Promise.all(planned.map(async ([name, one]) => [name, await entry(name, one)] as const)));
  return {
    isPrivate: (channel) => secluded.has(channel),
    onDate: (callback) => void (hear = callback),
    entries,
    prepare: async () => {
      // What is wrong is told by the request, or the message that is held.
      await Promise.allSettled([loadClient(), entries()]);
    },
    redact: (text) =>
      createRedactor(knownSecrets(world, Object.fromEntries([...values].entries()))).text(text),
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

/** The same, which tells of each reply what time it was where that was made. */
export function timed(http: Http, hear: HearDate): Http {
  return {
    request: async (request) => {
      const reply = await http.request(request);
      const date = new Date((reply.ok ? reply.value.headers["date"] : undefined) ?? "");
      if (reply.ok && !Number.isNaN(date.getTime())) hear(date, reply.value.total, hostOf(request.url));
      return reply;
    },
  };
}

/** The channel that a drill uses in its place; undefined where it has no address for drills. */
function drilled(channel: ChannelSettings): ChannelSettings | undefined {
  const { provider, drill } = channel;
  if (drill === undefined) return undefined;
  switch (provider.type) {
    case "slack": {
      const address = provider.token === undefined ? { webhook: drill } : { channel: drill };
      return { ...channel, provider: { ...provider, ...address } };
    }
    case "pagerduty":
      return { ...channel, provider: { ...provider, routing_keys: [drill] } };
    case "webhook":
      return { ...channel, provider: { ...provider, address: drill } };
    case "twilio":
    case "email":
    case "call":
      // Its address is a person's.
      return undefined;
  }
}

/** The texts of a channel that may be secrets. */
function textsOf(provider: ChannelProvider): readonly string[] {
  switch (provider.type) {
    case "slack":
      return [
        provider.webhook ?? provider.token ?? "",
        ...(provider.channel === undefined ? [] : [provider.channel]),
      ];
    case "pagerduty":
      return provider.routing_keys;
    case "twilio":
      return [provider.account, provider.token];
    case "webhook":
      return [provider.address, ...(provider.secret === undefined ? [] : [provider.secret])];
    case "email":
      return [provider.server];
    case "call":
      return [];
  }
}

/** The token by which alone answers are read, where there is one: without it messages go out all the same. */
async function readingOf(
  world: SecretWorld,
  { provider, answers }: ChannelSettings,
  sources: SecretSources | undefined,
): Promise<Result<string | undefined, string>> {
  if (provider.type !== "pagerduty" || provider.token === undefined || !answers) return ok(undefined);
  return await valueOf(world, provider.token, sources);
}

async function valueOf(
  world: SecretWorld,
  text: string,
  sources: SecretSources | undefined,
): Promise<Result<string, string>> {
  const name = secretNameIn(text);
  if (name === undefined) return ok(text);
  const read = await findSecret(world, name, sources);
  if (!read.ok) return fail(`cannot read ${name}: ${read.failure}`);
  const value = read.value?.value.trim() ?? "";
  return value === "" ? fail(`${name} is not set`) : ok(value);
}

function channelOf(
  http: Http,
  planned: ChannelSettings,
  value: (text: string) => string,
  { reading, ca }: { readonly reading: string | undefined; readonly ca: string | undefined },
): Result<Channel, string> {
  const { provider, answers } = planned;
  const url = planned.url === undefined ? {} : { url: planned.url };
  const api = planned.api === undefined ? {} : { api: planned.api };
  switch (provider.type) {
    case "slack": {
      const { webhook, token, channel = "" } = provider;
      const mention = provider.mention === undefined ? {} : { mention: provider.mention };
      if (token !== undefined)
        return ok(
          createSlackBot(http, {
            token: value(token),
            channel: value(channel),
            answers,
            ...mention,
            ...url,
            ...api,
          }),
        );
      return ok(createSlackWebhook(http, { webhook: value(webhook ?? ""), ...mention, ...url }));
    }
    case "pagerduty":
      return ok(
        createPagerDuty(http, {
          routingKeys: provider.routing_keys.map(value),
          ...(reading === undefined ? {} : { token: reading }),
          ...url,
          ...api,
        }),
      );
    case "twilio": {
      const { account, token, from } = provider;
      const number = from.startsWith("+") ? from.replaceAll(" ", "") : from;
      return ok(
        createTwilio(http, {
          account: value(account),
          token: value(token),
          from: number,
          answers,
          ...url,
          ...api,
        }),
      );
    }
    case "webhook": {
      const { address, secret } = provider;
      return ok(
        createWebhook(http, {
          address: value(address),
          ...(secret === undefined ? {} : { secret: value(secret) }),
        }),
      );
    }
    case "email": {
      const server = value(provider.server);
      if (!isSmtpServer(server)) return fail("its server is not smtp://host:port or smtps://host:port");
      return ok(
        createSmtp({
          server,
          from: provider.from,
          ...(provider.to === undefined ? {} : { to: provider.to }),
          encrypted: provider.tls !== "none",
          ...(ca === undefined ? {} : { ca }),
        }),
      );
    }
    case "call":
      return fail("it is called by a person");
  }
}
