import { mkdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { timed } from "./child.ts";
import { writeLogs } from "./logs.ts";
import type { Place } from "./place.ts";
import type { Row } from "./report.ts";
import type { Cost } from "./seal.ts";
import { spread } from "./statistics.ts";

/** Megabytes of logs; a machine that has the time measures more with BENCH_LOGS_MB. */
const megabytes = Number(process.env["BENCH_LOGS_MB"] ?? 256);

/**
 * Sealing well-mixed logs (redaction, hashing, tar, compression, fsync, signature), each round followed by
 * `tar czf` of the same; and what it holds in memory, for a quarter of the logs and for all.
 */
export async function sealing(place: Place, rounds: number): Promise<readonly Row[]> {
  const [small, large] = [join(place.folder, "logs-small"), join(place.folder, "logs-large")];
  writeLogs(small, megabytes / 4);
  writeLogs(large, megabytes);
  const out = join(place.folder, "sealed");
  const ratios: number[] = [];
  const onlySealing: number[] = [];
  const peaks: number[] = [];
  const small1: number[] = [];
  for (let at = 0; at < rounds; at++) {
    const cost = await seal("--seal", large, out);
    const tar = await timed({
      program: "tar",
      args: ["czf", join(place.folder, "logs.tgz"), "-C", large, "."],
    });
    ratios.push((cost.capture + cost.seal) / tar.ms);
    onlySealing.push(cost.seal / tar.ms);
    peaks.push(cost.peak);
    small1.push((await seal("--seal", small, out)).peak);
  }
  const what = `${megabytes} MB of logs`;
  return [
    {
      what: "sealing, over tar czf",
      unit: "×",
      spread: spread(ratios),
      atMost: 0.55,
      note: `${what}, redaction included`,
    },
    {
      what: "the same without redaction",
      unit: "×",
      spread: spread(onlySealing),
      note: "hashing, search, tar, gzip, fsync",
    },
    { what: "peak memory of sealing", unit: "MB", spread: spread(peaks), atMost: 200, note: what },
    { what: "the same, a quarter of the logs", unit: "MB", spread: spread(small1), atMost: 200, note: "" },
  ];
}

/** What a capture holds in memory whatever its size: the same log, and more and more of it. */
export async function flatMemory(place: Place, say: (line: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const gigabytes of (process.env["BENCH_FLAT_GB"] ?? "1,4").split(",").map(Number)) {
    const { bavail, bsize } = statfsSync(place.folder);
    // The stage, and the sealed file beside it; a capture takes no more than six tenths of what is free.
    if (bavail * bsize < gigabytes * 2e9) {
      say(`${gigabytes} GB: the disk has no room`);
      continue;
    }
    say(`${gigabytes} GB …`);
    const cost = await seal("--seal-stream", String(gigabytes * 1000), join(place.folder, "sealed"));
    const seconds = Math.round((cost.capture + cost.seal) / 1000);
    rows.push({
      what: `peak memory of sealing ${gigabytes} GB`,
      unit: "MB",
      spread: spread([cost.peak]),
      atMost: 200,
      note: `${Math.round(cost.bytes / 1e6)} MB sealed, in ${seconds} s`,
    });
  }
  return rows;
}

/** In a process of its own, so that its memory is its own. */
async function seal(how: "--seal" | "--seal-stream", what: string, out: string): Promise<Cost> {
  mkdirSync(out, { recursive: true });
  const args = [process.argv[1] ?? "", how, what, out];
  const { output } = await timed({ program: process.execPath, args });
  rmSync(out, { recursive: true });
  return JSON.parse(output) as Cost;
}
