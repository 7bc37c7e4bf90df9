import { createHash } from "node:crypto";

/** A public key as `ssh-keygen` writes it: `ssh-ed25519 AAAA… comment`. */
export interface PublicKey {
  readonly type: string;
  /** Base64, as in the line. */
  readonly blob: string;
  readonly comment: string;
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** Of an RSA key: of its modulus. */
  readonly bits?: number;
}

/** What an SSH signature says of itself; whether it holds, only a verification tells. */
export interface SignatureParts {
  readonly fingerprint: string;
  readonly namespace: string;
}

const keyTypes =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

/** @returns undefined when the line is no public key. */
export function readPublicKey(line: string): PublicKey | undefined {
  const [type = "", blob = "", ...comment] = line.trim().split(/\s+/);
  if (!keyTypes.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return undefined;
  const bytes = Buffer.from(blob, "base64");
  // A key says its type once more inside: a line put together from two is none.
  const named = field(bytes, 0);
  if (named?.text !== type) return undefined;
  const key = { type, blob, comment: comment.join(" "), fingerprint: fingerprintOf(bytes) };
  if (type !== "ssh-rsa") return key;
  const exponent = field(bytes, named.next);
  const modulus = exponent === undefined ? undefined : field(bytes, exponent.next);
  return modulus === undefined ? undefined : { ...key, bits: bitsOf(modulus.bytes) };
}

/** Of a whole number as SSH writes it (mpint of RFC 4251): the most significant byte first, after a zero maybe. */
function bitsOf(bytes: Buffer): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24);
}

/**
 * Reads the outside of a signature (PROTOCOL.sshsig of OpenSSH): the magic, a version, then the key and
 * the namespace as counted strings.
 * @param blob base64, without the armour.
 */
export function readSignature(blob: string): SignatureParts | undefined {
  const bytes = Buffer.from(blob, "base64");
  if (bytes.subarray(0, 6).toString("latin1") !== "SSHSIG" || bytes.length < 10) return undefined;
  const key = field(bytes, 10);
  const namespace = key === undefined ? undefined : field(bytes, key.next);
  if (key === undefined || namespace === undefined) return undefined;
  return { fingerprint: fingerprintOf(key.bytes), namespace: namespace.text };
}

function fingerprintOf(bytes: Buffer): string {
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

/** A string with its length in four bytes before it. */
function field(
  bytes: Buffer,
  at: number,
): { readonly bytes: Buffer; readonly text: string; readonly next: number } | undefined {
  if (at + 4 > bytes.length) return undefined;
  const next = at + 4 + bytes.readUInt32BE(at);
  if (next > bytes.length) return undefined;
  const inside = bytes.subarray(at + 4, next);
  return { bytes: inside, text: inside.toString("utf8"), next };
}
