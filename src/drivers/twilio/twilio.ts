import { fail, ok, type Result } from "../../base/result.ts";
import type {
  Channel,
  ChannelMessage,
  Delivery,
  Heard,
  Listened,
  Looked,
  Rendered,
  Sent,
  TakenMessage,
} from "../../ports/channel.ts";
import type { Http } from "../../ports/ports.ts";
import { instantOf } from "../channel/listen.ts";
import { composed, cutNotes } from "../channel/text.ts";
import { dateOf, judged, objectsOf, requested, textOf, type Reply } from "../channel/request.ts";
import { segmentsText } from "./segments.ts";

export interface TwilioSettings {
  readonly account: string;
  readonly token: string;
  /** A number, or the MG… id of a messaging service. */
  readonly from: string;
  /** Stands in for Twilio's own origin, for sending and for reading. */
  readonly url?: string;
  readonly api?: string;
  /** false: nobody's answers are read. */
  readonly answers?: boolean;
}

const origin = "https://api.twilio.com";
const mostBody = 1600;
const pageSize = 50;
const mostPages = 4;
/** Milliseconds that this desk's clock may be ahead of Twilio's. */
const skew = 600_000;
/** Twilio's codes for a login that is none. */
const wrongLogin: ReadonlySet<string> = new Set(["20003", "20005", "20006"]);

type Json = Readonly<Record<string, unknown>>;

/** SMS by Twilio. It drops no repeat, so a message is looked for by its number and the tag in its text. */
export function createTwilio(http: Http, settings: TwilioSettings): Channel {
  const twilio = new Twilio(http, settings);
  return {
    settles: "look",
    // A long number sends one segment a second; Twilio queues what comes faster.
    spacing: 0,
    send: async (message, signal) => await twilio.send(message, signal),
    look: async (message, signal) => await twilio.look(message, signal),
    delivery: async (sid, signal) => await twilio.delivery(sid, signal),
    // An alphanumeric sender cannot be answered; the number of a messaging service is not known.
    ...((settings.answers ?? true) && /^(?:\+|MG)/.test(settings.from)
      ? { listen: async (message, signal) => await twilio.listen(message, signal) }
      : {}),
  };
}

export function renderSms(message: ChannelMessage): Rendered {
  const text = composed(message, mostBody);
  return { texts: [{ name: "Body", text }], notes: [segmentsText(text), ...cutNotes(message, mostBody)] };
}

class Twilio {
  private readonly http: Http;
  private readonly settings: TwilioSettings;

  constructor(http: Http, settings: TwilioSettings) {
    this.http = http;
    this.settings = settings;
  }

