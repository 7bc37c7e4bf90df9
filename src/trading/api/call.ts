import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import type { LookupFunction } from "node:net";
import type { Failure } from "../../base/failure.ts";
import { NoValue } from "../../base/no-value.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { basic } from "../../drivers/http/basic.ts";
import type { HttpSettings } from "../../drivers/http/http.ts";
import type { HttpProxy } from "../../drivers/http/proxy.ts";
import { errorCode, messageOf, networkFailure, timedOut } from "../../drivers/network.ts";
import { tlsTrouble } from "../../drivers/tls-failure.ts";
import { verified, type TlsMaterial } from "../../drivers/verified.ts";

export interface Call {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly token?: string;
  readonly key?: string;
  readonly json?: unknown;
  readonly signal: AbortSignal;
  /** Whom to trust, and what each server asks for. */
  readonly http?: HttpSettings | undefined;
  /** Called when all of the request has been handed to the system. */
  readonly sent?: () => void;
}

export interface ApiAnswer {
  /** Whole numbers are bigint. */
  readonly json: unknown;
  /** The server's clock, in whole seconds. */
  readonly date: Date | undefined;
}

const longestReply = 16 * 1024 * 1024;

/** Loads Node's client, which a built program does on first use; whoever waits for something else may do it before. */
export function loadClient(): unknown {
  return httpRequest;
}

/**
 * One request by Node's own client and nothing else: it is loaded in no time, so that a halt is on the
 * wire before anything else is. Each has a connection of its own; no redirect is followed.
 */
export async function call(asked: Call): Promise<Result<ApiAnswer>> {
  const target = `${asked.method} ${asked.url.replace(/\?.*$/, "")}`;
  const { http, url } = asked;
  const {
    tls = { ca: http?.ca },
    login,
    proxy,
  } = (URL.canParse(url) && http?.origins?.get(new URL(url).origin)) || {};
  // The token takes the one place where a login could stand.
  const authorization =
    asked.token !== undefined
      ? `Bearer ${asked.token}`
      : login === undefined
        ? undefined
        : basic(login.user, login.password);
  const own = { ...asked, authorization, tls };
  const got =
    proxy !== undefined
      ? await sendThrough(proxy, own, target)
      : url.startsWith("https:")
        ? await sendSecurely(own, target)
        : await metAt(url, await send(httpRequest, own, target), asked.signal);
  return got.ok ? await answerOf(got.value, target) : got;
}

async function sendSecurely(asked: OwnCall, target: string): Promise<Result<Received>> {
  const { request } = await import("node:https");
  const secured: Send = (to, options, hear) => request(to, { ...options, ...verified(asked.tls) }, hear);
  return await send(secured, asked, target);
}

/** The same through a proxy, of which nothing is loaded where there is none. */
async function sendThrough(proxy: HttpProxy, asked: OwnCall, target: string): Promise<Result<Received>> {
  const [{ carriedBy }, { behindProxy }] = await Promise.all([
    import("./carried.ts"),
    import("../../drivers/http/proxy.ts"),
  ]);
  const carried = await carriedBy(proxy, { ...asked, target, lookup });
  if (!carried.ok) return carried;
  const { request } = asked.url.startsWith("https:") ? await import("node:https") : { request: httpRequest };
  const by: Send = (to, options, hear) => request(to, { ...options, ...carried.value }, hear);
  const reply = await send(by, asked, target);
  return reply.ok ? reply : fail(behindProxy(reply.failure, proxy));
}

/** A server of TLS says nothing to who speaks plainly: what it speaks is asked then, and nobody has heard the request. */
async function metAt(url: string, sent: Result<Received>, signal: AbortSignal): Promise<Result<Received>> {
  if (sent.ok || signal.aborted || sent.failure.type !== "unreachable") return sent;
  const { cause, target } = sent.failure;
  if (cause !== "closed" && cause !== "reset") return sent;
  const { hostname, port } = new URL(url);
  const { speaksTls } = await import("../../drivers/probe.ts");
  if (!(await speaksTls(hostname.replace(/^\[(.*)\]$/, "$1"), Number(port || 80)))) return sent;
  return fail({
    type: "unreadable",
    target,
    message: "this port speaks TLS; write https://",
    effect: "none",
  });
}

type Send = (url: string, options: RequestOptions, hear: (reply: IncomingMessage) => void) => ClientRequest;

interface OwnCall extends Call {
  readonly authorization: string | undefined;
  readonly tls: TlsMaterial;
}

