import type { RequestOptions } from "node:http";
import { isIP, type LookupFunction } from "node:net";
import { fail, ok, type Result } from "../../base/result.ts";
import { proxyName, type HttpProxy } from "../../drivers/http/proxy.ts";
import { tunnelThrough } from "../../drivers/http/tunnel.ts";
import { timedOut } from "../../drivers/network.ts";
import { verified, type TlsMaterial } from "../../drivers/verified.ts";

export interface Carried {
  readonly url: string;
  /** The request, as an operator would name it. */
  readonly target: string;
  readonly tls: TlsMaterial;
  readonly signal: AbortSignal;
  readonly lookup: LookupFunction;
}

/** What Node's client takes to send one request through a proxy: a tunnel that is open. Nothing was sent yet. */
export async function carriedBy(
  proxy: HttpProxy,
  { url, target, tls, signal, lookup }: Carried,
): Promise<Result<RequestOptions>> {
  const started = performance.now();
  const { origin, protocol, hostname } = new URL(url);
  const opened = await tunnelThrough(proxy, { origin, target, signal, lookup });
  if (!opened.ok && signal.aborted) {
    const late = timedOut(proxyName(proxy), "waiting for its answer to CONNECT", started, signal);
    return fail({ ...late, ...(late.type === "timeout" ? { instrument: true } : {}), effect: "none" });
  }
  if (!opened.ok) {
    const { failure } = opened;
    // "denied" is the token's.
    return fail(failure.type === "denied" ? { ...failure, type: "rejected", code: "CONNECT" } : failure);
  }
  const socket = opened.value;
  // With an agent Node would make a connection of its own.
  if (protocol === "http:") return ok({ agent: undefined, createConnection: () => socket });
  const { connect } = await import("node:tls");
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return ok({
    agent: undefined,
    createConnection: () => connect({ ...verified(tls), ...servername, host, socket }),
  });
}