  async send(message: ChannelMessage, signal: AbortSignal): Promise<Sent> {
    const { from, url = origin } = this.settings;
    if (message.to === undefined)
      return { outcome: "failed", code: "no-number", message: "the person has no number" };
    const form = new URLSearchParams({
      To: message.to,
      [from.startsWith("MG") ? "MessagingServiceSid" : "From"]: from,
      Body: composed(message, mostBody),
    });
    const reply = await requested(this.http, {
      method: "POST",
      url: `${url}${this.folder()}.json`,
      headers: { ...this.login(), "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      signal,
    });
    return reply.ok ? sent(reply.value) : reply.failure;
  }

  /** Newest first, until those that are older than the message. A queued one has no date sent: it has one created. */
  async look(message: ChannelMessage, signal: AbortSignal): Promise<Looked> {
    const query = new URLSearchParams({ To: message.to ?? "", PageSize: String(pageSize) });
    let next = `${this.folder()}.json?${query.toString()}`;
    for (let page = 0; page < mostPages; page++) {
      const read = await this.read(next, signal);
      if (!read.ok) return { found: "unknown", message: read.failure };
      const listed = objectsOf(read.value.json["messages"]);
      const found = listed.find((one) => textOf(one["body"]).includes(message.tag));
      if (found !== undefined) return { found: "yes", ...stampOf(found) };
      const oldest = Date.parse(textOf(listed.at(-1)?.["date_created"]));
      next = textOf(read.value.json["next_page_uri"]);
      if (next === "" || oldest < message.queued.getTime() - skew) return { found: "no" };
    }
    return {
      found: "unknown",
      message: `it is not among the newest ${mostPages * pageSize} messages to this number`,
    };
  }

  async delivery(sid: string, signal: AbortSignal): Promise<Delivery> {
    const read = await this.read(`${this.folder()}/${encodeURIComponent(sid)}.json`, signal);
    if (!read.ok) return { state: "waiting" };
    const { json, at } = read.value;
    const status = textOf(json["status"]);
    if (status === "delivered" || status === "read")
      return { state: "delivered", ...(at === undefined ? {} : { at }) };
    if (status !== "undelivered" && status !== "failed" && status !== "canceled") return { state: "waiting" };
    const code = codeOf(json["error_code"]);
    return { state: "failed", code: code === "" ? status : code, message: `Twilio says ${status}` };
  }

  /** What the person wrote since, to this number; an SMS says of no message that it answers it. */
  async listen({ to, taken }: TakenMessage, signal: AbortSignal): Promise<Listened> {
    if (to === undefined) return { heard: [] };
    const query = new URLSearchParams({ From: to, PageSize: String(pageSize) });
    const read = await this.read(`${this.folder()}.json?${query.toString()}`, signal);
    if (!read.ok) return { heard: [], problem: `replies: ${read.failure}` };
    // Twilio's times are whole seconds.
    const since = Math.floor(taken.getTime() / 1000) * 1000;
    const heard = objectsOf(read.value.json["messages"]).flatMap((one): readonly Heard[] => {
      const [id, text] = [textOf(one["sid"]), textOf(one["body"])];
      const at = instantOf(one["date_created"]);
      if (textOf(one["direction"]) !== "inbound" || id === "" || at.getTime() < since) return [];
      return [{ id, at, what: { did: "wrote", text } }];
    });
    return { heard: heard.toReversed() };
  }

  private async read(
    path: string,
    signal: AbortSignal,
  ): Promise<Result<{ json: Json; at: Date | undefined }, string>> {
    const { url = origin, api = url } = this.settings;
    // What a page names as the next one must not lead elsewhere with the login.
    if (!path.startsWith(`${this.folder()}`)) return fail("it names a next page elsewhere");
    const reply = await requested(this.http, {
      method: "GET",
      url: `${api}${path}`,
      headers: this.login(),
      signal,
    });
    if (!reply.ok) return fail(reply.failure.message);
    const { status, json } = reply.value;
    return status === 200 && json !== undefined
      ? ok({ json, at: dateOf(reply.value) })
      : fail(`it answered ${status}`);
  }

  private folder(): string {
    return `/2010-04-01/Accounts/${encodeURIComponent(this.settings.account)}/Messages`;
  }

  private login(): Record<string, string> {
    const { account, token } = this.settings;
    return { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString("base64")}` };
  }
}

function sent(reply: Reply): Sent {
  const { status, json } = reply;
  const sid = textOf(json?.["sid"]);
  if (status === 201 && sid !== "") return { outcome: "accepted", ...stampOf(json ?? {}) };
  const common = judged(reply);
  if (common !== undefined) return common;
  const code = codeOf(json?.["code"]);
  if (status === 401 || wrongLogin.has(code)) {
    return { outcome: "refused", secret: true, code, message: "Twilio refused the login" };
  }
  if (status >= 400) {
    // Twilio's sentence has the person's number in it.
    return {
      outcome: "failed",
      code: code === "" ? String(status) : code,
      message: "Twilio rejected the message",
    };
  }
  return { outcome: "unknown", message: `it answered ${status} with something unreadable` };
}

function stampOf(message: Json): { readonly providerId?: string; readonly at?: Date } {
  const sid = textOf(message["sid"]);
  const at = new Date(textOf(message["date_created"]));
  return {
    ...(sid === "" ? {} : { providerId: sid }),
    ...(Number.isNaN(at.getTime()) ? {} : { at }),
  };
}

function codeOf(code: unknown): string {
  return typeof code === "number" || typeof code === "string" ? String(code) : "";
}
