import type { IncomingHttpHeaders } from "node:http";
import type { Failure, Happened } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { FailureError, timedOut } from "../network.ts";
import type { HttpConnection, HttpReply, HttpRequest } from "../../ports/ports.ts";
import { Body } from "./body.ts";
import type { Connection, Made } from "./connection.ts";
import { failureOf } from "./failures.ts";
import { behindProxy, proxyName } from "./proxy.ts";
import { tlsTrouble } from "../tls-failure.ts";
import type { Stage } from "./stage.ts";

export type Exchange = Result<
  HttpReply,
  { readonly failure: Failure; /** Some of a reply had come. */ readonly answered: boolean }
>;

/** One request on one connection, which is destroyed unless the reply came to its end. */
export function exchange(
  connection: Connection,
  request: HttpRequest,
  url: URL,
  target: string,
): Promise<Exchange> {
  const { signal, maxBytes, method } = request;
  const changes = method !== "GET" && method !== "HEAD";
  const started = performance.now();
  let stage: Stage = "connecting";
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  let firstByte = 0;
  let body = new Body(0, undefined);
  return new Promise((resolve) => {
    let ended = false;
    const end = (result: Exchange, reusable: boolean): void => {
      // Closing a connection makes undici report an error of its own.
      if (ended) return;
      ended = true;
      signal.removeEventListener("abort", onAbort);
      if (!reusable) connection.destroy();
      resolve(result);
    };
    const reply = (truncated: boolean): Exchange =>
      ok({
        status,
        headers: plainHeaders(headers),
        body: body.bytes(),
        truncated,
        firstByte,
        total: performance.now() - started,
        ...(connection.uses === 0 ? { connection: since(connection.made, started) } : {}),
      });
    const failed = (failure: Failure): void => {
      // A request that was never put on the wire, or that only reads, has changed nothing.
      const effect: Happened = changes && stage !== "connecting" ? "unknown" : "none";
      const { proxy } = connection;
      const told = proxy === undefined ? failure : behindProxy(failure, proxy);
      const known = failure.type === "argument" ? failure : { ...told, effect };
      end(fail({ failure: known, answered: stage === "reading the reply" }), false);
    };
    const onAbort = (): void => {
      const { proxy, made } = connection;
      if (proxy === undefined || made.opening !== true) {
        failed(timedOut(target, `${stage} to ${method}`, started));
        return;
      }
      const late = timedOut(proxyName(proxy), "waiting for its answer to CONNECT", started);
      failed(late.type === "timeout" ? { ...late, instrument: true } : late);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    connection.client.dispatch(
      {
        path: `${url.pathname}${url.search}`,
        method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
      },
      {
        onRequestStart: () => {
          stage = "waiting for the reply";
        },
        onResponseStart: (_controller, code, received) => {
          // 103 and its like announce a reply and are none.
          if (code < 200) return;
          stage = "reading the reply";
          status = code;
          headers = received;
          body = new Body(maxBytes, announced(received));
          firstByte = performance.now() - started;
        },
        onResponseData: (_controller, chunk) => {
          if (ended) return;
          if (!body.add(chunk)) end(reply(true), false);
        },
        onResponseEnd: () => end(reply(false), true),
        onResponseError: (_controller, error) =>
          failed(
            error instanceof FailureError
              ? error.failure
              : failureOf(
                  target,
                  tlsAlert(connection.made.trouble) ?? error,
                  stage,
                  request.name !== undefined,
                ),
          ),
      },
    );
  });
}

/** Only an alert of TLS says more than what undici makes of a socket's end. */
function tlsAlert(trouble: unknown): unknown {
  return tlsTrouble(trouble)?.type === "turned-down" ? trouble : undefined;
}

function announced({ "content-length": length }: IncomingHttpHeaders): number | undefined {
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function since(made: Made, started: number): HttpConnection {
  const { resolved, connected, secured, certificate } = made;
  return {
    ...(resolved === undefined ? {} : { resolved: resolved - started }),
    ...(connected === undefined ? {} : { connected: connected - started }),
    ...(secured === undefined ? {} : { secured: secured - started }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

function plainHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
