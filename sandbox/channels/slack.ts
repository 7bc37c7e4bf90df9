import type { ChannelFaults } from "./faults.ts";
import {
  json,
  parsed,
  standIn,
  text,
  type Answer,
  type Asked,
  type Provider,
  type StandIn,
} from "./stand-in.ts";

/** A message as Slack has it in a channel. */
export interface SlackPost {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  /** Whether it calls everybody in the channel. */
  readonly broadcast: boolean;
  readonly metadata?: {
    readonly event_type: string;
    readonly event_payload: Readonly<Record<string, unknown>>;
  };
  readonly thread_ts?: string;
  readonly user: string;
}

export interface SlackSettings {
  readonly token: string;
  /** Channels by id; the webhook posts to the first. */
  readonly channels: readonly string[];
  /** The webhook's path, which is its secret. */
  readonly webhook: string;
  /** What its clock says, milliseconds since 1970. */
  readonly now: () => number;
}

export interface SlackStandIn extends StandIn {
  /** What was accepted, in order. */
  readonly posts: readonly SlackPost[];
  /** A person answers a post, in its thread. */
  reply(to: SlackPost, user: string, words: string): void;
  /** A person puts a reaction on a post. */
  react(to: SlackPost, user: string, name: string): void;
}

const usual: SlackSettings = {
  token: "xoxb-stand-in-token",
  channels: ["C042"],
  webhook: "/services/T000/B000/stand-in-secret",
  now: Date.now,
};

/** Slack: an incoming webhook, and the methods of a bot that are used. */
export async function slackStandIn(given: Partial<SlackSettings> = {}, port?: number): Promise<SlackStandIn> {
  const settings = { ...usual, ...given };
  const slack = new Slack(settings);
  const server = await standIn(slack, port, settings.now);
  return Object.assign(server, {
    posts: slack.posts,
    reply: (to: SlackPost, user: string, words: string) =>
      void slack.post({ channel: to.channel, text: words, thread_ts: to.ts, user }),
    react: (to: SlackPost, user: string, name: string) =>
      void slack.reactions.push({ ts: to.ts, user, name }),
  });
}

/** Methods that read, with the scope that they need. */
const scopes: Readonly<Record<string, string>> = {
  "chat.postMessage": "chat:write",
  "conversations.history": "channels:history",
  "conversations.replies": "channels:history",
  "reactions.get": "reactions:read",
};

class Slack implements Provider {
  readonly name = "slack";
  readonly posts: SlackPost[] = [];
  readonly reactions: { readonly ts: string; readonly user: string; readonly name: string }[] = [];
  private readonly settings: SlackSettings;
  private last = 0;

  constructor(settings: SlackSettings) {
    this.settings = settings;
  }

  answer(asked: Asked, faults: ChannelFaults): Answer {
    if (asked.path.startsWith("/services/")) return this.hook(asked, faults);
    const method = /^\/api\/([\w.]+)$/.exec(asked.path)?.[1] ?? "";
    const scope = scopes[method];
    if (scope === undefined) return json(404, { ok: false, error: "unknown_method" });
    if (asked.headers.authorization === undefined) return no("not_authed");
    if (asked.headers.authorization !== `Bearer ${this.settings.token}`) return no("invalid_auth");
    if (faults.meet(asked.path, ["expired-token"]) !== undefined) return no("token_expired");
    if (faults.meet(asked.path, ["missing-scope"]) !== undefined)
      return no("missing_scope", { needed: scope, provided: "" });
    if (method === "chat.postMessage") return this.postMessage(asked);
    if (asked.method !== "GET") return no("invalid_arguments");
    return this.reading(method, asked.query);
  }

  limited(seconds: number): Answer {
    return json(429, { ok: false, error: "ratelimited" }, { "retry-after": String(seconds) });
  }

  post(made: {
    channel: string;
    text: string;
    thread_ts?: string;
    user: string;
    metadata?: unknown;
  }): SlackPost {
    // As Slack's: seconds, and a number that no two posts of a channel share.
    this.last = Math.max(this.last + 1, this.settings.now() * 1000);
    const ts = `${Math.floor(this.last / 1_000_000)}.${String(this.last % 1_000_000).padStart(6, "0")}`;
    const { metadata, ...rest } = made;
    const broadcast = /<!(?:channel|here|everyone)>/.test(made.text);
    const post = {
      ...rest,
      ts,
      broadcast,
      ...(metadata === undefined ? {} : { metadata: metadata as NonNullable<SlackPost["metadata"]> }),
    };
    this.posts.push(post);
    return post;
  }

