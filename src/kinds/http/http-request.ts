import type { Failure } from "../../base/failure.ts";
import { NoValue } from "../../base/no-value.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { HttpMethod, HttpReply } from "../../ports/ports.ts";
import type { KindContext, OutputSpec, DisplayArgs } from "../kind.ts";
import { defaulted, integer, map, optional, required, secretUrl, text } from "../../language/shape.ts";
import { addressOf, standsForSecret, shownAddress, whyNoAddress, type Address } from "./http-address.ts";
import { textOf } from "./http-body.ts";
import { jsonOf } from "../../language/json-text.ts";
import { stepElsewhere } from "../../language/url-path.ts";
import { shown } from "../format.ts";

/** What every request has, whatever its method. */
export interface RequestArgs {
  readonly url: Address;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly max_bytes: number;
}

export interface RequestOutputs {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json?: unknown;
  readonly elapsed: number;
  readonly truncated: boolean;
  readonly size: number;
}

export const requestFields = {
  url: required(
    secretUrl(),
    "Absolute http or https URL; values in it are percent-encoded. All of it may be one secret",
  ),
  query: optional(map(text()), "Added to the URL, encoded"),
  headers: optional(map(text({ secret: true })), "Header fields; a value may be a secret"),
  token: optional(text({ secret: true }), "Sent as `Authorization: Bearer …`; an empty one is refused here"),
  max_bytes: defaulted(
    integer({ min: 0, max: 16 * 1024 * 1024 }),
    1024 * 1024,
    "Bytes of the reply's body that are kept; the rest is not read",
  ),
};

export const requestOutputs: { readonly [K in keyof RequestOutputs]-?: OutputSpec } = {
  status: { type: "int", doc: "Status code" },
  headers: { type: "map<string, string>", doc: "Header fields, names in lower case" },
  body: { type: "string", doc: "The body as text, up to `max_bytes`" },
  json: {
    type: "dyn",
    doc: "The body as JSON, whole numbers exact; missing when it is not JSON or was cut",
    optional: true,
  },
  elapsed: { type: "duration", doc: "Time from the request to the end of the reply" },
  truncated: { type: "bool", doc: "The body was longer than `max_bytes`" },
  size: { type: "int", doc: "Bytes of the body that were kept" },
};

/** The arguments as they may be shown. */
export function shownRequest(args: RequestArgs): DisplayArgs {
  return { ...args, url: shownAddress(args.url) };
}

/** What of the arguments is wrong whatever their unknown values become; for a plan, before anything runs. */
export function checkRequest(args: DisplayArgs): string | undefined {
  const url = shown(args["url"]);
  const secret = standsForSecret(url);
  const wrong = secret ? undefined : checkUrl(url);
  if (wrong !== undefined) return wrong;
  if (secret && args["query"] !== undefined)
    return "a URL that is a secret has its query in it; leave out query";
  const given = Object.keys((args["headers"] ?? {}) as object);
  if (args["token"] !== undefined && given.some((name) => name.toLowerCase() === "authorization")) {
    return "token and an Authorization header mean the same; give one of them";
  }
  return undefined;
}

export function checkUrl(url: string): string | undefined {
  const known = !url.includes("‹");
  if (known && (!/^https?:\/\//i.test(url) || !URL.canParse(url))) {
    return `${url} is not an absolute http or https URL`;
  }
  const { username = "", password = "" } = known ? new URL(url) : {};
  if (username !== "" || password !== "")
    return "its URL contains a login, which every plan and journal would show; send it in a header";
  const step = known ? stepElsewhere(url) : undefined;
  return step === undefined ? undefined : `${JSON.stringify(step)} in its path would lead to another path`;
}

/** The URL with its query, as it goes out. What a plan does not know yet is left as it is shown. */
export function fullUrl(args: DisplayArgs): string {
  const [whole = ""] = shown(args["url"]).split("#");
  const pairs = Object.entries((args["query"] ?? {}) as Readonly<Record<string, unknown>>).map(
    ([name, value]) => {
      const plain = shown(value);
      return `${encodeURIComponent(name)}=${plain.includes("‹") ? plain : encodeURIComponent(plain)}`;
    },
  );
  if (pairs.length === 0) return whole;
  const joint = !whole.includes("?") ? "?" : /[?&]$/.test(whole) ? "" : "&";
  return `${whole}${joint}${pairs.join("&")}`;
}

/** Sends it. A reply of any status is an answer; what it means is for the caller to say. */
export async function send(
  method: HttpMethod,
  args: RequestArgs,
  extra: Readonly<Record<string, string>>,
  body: string | undefined,
  { ports, signal }: KindContext,
): Promise<Result<RequestOutputs>> {
  const wrong = checkRequest(shownRequest(args)) ?? emptyToken(args) ?? notAbsolute(args);
  if (wrong !== undefined) {
    const failure: Failure = {
      type: "argument",
      target: `${method} ${shownAddress(args.url)}`,
      message: wrong,
    };
    return fail({ ...failure, effect: "none" });
  }
  const reply = await ports.http.request({
    method,
    url: fullUrl({ ...args, url: addressOf(args.url) }),
    ...(typeof args.url === "string" ? {} : { name: shownAddress(args.url) }),
    headers: headersOf(args, extra),
    ...(body === undefined ? {} : { body }),
    maxBytes: args.max_bytes,
    signal,
  });
  return reply.ok ? ok(await outputsOf(reply.value)) : reply;
}

/** Of a text that only looks like a secret's name, and of a secret that is no URL. */
export function notAbsolute({ url }: RequestArgs): string | undefined {
  const why = typeof url === "string" && !standsForSecret(url) ? undefined : whyNoAddress(addressOf(url));
  return why === undefined ? undefined : `${shownAddress(url)} ${why}`;
}

export function emptyToken({ token }: Pick<RequestArgs, "token">): string | undefined {
  return token?.trim() === "" ? "the token is empty; nothing was sent" : undefined;
}

/** What the author gives comes before what the tool adds, whatever its case. */
export function headersOf(
  { headers = {}, token }: Pick<RequestArgs, "headers" | "token">,
  extra: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const added = Object.entries({
    "user-agent": "lav-ir",
    accept: "*/*",
    ...extra,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  return { ...Object.fromEntries(added.filter(([name]) => !given.has(name))), ...headers };
}

async function outputsOf(reply: HttpReply): Promise<RequestOutputs> {
  const body = textOf(reply);
  const type = reply.headers["content-type"] ?? "";
  const declared = /\bjson\b/i.test(type);
  const json = reply.truncated ? undefined : await jsonOf(body, declared);
  return {
    status: reply.status,
    headers: reply.headers,
    body,
    ...(json === undefined ? whyNoJson(reply, declared) : { json: json.value }),
    elapsed: reply.total,
    truncated: reply.truncated,
    size: reply.body.length,
  };
}

/** Of a body that calls itself JSON and cannot be read as such. */
function whyNoJson({ truncated, body }: HttpReply, declared: boolean): Pick<RequestOutputs, "json"> {
  if (!declared || body.length === 0) return {};
  const why = truncated ? "it was cut at max_bytes" : "it calls itself JSON, and is none";
  return { json: new NoValue(`json cannot be read from the body: ${why}`) };
}
