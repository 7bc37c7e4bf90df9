import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { createRedactor } from "../../../src/secrets/redactor.ts";
import { ok } from "../../../src/base/result.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import type { CollectContext, Collector } from "../../../src/evidence/capture/collector.ts";
import { takeSnapshot, type SnapshotRequest, type Taken } from "../../../src/evidence/capture/snapshot.ts";
import { sshPublicKey, sshSignature } from "../../../src/ssh/sshsig.ts";
import { blockSize } from "../../../src/evidence/bundle/tar.ts";
import type { Platform } from "../../../src/platform/platform.ts";

export const canary = "canary-Secret/42+x";
const key: KeyObject = generateKeyPairSync("ed25519").privateKey;

/** Who signs the bags of these tests. */
export const trusted = new Map([[sshPublicKey(key).toString("base64"), "the test"]]);

export function collector(
  id: string,
  collect: (context: CollectContext) => void | Promise<void>,
  more: Partial<Collector> = {},
): Collector {
  return {
    id,
    target: "a target",
    summary: `what ${id} takes`,
    volatile: false,
    order: 0,
    deadline: 5000,
    cap: 1_000_000,
    collect: async (context) => {
      await collect(context);
      return ok({});
    },
    ...more,
  };
}

/** What a snapshot itself reads of a platform; the collectors of these tests read nothing. */
const platform = {
  name: "test",
  path: "platform.yaml",
  environment: undefined,
  production: false,
} as Platform;

export function request(
  out: string,
  collectors: readonly Collector[],
  more: Partial<SnapshotRequest> = {},
): SnapshotRequest {
  return {
    collectors,
    leftOut: [],
    since: new Date(Date.now() - 60_000),
    out,
    incident: undefined,
    actor: "tester",
    host: "here",
    version: "0.0.0",
    zone: "UTC",
    platform,
    // No collector of these tests reaches for another.
    ports: { clock: createClock() } as unknown as Ports,
    redactor: createRedactor([canary], Buffer.alloc(32, 1)),
    secrets: [canary],
    sign: (_path, digest) => Promise.resolve(ok(sshSignature(key, digest))),
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    progress: () => {},
    lock: () => Promise.resolve({ release: () => Promise.resolve() }),
    ...more,
  };
}

export async function take(
  out: string,
  collectors: readonly Collector[],
  more: Partial<SnapshotRequest> = {},
): Promise<Taken> {
  const taken = await takeSnapshot(request(out, collectors, more));
  if (!taken.ok) throw new Error(taken.failure.message);
  return taken.value;
}

/** An entry of a tar as its bytes stand there: header, content and padding. */
export interface Entry {
  readonly path: string;
  readonly header: Buffer;
  readonly content: Buffer;
  /** Header, content and padding. */
  readonly whole: Buffer;
}

export function entriesOf(path: string): Entry[] {
  const tar = gunzipSync(readFileSync(path));
  const entries: Entry[] = [];
  for (let at = 0; tar[at] !== 0;) {
    const header = tar.subarray(at, at + blockSize);
    const text = (from: number, length: number): string =>
      header.toString("latin1", from, from + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12), 8);
    const end = at + blockSize + Math.ceil(size / blockSize) * blockSize;
    const prefix = text(345, 155);
    entries.push({
      path: `${prefix === "" ? "" : `${prefix}/`}${text(0, 100)}`,
      header,
      content: tar.subarray(at + blockSize, at + blockSize + size),
      whole: tar.subarray(at, end),
    });
    at = end;
  }
  return entries;
}

/** Writes a tar of these blocks in place of what stands there. */
export function repack(path: string, blocks: readonly Buffer[], after: Buffer = Buffer.alloc(0)): void {
  writeFileSync(path, Buffer.concat([gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])), after]));
}

/** Signs it again, with a key of somebody else's unless another is given. */
export function resign(path: string, by: KeyObject = generateKeyPairSync("ed25519").privateKey): void {
  const digest = createHash("sha256").update(readFileSync(path)).digest();
  const base = path.replace(/\.tar\.gz$/, "");
  writeFileSync(`${base}.sig`, sshSignature(by, digest));
  writeFileSync(`${base}.sha256`, `${digest.toString("hex")}  x\n`);
}

/** Signs it again as if the test itself had: only what is in it can then tell. */
export function resignAsOwn(path: string): void {
  resign(path, key);
}
