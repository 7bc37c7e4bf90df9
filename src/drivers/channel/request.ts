import { effectOf, type Failure } from "../../base/failure.ts";
import { formatDuration } from "../../base/duration.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Sent } from "../../ports/channel.ts";
import type { Http, HttpRequest } from "../../ports/ports.ts";

/** A provider's answer, read as far as it can be. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as a JSON object; undefined where it is none. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

export type Unanswered = Extract<Sent, { outcome: "refused" | "unknown" }>;

/** Bytes: the longest answers are pages of messages. */
const longestReply = 2 * 1_048_576;
/** Seconds; a provider that asks for more is asked again all the same. */
const longestWait = 3600;

/**
 * One request to a provider. Without an answer, what decides is whether any of the request had been sent: the HTTP
 * driver says `none` for all that ends before (no such host, refused, TLS), and `unknown` for all behind.
 */
export async function requested(
  http: Http,
  request: Omit<HttpRequest, "maxBytes">,
): Promise<Result<Reply, Unanswered>> {
  const reply = await http.request({ ...request, maxBytes: longestReply });
  if (!reply.ok) {
    const message = whyNot(reply.failure);
    return fail({ outcome: effectOf(reply.failure) === "none" ? "refused" : "unknown", message });
  }
  const { status, headers, body, truncated } = reply.value;
  const text = Buffer.from(body).toString("utf8");
  return ok({ status, headers, text, json: truncated ? undefined : objectIn(text) });
}

/** What every provider means alike by a status; undefined where its own words decide. */
export function judged({ status, headers }: Reply): Sent | undefined {
  if (status === 429) {
    const wait = retryAfter(headers);
    return {
      outcome: "refused",
      code: "429",
      message: "the rate limit is reached",
      ...(wait === undefined ? {} : { retryAfter: wait }),
    };
  }
  if (status >= 500) return { outcome: "unknown", message: `it answered ${status}` };
  return undefined;
}

/** By the provider's clock. */
export function dateOf({ headers }: Reply): Date | undefined {
  const date = new Date(headers["date"] ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** What went wrong without the target: an address can be a secret. */
function whyNot(failure: Failure): string {
  if (failure.type === "timeout")
    return `timed out after ${formatDuration(failure.after)} (${failure.doing})`;
  return "message" in failure ? failure.message : failure.type;
}

function retryAfter(headers: Reply["headers"]): number | undefined {
  const text = headers["retry-after"] ?? headers["ratelimit-reset"];
  if (text === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(text)
    ? Number(text)
    : Math.ceil((Date.parse(text) - Date.parse(headers["date"] ?? "")) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(longestWait, Math.max(0, seconds));
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list in an answer; none where it has no such list. */
export function objectsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
