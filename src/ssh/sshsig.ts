import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/** What `ssh-keygen -Y` is told with -n: a signature for something else is none here. */
export const namespace = "lav-ir-snapshot";

const magic = "SSHSIG";
const algorithm = "ssh-ed25519";
const hash = "sha256";

/** An Ed25519 signature in the form of OpenSSH (PROTOCOL.sshsig). @param digest SHA-256 of the signed file. */
export function sshSignature(key: KeyObject, digest: Buffer, space = namespace): string {
  return armoured(signatureBlob(key, digest, space).toString("base64"));
}

/** The same without its armour, for a place that holds many. */
export function signatureBlob(key: KeyObject, digest: Buffer, space: string): Buffer {
  const signature = sign(undefined, signedData(space, hash, digest), key);
  const version = Buffer.from([0, 0, 0, 1]);
  const parts = [sshPublicKey(key), space, "", hash, Buffer.concat([algorithm, signature].map(field))];
  return Buffer.concat([Buffer.from(magic), version, ...parts.map(field)]);
}

/** A signature as `ssh-keygen` reads it. @param base64 without line ends */
export function armoured(base64: string): string {
  const lines = base64.match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}

/** The public half as SSH writes it: also what stands, in base64, in a `.pub` file. */
export function sshPublicKey(key: KeyObject): Buffer {
  const half = key.type === "private" ? createPublicKey(key) : key;
  const { x = "" } = half.export({ format: "jwk" });
  return Buffer.concat([algorithm, Buffer.from(x, "base64url")].map(field));
}

/** As `ssh-keygen -l` shows it. @param publicKey as in a `.pub` file, in base64. */
export function fingerprintOf(publicKey: string): string {
  const digest = createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("base64");
  return `SHA256:${digest.replaceAll("=", "")}`;
}

export interface SshSignature {
  /** As in a `.pub` file, in base64. */
  readonly publicKey: string;
  readonly namespace: string;
  readonly hash: "sha256" | "sha512";
  readonly signature: Buffer;
}

/** Reads an armoured signature. @returns why it is not one of ours, as a sentence. */
export function readSshSignature(text: string): SshSignature | string {
  const armour = /^-----BEGIN SSH SIGNATURE-----\n([\w+/=\n]+)\n-----END SSH SIGNATURE-----\n*$/.exec(text);
  if (armour?.[1] === undefined) return "it is not an SSH signature";
  const blob = Buffer.from(armour[1], "base64");
  if (blob.subarray(0, 6).toString("latin1") !== magic || blob.length < 10 || blob.readUInt32BE(6) !== 1) {
    return "it is not an SSH signature of version 1";
  }
  const fields = fieldsOf(blob.subarray(10));
  const [publicKey, space, , hashName, signed] = fields ?? [];
  const inner = signed === undefined ? undefined : fieldsOf(signed);
  if (fields?.length !== 5 || publicKey === undefined || space === undefined || hashName === undefined)
    return "it is cut off";
  const used = hashName.toString("latin1");
  if (used !== "sha256" && used !== "sha512") return `its hash ${used} is not known`;
  if (inner?.[0]?.toString("latin1") !== algorithm || inner[1]?.length !== 64)
    return "it is not an Ed25519 signature";
  return {
    publicKey: publicKey.toString("base64"),
    namespace: space.toString("utf8"),
    hash: used,
    signature: inner[1],
  };
}

/** Whether the key that the signature names made it, for this namespace. @param digest by the signature's hash. */
export function holdsFor(
  { publicKey, namespace: space, hash: used, signature }: SshSignature,
  digest: Buffer,
  wanted = namespace,
): boolean {
  const [name, raw] = fieldsOf(Buffer.from(publicKey, "base64")) ?? [];
  if (space !== wanted || name?.toString("latin1") !== algorithm || raw?.length !== 32) return false;
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") },
    format: "jwk",
  });
  return verify(undefined, signedData(space, used, digest), key, signature);
}

function signedData(space: string, used: string, digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(magic), ...[space, "", used, digest].map(field)]);
}

function field(value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function fieldsOf(bytes: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
