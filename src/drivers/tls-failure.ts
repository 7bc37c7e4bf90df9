import type { Failure } from "../base/failure.ts";
import type { TlsMaterial } from "./verified.ts";
import { errorCode, messageOf } from "./network.ts";

/** What became of a handshake, by how it is to be mended. */
export type TlsTrouble =
  | { readonly type: "no-tls"; readonly says: string }
  | {
      readonly type: "untrusted";
      readonly says: string;
      /** In OpenSSL's words, names among them. */ readonly detail?: string;
    }
  /** The other side turns our certificate down, or misses it. */
  | { readonly type: "turned-down" };

/** What an error of TLS stands for; undefined when it is none. */
export function tlsTrouble(error: unknown): TlsTrouble | undefined {
  const code = errorCode(error) ?? "";
  if (
    /ALERT_(CERTIFICATE|HANDSHAKE_FAILURE|UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERT|ACCESS_DENIED)/.test(
      code,
    )
  ) {
    return { type: "turned-down" };
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return { type: "no-tls", says: "it does not speak TLS, or no safe version of it" };
  }
  if (code === "CERT_HAS_EXPIRED") return { type: "untrusted", says: "its certificate has expired" };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return { type: "untrusted", says: "its certificate is for another name", detail: messageOf(error) };
  }
  if (/CERT|ERR_TLS|SIGNATURE|ISSUER|SELF_SIGNED|CRL/.test(code)) {
    return { type: "untrusted", says: "its certificate is not trusted", detail: messageOf(error) };
  }
  return undefined;
}

/** All of it, for a person. */
export function troubleText(trouble: Exclude<TlsTrouble, { type: "turned-down" }>): string {
  const { detail } = trouble.type === "untrusted" ? trouble : {};
  return detail === undefined ? trouble.says : `${trouble.says} (${detail})`;
}

/**
 * The same as a failure: nobody was talked to yet.
 * @param own what we trust and show
 */
export function tlsFailure(target: string, error: unknown, own: TlsMaterial): Failure | undefined {
  const trouble = tlsTrouble(error);
  if (trouble === undefined) return undefined;
  switch (trouble.type) {
    case "no-tls":
      return { type: "unreadable", target, message: trouble.says };
    case "untrusted":
      return { type: "rejected", target, message: troubleText(trouble), code: errorCode(error) ?? "TLS" };
    case "turned-down":
      return {
        type: "denied",
        target,
        message:
          own.cert === undefined
            ? "it ended the TLS handshake: it requires a client certificate, and none is configured"
            : "it ended the TLS handshake: it rejected our certificate",
      };
  }
}