  private hook({ method, path, type, body }: Asked, faults: ChannelFaults): Answer {
    if (path !== this.settings.webhook) return text(404, "no_service");
    if (faults.meet(path, ["expired-token"]) !== undefined) return text(403, "invalid_token");
    const message = type === "application/json" ? parsed(body) : undefined;
    if (method !== "POST" || message === undefined) return text(400, "invalid_payload");
    const unknown = Object.keys(message).filter((key) => !["text", "blocks"].includes(key));
    if (unknown.length > 0 || !isText(message["text"])) return text(400, "invalid_payload");
    const [channel = ""] = this.settings.channels;
    this.post({ channel, text: message["text"], user: "webhook" });
    return text(200, "ok");
  }

  private postMessage({ method, type, body }: Asked): Answer {
    if (method !== "POST" || type !== "application/json") return no("invalid_post_type");
    const message = parsed(body);
    if (message === undefined) return no("invalid_json");
    const { channel, text: words, metadata, thread_ts: thread, ...rest } = message;
    if (Object.keys(rest).some((key) => !["unfurl_links", "unfurl_media"].includes(key)))
      return no("invalid_arguments");
    if (!isText(channel) || !this.settings.channels.includes(channel)) return no("channel_not_found");
    if (!isText(words)) return no("no_text");
    if (words.length > 40_000) return no("msg_too_long");
    if (metadata !== undefined && !isMetadata(metadata)) return no("invalid_metadata_format");
    const post = this.post({
      channel,
      text: words,
      user: "bot",
      ...(metadata === undefined ? {} : { metadata }),
      ...(isText(thread) ? { thread_ts: thread } : {}),
    });
    return json(200, {
      ok: true,
      channel,
      ts: post.ts,
      message: { type: "message", text: words, ts: post.ts },
    });
  }

  private reading(method: string, query: URLSearchParams): Answer {
    const channel = query.get("channel") ?? "";
    if (!this.settings.channels.includes(channel)) return no("channel_not_found");
    const ts = query.get(method === "reactions.get" ? "timestamp" : "ts");
    if (method === "reactions.get") {
      const found = this.reactions.filter((one) => one.ts === ts);
      const reactions = [...new Set(found.map(({ name }) => name))].map((name) => {
        const users = found.filter((one) => one.name === name).map(({ user }) => user);
        return { name, users, count: users.length };
      });
      return json(200, { ok: true, type: "message", channel, message: { ts, reactions } });
    }
    const all = this.posts.filter((post) => post.channel === channel);
    const some =
      method === "conversations.history"
        ? all.filter((post) => post.thread_ts === undefined).toReversed()
        : all.filter((post) => post.ts === ts || post.thread_ts === ts);
    return page(some, query);
  }
}

/** Newest first, in pages; metadata only for who asks for it. */
function page(posts: readonly SlackPost[], query: URLSearchParams): Answer {
  const oldest = Number(query.get("oldest") ?? 0);
  const within = posts.filter(({ ts }) => Number(ts) > oldest);
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 100);
  const withMetadata = query.get("include_all_metadata") === "true";
  const messages = within
    .slice(from, from + limit)
    .map(({ ts, text: words, user, thread_ts: thread, metadata }) => {
      const more = withMetadata && metadata !== undefined ? { metadata } : {};
      return {
        type: "message",
        ts,
        text: words,
        user,
        ...(thread === undefined ? {} : { thread_ts: thread }),
        ...more,
      };
    });
  const more = within.length > from + limit;
  const cursor = more ? String(from + limit) : "";
  return json(200, { ok: true, messages, has_more: more, response_metadata: { next_cursor: cursor } });
}

function no(error: string, more: Readonly<Record<string, string>> = {}): Answer {
  return json(200, { ok: false, error, ...more });
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { event_type: type, event_payload: payload } = value as Record<string, unknown>;
  return isText(type) && typeof payload === "object" && payload !== null;
}
