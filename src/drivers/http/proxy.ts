import type { LookupFunction } from "node:net";
import type { Failure } from "../../base/failure.ts";
import type { Secret } from "../../secrets/secret.ts";
import type { TlsMaterial } from "../verified.ts";

export interface HttpProxy {
  /** With its port, and without a login: `http://proxy:3128`. */
  readonly url: string;
  /** Whom to trust where the connection to the proxy itself is TLS, and what to show. */
  readonly tls: TlsMaterial;
  readonly login?: { readonly user: string; readonly password: Secret };
}

/** Who is asked for, and for which request. */
export interface Beyond {
  /** http or https. */
  readonly origin: string;
  /** The request, as an operator would name it. */
  readonly target: string;
  /** The address is a secret: no failure has the host in it. */
  readonly discreet?: boolean;
  readonly signal: AbortSignal;
  readonly lookup?: LookupFunction;
}

/** As a person reads it in a failure. */
export function proxyName({ url }: Pick<HttpProxy, "url">): string {
  return `proxy ${url}`;
}

/** What came through a proxy and broke off: which of the two it was, nobody can say. */
export function behindProxy(failure: Failure, proxy: HttpProxy): Failure {
  if (failure.type !== "unreachable" || failure.instrument === true) return failure;
  if (failure.cause !== "closed" && failure.cause !== "reset") return failure;
  return { ...failure, instrument: true, message: `${failure.message}, or ${proxyName(proxy)} did` };
}
