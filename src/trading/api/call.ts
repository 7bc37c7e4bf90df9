import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import type { LookupFunction } from "node:net";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { errorCode, messageOf, networkFailure, timedOut } from "../../drivers/network.ts";
import { verified } from "../../drivers/verified.ts";

export interface Call {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly token?: string;
  readonly key?: string;
  readonly json?: unknown;
  readonly signal: AbortSignal;
  /** Certificates to trust instead of Node's own, as PEM. */
  readonly ca?: string | undefined;
  /** Called when all of the request has been handed to the system. */
  readonly sent?: () => void;
}

export interface ApiAnswer {
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
  if (!asked.url.startsWith("https:")) return await send(httpRequest, asked, target);
  const { request } = await import("node:https");
  return await send(
    (url, options, hear) => request(url, { ...options, ...verified({ ca: asked.ca }) }, hear),
    asked,
    target,
  );
}

type Send = (url: string, options: RequestOptions, hear: (reply: IncomingMessage) => void) => ClientRequest;

function send(request: Send, asked: Call, target: string): Promise<Result<ApiAnswer>> {
  const { method, url, signal } = asked;
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
      ...(asked.token === undefined ? {} : { authorization: `Bearer ${asked.token}` }),
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
            : failureOf(target, error),
        ),
      );
    };
    try {
      const outgoing = request(url, options, (reply) => receive(reply, target, failed, resolve));
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
  target: string,
  failed: (error: unknown) => void,
  resolve: (result: Result<ApiAnswer>) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  reply.on("error", failed);
  reply.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= longestReply) chunks.push(chunk);
    else reply.destroy(new Error(`its reply is longer than ${longestReply} bytes`));
  });
  reply.on("end", () => resolve(answerOf(reply, Buffer.concat(chunks).toString("utf8"), target)));
}

function answerOf(reply: IncomingMessage, text: string, target: string): Result<ApiAnswer> {
  const status = reply.statusCode ?? 0;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (status >= 200 && status < 300) {
    if (json === undefined)
      return fail({
        type: "unreadable",
        target,
        message: "its reply is not JSON",
        sample: text.slice(0, 200),
      });
    const date = new Date(reply.headers.date ?? "");
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

function failureOf(target: string, error: unknown): Failure {
  const code = errorCode(error) ?? "";
  const network = networkFailure(target, error);
  if (network !== undefined) return network;
  if (code.startsWith("HPE_")) return { type: "unreadable", target, message: "this is not HTTP" };
  if (/CERT|ERR_TLS|SIGNATURE|ISSUER|SELF_SIGNED/.test(code)) {
    return {
      type: "unreadable",
      target,
      message: `its certificate is not trusted (${messageOf(error)})`,
      effect: "none",
    };
  }
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