/** A reply that has come to its end. */
interface Received {
  readonly status: number;
  readonly date: Date;
  readonly text: string;
}

function send(request: Send, asked: OwnCall, target: string): Promise<Result<Received>> {
  const { method, url, signal, authorization } = asked;
  const started = performance.now();
  const body = asked.json === undefined ? undefined : JSON.stringify(asked.json);
  const options: RequestOptions = {
    method,
    signal,
    agent: false,
    lookup,
    headers: {
      "user-agent": "lav-ir",
      accept: "application/json",
      ...(authorization === undefined ? {} : { authorization }),
      ...(asked.key === undefined ? {} : { "idempotency-key": asked.key }),
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    },
  };
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      resolve(
        fail(
          signal.aborted
            ? timedOut(target, "halting and proving", started, signal)
            : failureOf(target, error, asked.tls),
        ),
      );
    };
    try {
      const outgoing = request(url, options, (reply) => receive(reply, failed, resolve));
      outgoing.on("error", failed);
      // A reply that changes the protocol is none here; Node drops its connection without a word.
      outgoing.on("upgrade", (_reply, socket) => {
        socket.destroy();
        resolve(fail({ type: "unreadable", target, message: "it switched to another protocol" }));
      });
      // Whatever else ends a request without a word: nobody may wait for ever.
      outgoing.on("close", () => failed(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
      outgoing.end(body, asked.sent);
    } catch (error) {
      // A header that cannot be sent, a port that is none: nothing left this machine.
      resolve(fail({ type: "argument", target, message: messageOf(error), effect: "none" }));
    }
  });
}

function receive(
  reply: IncomingMessage,
  failed: (error: unknown) => void,
  resolve: (result: Result<Received>) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  reply.on("error", failed);
  reply.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= longestReply) chunks.push(chunk);
    else reply.destroy(new Error(`its reply is longer than ${longestReply} bytes`));
  });
  reply.on("end", () => {
    const text = Buffer.concat(chunks).toString("utf8");
    resolve(ok({ status: reply.statusCode ?? 0, date: new Date(reply.headers.date ?? ""), text }));
  });
}

async function answerOf({ status, date, text }: Received, target: string): Promise<Result<ApiAnswer>> {
  // Loaded when a request is on the wire: nothing of a halt waits for it.
  const { jsonOf } = await import("../../language/json-text.ts");
  const json = (await jsonOf(text, true))?.value;
  if (status >= 200 && status < 300) {
    if (json === undefined || json instanceof NoValue) {
      const message = json?.why ?? "its reply is not JSON";
      return fail({ type: "unreadable", target, message, sample: text.slice(0, 200) });
    }
    return ok({ json, date: Number.isNaN(date.getTime()) ? undefined : date });
  }
  const said = field(field(json, "error"), "message");
  const message =
    typeof said === "string"
      ? said
      : text.replaceAll(/\s+/g, " ").trim().slice(0, 200) || "it gave no reason";
  const effect = status >= 400 && status < 500 ? "none" : "unknown";
  if (status === 401 || status === 403) return fail({ type: "denied", target, message, effect });
  return fail({ type: "rejected", target, code: String(status), message, effect });
}

export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function failureOf(target: string, error: unknown, { cert }: TlsMaterial): Failure {
  const code = errorCode(error) ?? "";
  const network = networkFailure(target, error);
  if (network !== undefined) return network;
  if (code.startsWith("HPE_")) return { type: "unreadable", target, message: "this is not HTTP" };
  const trouble = tlsTrouble(error);
  if (trouble?.type === "turned-down") {
    const why =
      cert === undefined
        ? "it requires a client certificate, and none is configured"
        : "it rejected our certificate";
    // Not "denied": that is the token's.
    const message = `it ended the TLS handshake: ${why}`;
    return { type: "rejected", target, code: "TLS", message, effect: "none" };
  }
  if (trouble !== undefined) return { type: "unreadable", target, message: trouble.says, effect: "none" };
  return { type: "unreachable", target, cause: "closed", message: messageOf(error) };
}

/** `localhost` is no question for a resolver, which may be one of the things that are down. */
const lookup: LookupFunction = (hostname, options, callback) => {
  if (hostname === "localhost") {
    const both = [
      { address: "127.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ];
    if (options.all === true) callback(null, both);
    else callback(null, "127.0.0.1", 4);
    return;
  }
  void import("node:dns").then(({ lookup: ask }) => ask(hostname, options, callback as never));
};
