import type { Failure } from "../../base/failure.ts";
import { fail, type Result } from "../../base/result.ts";
import { basic } from "./basic.ts";
import { connectionTo, type Connection } from "./connection.ts";
import { exchange } from "./exchange.ts";
import type { HttpProxy } from "./proxy.ts";
import type { Secret } from "../../secrets/secret.ts";
import { stepElsewhere } from "../../language/url-path.ts";
import { speaksTls } from "../probe.ts";
import type { TlsMaterial } from "../verified.ts";
import type { Http, HttpReply, HttpRequest } from "../../ports/ports.ts";

export interface HttpSettings {
  /** Certificates to trust instead of Node's own, as PEM. */
  readonly ca?: string | undefined;
  /** What servers ask for, by their origin: `https://market:8443`. */
  readonly origins?: ReadonlyMap<string, HttpOrigin>;
  /** What carries requests to every origin that is not among those. */
  readonly proxy?: HttpProxy;
}

/** What one server asks for. */
export interface HttpOrigin {
  readonly tls: TlsMaterial;
  /** Goes with every request that brings no login of its own. */
  readonly login?: { readonly user: string; readonly password: Secret };
  /** What carries requests to it; without it they go direct. */
  readonly proxy?: HttpProxy;
}

/** Idle connections kept for an origin; a run asks few things side by side. */
const keptIdle = 4;

/**
 * Milliseconds between a reply's head and its end, on a kept connection, that make it one of those that wait for an
 * acknowledgement. A server that writes the two apart holds the second back until the first is acknowledged (Nagle),
 * and on a connection that has carried a request before, this side's kernel acknowledges after 40 ms; Node has no way
 * to tell it otherwise. On a fresh one it acknowledges at once, unless there was a TLS handshake on it.
 */
const heldBack = 30;

/**
 * HTTP by undici. No redirect is followed, TLS is verified; a proxy carries what the settings say and nothing else. A read may use a connection
 * that an earlier request left open, and is sent once more when just then the other side had closed it; without TLS,
 * none is kept to an origin that holds a part of its replies back on kept ones.
 * A change always has a connection of its own, so that such a close never leaves its effect in doubt.
 * Idle connections close after four seconds and do not hold the process.
 */
export function createHttp(settings: HttpSettings = {}): Http {
  const idle = new Map<string, Connection[]>();
  /** Origins that hold a part of their replies back on kept connections. */
  const holding = new Set<string>();

  const release = (origin: string, connection: Connection, { firstByte, total }: HttpReply): void => {
    const kept = idle.get(origin) ?? [];
    const plain = origin.startsWith("http:");
    if (plain && connection.uses > 0 && total - firstByte >= heldBack) holding.add(origin);
    connection.uses++;
    if (!holding.has(origin) && kept.length < keptIdle) {
      idle.set(origin, [...kept, connection]);
      return;
    }
    connection.destroy();
    if (!holding.has(origin)) return;
    for (const one of kept) one.destroy();
    idle.delete(origin);
  };

  return {
    async request(asked): Promise<Result<HttpReply>> {
      const url = readUrl(asked);
      if (!(url instanceof URL)) return fail(url);
      const usual: HttpOrigin = {
        tls: { ca: settings.ca },
        ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
      };
      const { login, ...way } = settings.origins?.get(url.origin) ?? usual;
      const request = login === undefined ? asked : withLogin(asked, basic(login.user, login.password));
      const target = asked.name ?? `${url.origin}${url.pathname}`;
      const reads = request.method === "GET" || request.method === "HEAD";
      const kept = reads ? idle.get(url.origin)?.pop() : undefined;
      const made = { target, discreet: asked.name !== undefined };
      const connection = kept ?? (await connectionTo(url.origin, way, made));
      const first = await exchange(connection, request, url, target);
      if (first.ok) {
        if (!first.value.truncated) release(url.origin, connection, first.value);
        return first;
      }
      const { failure, answered } = first.failure;
      const stale = kept !== undefined && !answered && failure.type === "unreachable";
      if (!stale) {
        if (answered || way.proxy !== undefined) return fail(failure);
        return fail(await metAt(url, failure, asked.signal));
      }
      const fresh = await connectionTo(url.origin, way, made);
      const second = await exchange(fresh, request, url, target);
      if (!second.ok) return fail(second.failure.failure);
      if (!second.value.truncated) release(url.origin, fresh, second.value);
      return second;
    },
  };
}

/** A server of TLS closes a plain connection without a word: what it speaks is asked then. */
async function metAt(url: URL, failure: Failure, signal: AbortSignal): Promise<Failure> {
  const early = failure.type === "unreachable" && (failure.cause === "closed" || failure.cause === "reset");
  if (!early || url.protocol !== "http:" || signal.aborted) return failure;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (!(await speaksTls(host, Number(url.port || 80)))) return failure;
  const { target, effect = "none" } = failure;
  return { type: "unreadable", target, message: "this port speaks TLS; write https://", effect };
}

function withLogin(request: HttpRequest, authorization: string): HttpRequest {
  const own = Object.keys(request.headers).some((name) => name.toLowerCase() === "authorization");
  return own ? request : { ...request, headers: { ...request.headers, authorization } };
}

function readUrl({ url: text, name }: HttpRequest): URL | Failure {
  const refuse = (target: string, message: string): Failure => ({
    type: "argument",
    target: name ?? target,
    message,
    effect: "none",
  });
  if (!URL.canParse(text)) return refuse(text, "is not an absolute URL");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return refuse(text, "is not an http or https URL");
  }
  if (url.username !== "" || url.password !== "") {
    const message = "contains a login, which every plan and journal would show; send it in a header";
    return refuse(`${url.origin}${url.pathname}`, message);
  }
  const step = stepElsewhere(text);
  if (step !== undefined)
    return refuse(text, `has ${JSON.stringify(step)} in its path, which would lead to another path`);
  return url;
}
