import type { IncomingMessage } from "node:http";
import type { Failure } from "../../base/failure.ts";
import { errorCode, messageOf, networkFailure } from "../network.ts";
import { speaksTls } from "../probe.ts";
import { protocolOf } from "../protocol.ts";
import { tlsFailure } from "../tls-failure.ts";
import { proxyName, type Beyond, type HttpProxy } from "./proxy.ts";

/** Characters of what a proxy gives as its reason. */
const longestReason = 100;

/** Why there is no tunnel, where the proxy itself did not get as far as an answer. */
export async function proxyFailure(
  proxy: HttpProxy,
  { host, secure }: { readonly host: string; readonly secure: boolean },
  error: unknown,
  signal: AbortSignal,
): Promise<Failure> {
  const { url, tls } = proxy;
  const target = proxyName(proxy);
  const code = errorCode(error) ?? "";
  if (code.startsWith("HPE_")) return notHttp(target, error);
  const trouble = tlsFailure(target, error, tls);
  if (trouble !== undefined) return { ...trouble, effect: "none" };
  const closed = code === "ECONNRESET" || code === "EPIPE";
  if (closed && !secure && !signal.aborted && (await speaksTls(host, Number(new URL(url).port || 80))))
    return speaks(target, "TLS; write https://");
  const network = closed ? undefined : networkFailure(target, error);
  if (network !== undefined)
    return { ...network, ...(network.type === "unreachable" ? { instrument: true } : {}), effect: "none" };
  const message = closed ? "it closed the connection without answering CONNECT" : messageOf(error);
  return { type: "unreachable", target, cause: "closed", message, instrument: true, effect: "none" };
}

/** What a proxy's refusal means. The server behind it has not heard of the request. */
export function answerFailure(
  proxy: HttpProxy,
  { statusCode: status = 0, statusMessage = "", headers }: IncomingMessage,
  { target: server, discreet }: Beyond,
  authority: string,
): Failure {
  const { login } = proxy;
  const target = proxyName(proxy);
  const to = discreet === true ? "" : ` to ${authority}`;
  const says = `${status} ${statusMessage.slice(0, longestReason)}`.trim();
  // tinyproxy answers 401 to a login that it does not know.
  if (status === 407 || status === 401) {
    const message =
      login === undefined
        ? `it requires a login, and none is configured (${status})`
        : `it rejected the login ${login.user} (${status})`;
    return { type: "denied", target, message, effect: "none" };
  }
  const squid = textOf(headers["x-squid-error"]);
  if (status === 502 || status === 504 || /^ERR_(CONNECT|DNS)_FAIL\b/.test(squid)) {
    const message = `${target} cannot reach it (${says})`;
    return { type: "unreachable", target: server, cause: "no-route", message, effect: "none" };
  }
  const message = `it refused CONNECT${to} (${says})`;
  return { type: "rejected", target, code: String(status), message, effect: "none" };
}

function notHttp(target: string, error: unknown): Failure {
  const raw: unknown =
    typeof error === "object" && error !== null && "rawPacket" in error ? error.rawPacket : undefined;
  const met = raw instanceof Uint8Array ? protocolOf(raw) : undefined;
  if (met === "TLS") return speaks(target, "TLS; write https://");
  if (met !== undefined && met !== "HTTP") return speaks(target, met);
  return { type: "unreadable", target, message: "this is not an HTTP proxy", effect: "none" };
}

function speaks(target: string, protocol: string): Failure {
  return { type: "unreadable", target, message: `this port speaks ${protocol}`, effect: "none" };
}

function textOf(header: string | readonly string[] | undefined): string {
  return typeof header === "string" ? header : (header?.[0] ?? "");
}
