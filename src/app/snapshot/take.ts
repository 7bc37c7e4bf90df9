import { formatDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import type { CollectorRow } from "../../evidence/bundle/rows.ts";
import {
  takeSnapshot,
  type NotSealed,
  type SnapshotRequest,
  type Taken,
} from "../../evidence/capture/snapshot.ts";
import { platformLine } from "../../platform/line.ts";
import type { Platform } from "../../platform/platform.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { questionsOf } from "../context/questions.ts";
import { bytesText } from "../../output/bytes.ts";
import { recordSealing } from "./record.ts";
import { takerOf } from "./taker.ts";
import { createPorts } from "../wiring/ports.ts";
import type { GlobalOptions, World } from "../context/world.ts";

export interface SnapshotWanted {
  readonly platform: Platform;
  readonly collectors: readonly Collector[];
  readonly leftOut: readonly string[];
  readonly window: number;
  readonly incident: string | undefined;
  readonly out: string;
  readonly salvaged?: SnapshotRequest["salvaged"];
}

/** Takes a snapshot with the real drivers, telling it as it goes. @returns 0 complete, 1 sealed and partial, 4 not sealed. */
export async function takeAndTell(
  world: World,
  options: GlobalOptions,
  wanted: SnapshotWanted,
): Promise<number> {
  const { platform, incident } = wanted;
  const nobody = createPrompt(questionsOf(world, { input: false }), new Turn());
  const ports = createPorts(world, platform, nobody);
  // What is salvaged lies in files: nothing is contacted.
  const contacts = wanted.salvaged === undefined;
  if (options.json === true) world.stdout.write(ndjsonHeader(world.version, contacts ? platform : undefined));
  else if (contacts && options.quiet !== true)
    world.stderr.write(`${printable(platformLine(platform, incident))}\n`);
  const { interruption } = world;
  const result = await takeSnapshot({
    ...wanted,
    ...takerOf(world, options, ports, platform, incident, {}),
    since: new Date(ports.clock.now().getTime() - wanted.window),
    stop: interruption.stop,
    kill: interruption.kill,
    progress: (row) => showRow(world, options, row),
  });
  await recordSealing(world, options, incident, result);
  return result.ok ? showTaken(world, options, result.value) : showNotSealed(world, options, result.failure);
}

function showRow(world: World, options: GlobalOptions, row: CollectorRow): void {
  if (options.json === true) {
    const { files: _files, mono, ...rest } = row;
    world.stdout.write(ndjsonRow("snapshot.collector", { ...rest, duration_ms: mono.ended - mono.started }));
    return;
  }
  if (options.quiet === true && (row.status === "ok" || row.status === "skipped")) return;
  const took = formatDuration(row.mono.ended - row.mono.started);
  const why = row.why === undefined ? "" : `: ${row.why}`;
  const line = `${row.status.padEnd(7)}  ${row.id.padEnd(20)} ${bytesText(row.kept).padStart(8)}  ${took.padStart(6)}  ${row.target}${why}`;
  world.stderr.write(`${printable(line)}\n`);
}

function showTaken(world: World, options: GlobalOptions, { sealed, snapshot: row }: Taken): number {
  const exitCode = row.verdict === "complete" && sealed.unsigned === undefined ? 0 : 1;
  if (options.json === true) {
    world.stdout.write(
      ndjsonRow("snapshot.sealed", {
        ...sealed,
        snapshot: row.name,
        verdict: row.verdict,
        missing: row.missing,
        took_ms: row.took,
        exit_code: exitCode,
      }),
    );
    return exitCode;
  }
  for (const { collector, what, why } of row.missing) {
    world.stderr.write(`${printable(`missing  ${collector}: ${what}: ${why}`)}\n`);
  }
  if (row.leftOut.length > 0) world.stderr.write(`left out by --only: ${row.leftOut.join(", ")}\n`);
  if (sealed.unsigned !== undefined) world.stderr.write(`${printable(`NOT SIGNED: ${sealed.unsigned}`)}\n`);
  const verdict = `${row.verdict === "complete" ? "complete" : "PARTIAL"}${sealed.unsigned === undefined ? "" : ", NOT SIGNED"}`;
  world.stdout.write(
    `${printable(sealed.path)}\n${verdict}, ${bytesText(sealed.bytes)}, ${formatDuration(row.took)}, sha256 ${sealed.sha256}\n`,
  );
  return exitCode;
}

function showNotSealed(world: World, options: GlobalOptions, { message, stage }: NotSealed): number {
  const rest =
    stage === undefined ? "" : `\nWhat was captured is in ${stage}: lav-ir snapshot salvage seals it.`;
  if (options.json === true)
    world.stdout.write(
      ndjsonRow("snapshot.failed", { message, ...(stage === undefined ? {} : { stage }), exit_code: 4 }),
    );
  world.stderr.write(`${printable(`NOT SEALED: ${message}${rest}`)}\n`);
  return 4;
}
