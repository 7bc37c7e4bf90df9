import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { sshPublicKey } from "../ssh/sshsig.ts";
import { deskFolder } from "./layout.ts";
import { createState, readStateSync } from "./state-file.ts";

/** One installation: its name in every record, and the key that signs the heads of its chains. */
export interface Desk {
  readonly name: string;
  /** Read, or made, when something is first signed. @throws what the disk says */
  key(): KeyObject;
}

/** Bytes of each of its files. */
const longest = 16_384;

/** A name as records and references have it: `ny1-42` is its forty-second. */
const names = /^[a-z0-9][a-z0-9-]{0,31}$/;

/**
 * The desk of a state folder: `desk/desk.json`, `desk/key` and `desk/key.pub`, each made when it is first needed; two
 * processes that make one at once end up with the same. A new desk is called after its machine.
 * @throws StateFault, or what the disk says.
 */
export function openDesk(state: string, host: string): Desk {
  const folder = deskFolder(state);
  const made = nameOf(host);
  const name = nameIn(kept(join(folder, "desk.json"), state, () => `${JSON.stringify({ name: made })}\n`));
  let known: KeyObject | undefined;
  return { name: name ?? made, key: () => (known ??= keyIn(folder, state, name ?? made)) };
}

function keyIn(folder: string, state: string, name: string): KeyObject {
  const key = createPrivateKey(kept(join(folder, "key"), state, newKey));
  // What ssh-keygen -Y verify is given, for whoever checks a journal without this tool.
  kept(join(folder, "key.pub"), state, () => `${publicLine(key)} ${name}\n`);
  return key;
}

/** The public half, as SSH writes it; undefined where nothing was signed yet. @throws StateFault */
export function deskKey(state: string): string | undefined {
  const key = readStateSync(join(deskFolder(state), "key"), longest, { root: state, links: 2 });
  return key === undefined ? undefined : publicLine(createPrivateKey(key));
}

/** `ssh-ed25519 AAAA…` */
export function publicLine(key: KeyObject): string {
  return `ssh-ed25519 ${sshPublicKey(key).toString("base64")}`;
}

function newKey(): string {
  return String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** A file's text; made whole when it is not there. */
function kept(path: string, root: string, make: () => string): string {
  const read = (): string | undefined => readStateSync(path, longest, { root, links: 2 })?.toString("utf8");
  const standing = read();
  if (standing !== undefined) return standing;
  createState(path, make(), { root, whole: true });
  return read() ?? "";
}

function nameIn(text: string): string | undefined {
  try {
    const { name } = JSON.parse(text) as { readonly name?: unknown };
    return typeof name === "string" && names.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** A machine's name as a desk's: its first label, in small letters. */
export function nameOf(host: string): string {
  const [label = ""] = host.toLowerCase().split(".");
  const name = label
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 32);
  return name === "" ? "desk" : name;
}
