import type { Failure } from "../../base/failure.ts";
import { jsonText, type Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { curl } from "../../kinds/http/http-curl.ts";
import { curlData } from "../../kinds/http/http-content.ts";
import { checkUrl, send, type RequestOutputs } from "../../kinds/http/http-request.ts";
import type { KindContext, DisplayArgs, Where } from "../../kinds/kind.ts";
import { required, text } from "../../language/shape.ts";
import { shown } from "../../kinds/format.ts";

/** A platform service's own API, as the kinds that know its words speak to it. */
export interface Api {
  readonly url: string;
  readonly token: string;
}

export const apiFields = {
  url: required(text({ template: "url" }), "Address of the service: `${service.url}`"),
  token: required(text({ secret: true }), "The emergency token; an empty one is refused here"),
};

/** What of the address and the token is wrong, before anything runs. */
export function checkApi({ url }: DisplayArgs): string | undefined {
  return checkUrl(shown(url));
}

/** An object of a reply; its fields are looked at one by one. */
export type Fields = Readonly<Record<string, unknown>>;

const most = 4 * 1024 * 1024;

export function pathUrl(url: string, path: string): string {
  return `${url.replace(/\/+$/, "")}${path}`;
}

/** GET: the JSON of a 200. Anything else is a failure, without effect. */
export async function readApi(url: string, path: string, context: KindContext): Promise<Result<unknown>> {
  const target = pathUrl(url, path);
  const reply = await send("GET", { url: target, max_bytes: most }, {}, undefined, context);
  if (!reply.ok) return fail({ ...reply.failure, effect: "none" });
  return judged(target, reply.value, "none");
}

/**
 * POST with the token and the step's Idempotency-Key: the JSON of a status below 300. What was refused
 * (4xx) has no effect; of what was not answered, or answered with 5xx, nobody can say.
 */
export async function tellApi(
  { url, token }: Api,
  path: string,
  body: Json,
  context: KindContext,
): Promise<Result<unknown>> {
  const target = pathUrl(url, path);
  const extra = { "content-type": "application/json", "idempotency-key": context.idempotencyKey };
  const reply = await send("POST", { url: target, token, max_bytes: most }, extra, jsonText(body), context);
  return reply.ok ? judged(target, reply.value, "unknown") : reply;
}

/** DELETE, in the same way: ends what is there. */
export async function endApi(
  { url, token }: Api,
  path: string,
  context: KindContext,
): Promise<Result<unknown>> {
  const target = pathUrl(url, path);
  const extra = { "idempotency-key": context.idempotencyKey };
  const reply = await send("DELETE", { url: target, token, max_bytes: most }, extra, undefined, context);
  return reply.ok ? judged(target, reply.value, "unknown") : reply;
}

function judged(target: string, reply: RequestOutputs, doubt: "none" | "unknown"): Result<unknown> {
  const { status, json, body } = reply;
  const says = body.replaceAll(/\s+/g, " ").trim().slice(0, 200);
  const effect = status >= 400 && status < 500 ? "none" : doubt;
  if (status >= 200 && status < 300) {
    if (json !== undefined) return ok(json);
    const message = reply.truncated ? "its reply is too long" : "its reply is not JSON";
    return fail({ type: "unreadable", target, message, sample: says, effect });
  }
  if (status === 401 || status === 403) {
    return fail({ type: "denied", target, message: `${status} ${says}`.trim(), effect });
  }
  const message = messageIn(json) ?? (says === "" ? "it gave no reason" : says);
  return fail({ type: "rejected", target, code: String(status), message, effect });
}

function messageIn(json: unknown): string | undefined {
  const message = replyFieldsOf(replyFieldsOf(json)?.["error"])?.["message"];
  return typeof message === "string" ? message : undefined;
}

/** What the service said cannot be read as what it should be. */
export function unreadable(url: string, path: string, message: string): Failure {
  return { type: "unreadable", target: pathUrl(url, path), message, effect: "none" };
}

/** A guard that does not hold: nothing was sent. */
export function refused(target: string, code: string, message: string): Failure {
  return { type: "rejected", target, code, message, effect: "none" };
}

export function replyFieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A finite number, of whatever type it arrived in. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function replyName(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What a command by hand takes of the platform. */
type Reaching = Pick<Where, "curlOptions">;

/** A POST as an operator would type it. */
export function curlPost(args: DisplayArgs, path: string, json: unknown, where: Reaching): string {
  const url = pathUrl(shown(args["url"]), path);
  const type = { "content-type": "application/json" };
  return curl("POST", { url, token: args["token"] }, where, type, curlData({ json }));
}

export function curlGet(args: DisplayArgs, path: string, where: Reaching): string {
  return curl("GET", { url: pathUrl(shown(args["url"]), path) }, where);
}

/** The addresses of the instances that send orders. */
export function instanceUrls({ trading }: Pick<Where, "trading">): readonly string[] {
  return trading.match(/https?:\/\/[^\s,()]+/g) ?? [];
}
