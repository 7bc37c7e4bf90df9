import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { diskFault } from "../../base/disk-fault.ts";
import { writeStateSync } from "../../store/state-file.ts";
import { syncFolder } from "../../store/state-folder.ts";
import { Gzip } from "./gzip.ts";
import { packed, type Packing } from "./pack.ts";
import { leftStanding } from "../../secrets/scan.ts";
import { fingerprintOf, readSshSignature } from "../../ssh/sshsig.ts";
import type { Workspace } from "../capture/workspace.ts";

export interface Sealing {
  readonly stage: Workspace;
  readonly name: string;
  readonly tags: readonly string[];
  readonly payload: readonly string[];
  readonly custody: Packing["custody"];
  readonly now: Date;
  /** Folder of the sealed file. */
  readonly out: string;
  /** Signs the file at `path`, whose hash is given. @returns the signature's text. */
  readonly sign: (path: string, digest: Buffer) => Promise<Result<string, string>>;
  readonly signal: AbortSignal;
}

export interface Sealed {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The key that signed it, as `ssh-keygen -l` shows it. */
  readonly key?: string;
  /** Why it has no signature. */
  readonly unsigned?: string;
}

/** Fast, and an eighth larger than what takes twice as long. */
const level = 2;

/**
 * Writes `<name>.tar.gz`, `<name>.sha256` and `<name>.sig`. The file gets its name last, when all of it and
 * what vouches for it is on the disk: whatever has the name is whole.
 * @returns why nothing was sealed, as a sentence; nothing is then left in the folder.
 */
export async function seal(sealing: Sealing): Promise<Result<Sealed, string>> {
  const base = join(sealing.out, sealing.name);
  const partial = `${base}.tar.gz.partial`;
  const beside = [`${base}.sha256`, `${base}.sig`];
  try {
    const { digest, bytes } = await write(sealing, partial);
    const signature = await sealing.sign(partial, digest);
    const hex = digest.toString("hex");
    put(`${base}.sha256`, `${hex}  ${sealing.name}.tar.gz\n`);
    if (signature.ok) put(`${base}.sig`, signature.value);
    await rename(partial, `${base}.tar.gz`);
    syncFolder(dirname(partial));
    const sealed = { path: `${base}.tar.gz`, sha256: hex, bytes };
    if (!signature.ok) return ok({ ...sealed, unsigned: signature.failure });
    const signed = readSshSignature(signature.value);
    return ok(typeof signed === "string" ? sealed : { ...sealed, key: fingerprintOf(signed.publicKey) });
  } catch (error) {
    for (const path of [partial, `${partial}.sig`, ...beside])
      await rm(path, { force: true }).catch(() => {});
    if (sealing.signal.aborted) return fail("it was interrupted");
    return fail(diskFault(error));
  }
}

async function write(
  { stage, name, tags, payload, custody, now, signal }: Sealing,
  partial: string,
): Promise<{ readonly digest: Buffer; readonly bytes: number }> {
  const own = stage.scanOfOwn([name, ...payload]);
  const packing: Packing = {
    folder: stage.folder,
    name,
    tags,
    payload,
    custody,
    now,
    overlap: stage.scan.overlap,
    look: (bytes, path) => {
      const scan = path.startsWith("data/") ? stage.scan : own;
      if (leftStanding(scan, bytes, stage.redactor) !== -1) {
        throw new Error(`the last search before sealing found a known secret in ${path}`);
      }
    },
  };
  const handle = await open(partial, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  const gzip = new Gzip(level, async (part) => {
    hash.update(part);
    bytes += part.length;
    // A disk that is nearly full takes a part of it.
    for (let at = 0; at < part.length;) at += (await handle.write(part, at)).bytesWritten;
  });
  try {
    for await (const part of packed(packing)) {
      signal.throwIfAborted();
      await gzip.push(part);
    }
    await gzip.end();
    signal.throwIfAborted();
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { digest: hash.digest(), bytes };
}

/** A small file, whole or not at all. */
function put(path: string, text: string): void {
  writeStateSync(path, text, { beside: true });
}
