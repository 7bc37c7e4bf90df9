// The child of sealing.ts: takes a snapshot of logs, in a process of its own, and prints what it cost.
import { generateKeyPairSync } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { createRedactor } from "../src/secrets/redactor.ts";
import { ok } from "../src/base/result.ts";
import { createClock } from "../src/drivers/clock.ts";
import type { Ports } from "../src/ports/ports.ts";
import type { Collector } from "../src/evidence/capture/collector.ts";
import { takeSnapshot } from "../src/evidence/capture/snapshot.ts";
import { sshSignature } from "../src/ssh/sshsig.ts";
import type { Platform } from "../src/platform/platform.ts";
import { endlessLogs } from "./logs.ts";

export interface Cost {
  /** Milliseconds of redacting and staging, and of hashing, packing, signing and fsync. */
  readonly capture: number;
  readonly seal: number;
  /** Megabytes resident at most. */
  readonly peak: number;
  readonly bytes: number;
}

const secrets = [
  "hunter2-is-not-good",
  "postgres-Passw0rd",
  "kT9/xx+31fa",
  "emergency-token-0001",
  "slack/T000/B000/XXXX",
];

/** Logs that stand in files. */
export async function sealFolder(folder: string, out: string): Promise<Cost> {
  return await sealed(out, async ({ file }) => {
    for (const name of readdirSync(folder)) {
      const sink = file(name, { kind: "text", keep: "oldest" });
      for await (const piece of createReadStream(join(folder, name))) sink.write(piece as Buffer);
      sink.end();
    }
    return ok({});
  });
}

/** As much of a log as is wanted, made while it is captured; the newest are kept, as of any log. */
export async function sealStream(megabytes: number, out: string): Promise<Cost> {
  return await sealed(out, async ({ file }) => {
    const sink = file("endless.log", { kind: "text", keep: "newest" });
    let left = megabytes * 1e6;
    for (const piece of endlessLogs()) {
      sink.write(piece);
      left -= piece.length;
      if (left <= 0) break;
      // As from a socket: others have their turn between two pieces.
      await new Promise(setImmediate);
    }
    sink.end();
    return ok({});
  });
}

async function sealed(out: string, collect: Collector["collect"]): Promise<Cost> {
  const logs: Collector = {
    id: "logs",
    target: "logs",
    summary: "logs",
    volatile: false,
    order: 0,
    deadline: 7_200_000,
    cap: 1e12,
    collect,
  };
  const key = generateKeyPairSync("ed25519").privateKey;
  const begun = performance.now();
  let captured = begun;
  const taken = await takeSnapshot({
    collectors: [logs],
    leftOut: [],
    since: new Date(),
    out,
    incident: undefined,
    actor: "bench",
    host: "bench",
    version: "0",
    zone: "UTC",
    platform: { name: "bench", environment: undefined, production: false } as Platform,
    ports: { clock: createClock() } as unknown as Ports,
    redactor: createRedactor(secrets),
    secrets,
    sign: (_path, digest) => Promise.resolve(ok(sshSignature(key, digest))),
    stop: new AbortController().signal,
    kill: new AbortController().signal,
    progress: () => (captured = performance.now()),
    lock: () => Promise.resolve({ release: () => Promise.resolve() }),
  });
  if (!taken.ok) throw new Error(taken.failure.message);
  return {
    capture: captured - begun,
    seal: performance.now() - captured,
    peak: process.resourceUsage().maxRSS / 1024,
    bytes: taken.value.sealed.bytes,
  };
}
