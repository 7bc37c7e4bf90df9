import type { PeerCertificate, TLSSocket } from "node:tls";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { CertificateRequest, CertificateShown } from "../../ports/network.ts";
import { hostText } from "../address.ts";
import { messageOf, networkFailure, timedOut } from "../network.ts";
import { tlsFailure } from "../tls-failure.ts";
import { verified, type TlsMaterial } from "../verified.ts";

export interface CertificateSettings {
  /** Certificates to trust instead of Node's own, as PEM. */
  readonly ca?: string | undefined;
  /** What TLS to one port takes, by `host:port`. */
  readonly ports?: ReadonlyMap<string, TlsMaterial>;
  /** Reads the file of an authority; the failure is a sentence. */
  readonly authority?: (file: string) => Promise<Result<string, string>>;
}

/**
 * Shakes hands, looks at what the server shows, and ends the connection. Who shows it is not asked for before: a
 * certificate that does not fit is what is looked for, and nothing is sent behind the handshake.
 */
export async function readCertificate(
  settings: CertificateSettings,
  request: CertificateRequest,
  signal: AbortSignal,
): Promise<Result<CertificateShown>> {
  const { to, name, ca } = request;
  const target = `${hostText(to.host)}:${to.port}`;
  const known = settings.ports?.get(target) ?? { ca: settings.ca };
  const asked = ca === undefined ? ok(known) : await withAuthority(settings, known, ca);
  if (!asked.ok) return asked;
  const [{ connect, checkServerIdentity }, { isIP }] = await Promise.all([
    import("node:tls"),
    import("node:net"),
  ]);
  const started = performance.now();
  if (signal.aborted) return fail(timedOut(target, "connecting", started, signal));
  const socket = connect({
    host: to.host,
    port: to.port,
    ...verified(asked.value),
    rejectUnauthorized: false,
    ...(isIP(name) === 0 ? { servername: name } : {}),
  });
  const result = await new Promise<Result<CertificateShown>>((resolve) => {
    const onAbort = (): void => resolve(fail(timedOut(target, "TLS handshake", started, signal)));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(fail(closed(target)));
    });
    socket.on("error", (error) => resolve(fail(failureOf(target, error, asked.value))));
    socket.once("secureConnect", () => {
      const shown = socket.getPeerCertificate();
      // An empty object, where the server showed none.
      if (shown.valid_to === undefined) resolve(fail(none(target)));
      else resolve(ok(certificateOf(socket, shown, checkServerIdentity(name, shown) === undefined)));
    });
  });
  socket.destroy();
  return result;
}

async function withAuthority(
  { authority }: CertificateSettings,
  known: TlsMaterial,
  file: string,
): Promise<Result<TlsMaterial>> {
  const read = (await authority?.(file)) ?? fail(`${file} cannot be read here`);
  if (read.ok) return ok({ ...known, ca: read.value });
  return fail({ type: "argument", target: "ca", message: read.failure, effect: "none" });
}

function certificateOf(socket: TLSSocket, shown: PeerCertificate, named: boolean): CertificateShown {
  const [from, until] = [new Date(shown.valid_from), new Date(shown.valid_to)];
  const untrusted = socket.authorized
    ? undefined
    : untrustedBy(String(socket.authorizationError), from, until);
  return {
    names: namesIn(shown.subjectaltname ?? "", shown.subject.CN),
    issuer: issuerOf(shown),
    from,
    until,
    ...(untrusted === undefined ? {} : { untrusted }),
    named,
  };
}

const reasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its authority is unknown, or a certificate between them is missing",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is unknown, or a certificate between them is missing",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is unknown, or a certificate between them is missing",
  CERT_HAS_EXPIRED: "a certificate between it and its authority has expired",
  CERT_NOT_YET_VALID: "a certificate between it and its authority is not valid yet",
  CERT_REVOKED: "it was revoked",
};

/** Why a chain is not trusted, by OpenSSL's word for it; undefined where that is only of its own dates or its name. */
function untrustedBy(code: string, from: Date, until: Date): string | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return undefined;
  if (code === "CERT_HAS_EXPIRED" && until.getTime() < Date.now()) return undefined;
  if (code === "CERT_NOT_YET_VALID" && from.getTime() > Date.now()) return undefined;
  return reasons[code] ?? `its chain does not hold (${code})`;
}

/** `DNS:a.example, IP Address:10.0.0.1`; one with a comma in it stands in quotes. The subject's, where there are none. */
function namesIn(alternative: string, subject: unknown): readonly string[] {
  const found = [...alternative.matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, name = ""]) => name.trim(),
  );
  return found.length > 0 || typeof subject !== "string" ? found : [subject];
}

/** `CN=R11, O=Let's Encrypt`, as far as it says so. */
function issuerOf({ issuer }: PeerCertificate): string {
  const { CN, O } = issuer;
  const parts = Object.entries({ CN, O }).filter(([, part]) => part !== undefined);
  return parts.map(([key, part]) => `${key}=${String(part)}`).join(", ");
}

function failureOf(target: string, error: unknown, own: TlsMaterial): Failure {
  return (
    networkFailure(target, error) ??
    tlsFailure(target, error, own) ?? { type: "unreadable", target, message: messageOf(error) }
  );
}

function closed(target: string): Failure {
  const message = "it closed the connection in the TLS handshake";
  return { type: "unreachable", target, cause: "closed", message };
}

function none(target: string): Failure {
  return { type: "unreadable", target, message: "it shows no certificate" };
}
