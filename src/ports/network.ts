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
}
