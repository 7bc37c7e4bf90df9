/** How a certificate is checked, as Node's TLS takes it. */
export interface TlsOptions {
  readonly rejectUnauthorized: true;
  readonly ca?: string;
}

/**
 * For every TLS client: the other side is verified, said here so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the
 * environment does not have a token sent to whoever answers.
 * @param ca certificates to trust instead of Node's own, as PEM
 */
export function verified(ca: string | undefined): TlsOptions {
  return { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
}
