import type { Secret } from "../secrets/secret.ts";

/** Who is trusted, and what is shown to whoever asks for a client's certificate; all of it PEM. */
export interface TlsMaterial {
  /** Certificates to trust instead of Node's own. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: Secret | undefined;
}

/** How a certificate is checked, as Node's TLS takes it. */
export interface TlsOptions {
  readonly rejectUnauthorized: true;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * For every TLS client: the other side is verified, said here so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the
 * environment does not have a token sent to whoever answers.
 */
export function verified({ ca, cert, key }: TlsMaterial = {}): TlsOptions {
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: key.reveal() }),
  };
}
