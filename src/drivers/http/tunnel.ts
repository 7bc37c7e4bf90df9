// Requests through a proxy: always by CONNECT, to plain servers too (docs/decisions/0011-http-through-a-proxy.md).
// All that is said on a tunnel is said by the server; all that is said before it is open, by the proxy.

import { isIP, type Socket } from "node:net";
import type { RequestOptions } from "node:http";
import { fail, ok, type Result } from "../../base/result.ts";
import { verified } from "../verified.ts";
import { basic } from "./basic.ts";
import { answerFailure, proxyFailure } from "./proxy-failures.ts";
import type { Beyond, HttpProxy } from "./proxy.ts";

/** A connection to the server behind the proxy, which the caller has to close. Nothing was sent to the server yet. */
export async function tunnelThrough(proxy: HttpProxy, beyond: Beyond): Promise<Result<Socket>> {
  const { signal, lookup } = beyond;
  const { protocol, hostname, port } = new URL(proxy.url);
  const secure = protocol === "https:";
  const { request } = await (secure ? import("node:https") : import("node:http"));
  const host = bare(hostname);
  const authority = authorityOf(beyond.origin);
  const options: RequestOptions = {
    method: "CONNECT",
    host,
    port: Number(port || (secure ? 443 : 80)),
    path: authority,
    agent: false,
    signal,
    headers: { "user-agent": "lav-ir", host: authority, ...loginOf(proxy) },
    ...(lookup === undefined ? {} : { lookup }),
    // Otherwise Node takes the name from the Host header, which is the server's.
    ...(secure ? { ...verified(proxy.tls), servername: isIP(host) === 0 ? host : "" } : {}),
  };
  return await new Promise((resolve) => {
    const failed = (error: unknown): void =>
      void proxyFailure(proxy, { host, secure }, error, signal).then((failure) => resolve(fail(failure)));
    try {
      const outgoing = request(options);
      outgoing.once("connect", (reply, socket, head) => {
        const status = reply.statusCode ?? 0;
        if (status < 200 || status > 299) {
          socket.destroy();
          resolve(fail(answerFailure(proxy, reply, beyond, authority)));
          return;
        }
        // A server that speaks first.
        if (head.length > 0) socket.unshift(head);
        resolve(ok(socket));
      });
      outgoing.once("error", failed);
      // Whatever else ends it without a word: nobody may wait for ever.
      outgoing.once("close", () => failed(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
      outgoing.end();
    } catch (error) {
      failed(error);
    }
  });
}

/** The host and port that CONNECT asks for; a port is never left out. */
function authorityOf(origin: string): string {
  const { hostname, port, protocol } = new URL(origin);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function loginOf({ login }: HttpProxy): Readonly<Record<string, string>> {
  return login === undefined ? {} : { "proxy-authorization": basic(login.user, login.password) };
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
