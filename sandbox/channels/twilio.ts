import type { ChannelFaults } from "./faults.ts";
import { json, standIn, type Answer, type Asked, type Provider, type StandIn } from "./stand-in.ts";

/** A text message at Twilio, ours or a person's answer. */
export interface Sms {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly body: string;
  readonly direction: "outbound-api" | "inbound";
  status: string;
  readonly error_code: number | null;
  readonly date_created: string;
  /** A message that is still queued has none. */
  readonly date_sent: string | null;
}

export interface TwilioSettings {
  readonly account: string;
  readonly token: string;
  readonly from: string;
  /** What its clock says, milliseconds since 1970. */
  readonly now: () => number;
}

export interface TwilioStandIn extends StandIn {
  readonly messages: readonly Sms[];
  /** What becomes of a message that was accepted, once somebody asks. */
  settle(status: "delivered" | "undelivered" | "failed"): void;
  /** A person writes back. */
  answer(from: string, body: string): void;
}

const usual: TwilioSettings = {
  account: "ACstandin00000000000000000000000001",
  token: "stand-in-auth-token",
  from: "+15550100",
  now: Date.now,
};

/** Twilio's messages: sending, one by its sid, and lists by To and From. */
export async function twilioStandIn(
  given: Partial<TwilioSettings> = {},
  port?: number,
): Promise<TwilioStandIn> {
  const settings = { ...usual, ...given };
  const provider = new Twilio(settings);
  const server = await standIn(provider, port, settings.now);
  return Object.assign(server, {
    messages: provider.messages,
    settle: (status: string) => {
      for (const one of provider.messages) if (one.status === "queued") one.status = status;
    },
    answer: (from: string, body: string) =>
      void provider.add({ from, to: provider.settings.from, body, status: "received" }),
  });
}

const mostBody = 1600;

class Twilio implements Provider {
  readonly name = "twilio";
  readonly messages: Sms[] = [];
  readonly settings: TwilioSettings;

  constructor(settings: TwilioSettings) {
    this.settings = settings;
  }

  answer(asked: Asked, faults: ChannelFaults): Answer {
    const { account, token } = this.settings;
    const folder = `/2010-04-01/Accounts/${account}/Messages`;
    const basic = `Basic ${Buffer.from(`${account}:${token}`).toString("base64")}`;
    if (asked.headers.authorization !== basic || faults.meet(asked.path, ["expired-token"]) !== undefined)
      return no(401, 20003, "Authenticate");
    if (asked.path === `${folder}.json`) {
      return asked.method === "POST" ? this.create(asked, faults) : this.list(asked.query);
    }
    const sid = asked.path.startsWith(`${folder}/`)
      ? asked.path.slice(folder.length + 1, -".json".length)
      : "";
    const found = this.messages.find((one) => one.sid === sid);
    if (found === undefined || asked.method !== "GET")
      return no(404, 20404, "The requested resource was not found");
    return json(200, found);
  }

  limited(seconds: number): Answer {
    const { status, body } = no(429, 20429, "Too Many Requests");
    return { status, body, headers: { "retry-after": String(seconds) } };
  }

  add(made: Pick<Sms, "from" | "to" | "body" | "status"> & { error_code?: number | null }): Sms {
    const sid = `SM${String(this.messages.length + 1).padStart(32, "0")}`;
    const date = new Date(this.settings.now()).toUTCString();
    const inbound = made.status === "received";
    const message: Sms = {
      error_code: null,
      ...made,
      sid,
      direction: inbound ? "inbound" : "outbound-api",
      date_created: date,
      date_sent: inbound ? date : null,
    };
    this.messages.push(message);
    return message;
  }

  private create({ type, body, path }: Asked, faults: ChannelFaults): Answer {
    if (type !== "application/x-www-form-urlencoded") return no(415, 20415, "Unsupported Media Type");
    const form = new URLSearchParams(body);
    const [to, from, words] = [
      form.get("To"),
      form.get("From") ?? form.get("MessagingServiceSid"),
      form.get("Body"),
    ];
    const known = ["To", "From", "MessagingServiceSid", "Body"];
    const odd = [...form.keys()].find((key) => !known.includes(key));
    if (odd !== undefined) return no(400, 21600, `${odd} is not a parameter`);
    if (to === null || !/^\+[1-9]\d{6,14}$/.test(to))
      return no(400, 21211, `The 'To' number ${to} is not a valid phone number.`);
    if (from === null) return no(400, 21603, "A 'From' phone number is required.");
    if (words === null || words === "") return no(400, 21602, "Message body is required.");
    if (words.length > mostBody)
      return no(400, 21617, "The concatenated message body exceeds the 1600 character limit");
    if (this.stopped(to, path, faults)) return no(400, 21610, "Attempt to send to unsubscribed recipient");
    const lost = faults.meet(path, ["undelivered"]) !== undefined;
    const made = this.add({
      to,
      from,
      body: words,
      status: lost ? "undelivered" : "queued",
      error_code: lost ? 30003 : null,
    });
    return json(201, { ...made, status: "queued", error_code: null });
  }

  /** A person who answered STOP is reached no more, until START. */
  private stopped(to: string, path: string, faults: ChannelFaults): boolean {
    const word = this.messages.findLast(
      ({ from, direction, body }) =>
        direction === "inbound" && from === to && /^(stop|start)$/i.test(body.trim()),
    );
    if (word !== undefined) return /^stop$/i.test(word.body.trim());
    const fault = faults.meet(path, ["unsubscribed"]);
    return fault !== undefined && (fault["to"] === undefined || fault["to"] === to);
  }

  /** Newest first, in pages. */
  private list(query: URLSearchParams): Answer {
    const [to, from] = [query.get("To"), query.get("From")];
    const found = this.messages
      .filter((one) => (to === null || one.to === to) && (from === null || one.from === from))
      .toReversed();
    const size = Number(query.get("PageSize") ?? 50);
    const page = Number(query.get("Page") ?? 0);
    const messages = found.slice(page * size, (page + 1) * size);
    const next = new URLSearchParams(query);
    next.set("Page", String(page + 1));
    const path = `/2010-04-01/Accounts/${this.settings.account}/Messages.json`;
    const more = found.length > (page + 1) * size;
    return json(200, {
      messages,
      page,
      page_size: size,
      next_page_uri: more ? `${path}?${next.toString()}` : null,
    });
  }
}

function no(status: number, code: number, message: string): Answer {
  return json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}
