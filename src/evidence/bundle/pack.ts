// Writes a bag as one tar, in one pass: each file is opened, read, hashed and handed on before the next. The chain of
// custody and the manifests come last, because they hold the hashes of what was just written. A second read for the
// hashes would allow a hash and the archive to differ.
//
// What must not be broken: one buffer serves every file, so whoever takes a piece copies it before asking for the next
// (gzip.ts does); `look` sees the bytes of a file before they are handed on, across the ends of pieces too; and a file
// that became shorter ends the packing, because its header with the size is already written.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { custodyFile, manifest, manifestText, sha256, tagManifest } from "./bag.ts";
import type { Bound } from "./custody.ts";
import { padding, tarEnd, tarHeader } from "./tar.ts";

export interface Packing {
  /** The bag's folder; its name is that of every entry's first folder. */
  readonly folder: string;
  readonly name: string;
  /** Paths from the folder on: the bag's own files, then those below data/. */
  readonly tags: readonly string[];
  readonly payload: readonly string[];
  /** The chain of custody, once it is known what it binds. */
  readonly custody: (bound: Bound) => string;
  readonly now: Date;
  /** Looks at what is packed; what it throws ends the packing. */
  readonly look: (bytes: Buffer, path: string) => void;
  /** Bytes that a look must see again with what follows them. */
  readonly overlap: number;
}

/** Read at once. */
const chunk = 524_288;

/**
 * The bag as a tar, its chain of custody and its manifests last: every file is read once, and hashed as it is read. What is yielded
 * is good until the next piece is asked for.
 * @throws when a file cannot be read, or is no longer what it was when it was opened.
 */
export async function* packed(packing: Packing): AsyncGenerator<Buffer> {
  const { name, now } = packing;
  const hashes = { tags: new Map<string, string>(), payload: new Map<string, string>() };
  // One for all: new ones would pile up faster than they are collected.
  const buffer = Buffer.allocUnsafeSlow(chunk);
  for (const part of ["tags", "payload"] as const) {
    for (const path of packing[part]) yield* file(packing, path, hashes[part], buffer);
  }
  const payload = Buffer.from(manifestText(hashes.payload));
  const digest = sha256(payload);
  const files = Object.fromEntries(hashes.tags);
  const custody = Buffer.from(packing.custody({ manifest: digest, entries: hashes.payload.size, files }));
  packing.look(custody, custodyFile);
  hashes.tags.set(custodyFile, sha256(custody));
  hashes.tags.set(manifest, digest);
  for (const [path, text] of [
    [custodyFile, custody],
    [manifest, payload],
    [tagManifest, Buffer.from(manifestText(hashes.tags))],
  ] as const) {
    yield tarHeader(`${name}/${path}`, text.length, now);
    yield text;
    yield padding(text.length);
  }
  yield tarEnd;
}

async function* file(
  packing: Packing,
  path: string,
  hashes: Map<string, string>,
  buffer: Buffer,
): AsyncGenerator<Buffer> {
  // Only what was staged: a link or a pipe that stands at the path now is not followed, and not waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(join(packing.folder, path), flags);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error(`${path} is not a file`);
    yield tarHeader(`${packing.name}/${path}`, stat.size, packing.now);
    const hash = createHash("sha256");
    let before: Buffer = Buffer.alloc(0);
    for await (const bytes of content(handle, stat.size, path, buffer)) {
      hash.update(bytes);
      // The end of the chunk before only where it meets this one: the rest of both has been or will be seen.
      if (before.length > 0) packing.look(Buffer.concat([before, bytes.subarray(0, packing.overlap)]), path);
      packing.look(bytes, path);
      before = Buffer.from(bytes.subarray(Math.max(0, bytes.length - packing.overlap)));
      yield bytes;
    }
    hashes.set(path, hash.digest("hex"));
    yield padding(stat.size);
  } finally {
    await handle.close();
  }
}

async function* content(
  handle: FileHandle,
  size: number,
  path: string,
  buffer: Buffer,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) throw new Error(`${path} has become shorter`);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
