import type { Result } from "../base/result.ts";

/** A port of a host. IPv6 addresses are without their brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Connected {
  /** The address that took the connection: a name may have several. */
  readonly address: string;
  /** Milliseconds, the name's resolution included. */
  readonly elapsed: number;
}

export interface CertificateRequest {
  readonly to: Endpoint;
  /** The name that it must be for; it is sent along, where it is not an address. */
  readonly name: string;
  /** PEM file of the authority to trust instead, as it is written; without it, what the platform says of this port. */
  readonly ca?: string;
}

/** The certificate that a server shows, and what of it does not fit. */
export interface CertificateShown {
  /** What it is for: host names and addresses. */
  readonly names: readonly string[];
  readonly issuer: string;
  readonly from: Date;
  readonly until: Date;
  /** Why its chain is not trusted; undefined when it is. Its own dates are not among the reasons. */
  readonly untrusted?: string;
  /** Whether it is for the name. */
  readonly named: boolean;
}

/** What is below every protocol: connections, names, certificates. Nothing is sent that a service would act on. */
export interface Network {
  /** Opens a connection and closes it. */
  connect(to: Endpoint, signal: AbortSignal): Promise<Result<Connected>>;
  /**
   * Addresses of a name, each once, in the order of the answer; at least one. A name that does not exist, or has no
   * address, is `missing`.
   * @param server whom to ask, instead of what this machine's programs use
   */
  lookup(name: string, server: Endpoint | undefined, signal: AbortSignal): Promise<Result<readonly string[]>>;
  /** The certificate of a port, whether it is to be trusted or not: a handshake, and nothing after it. */
  certificate(request: CertificateRequest, signal: AbortSignal): Promise<Result<CertificateShown>>;
}
