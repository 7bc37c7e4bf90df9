import { formatDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import {
  takeSnapshot,
  type NotSealed,
  type SnapshotRequest,
  type Taken,
} from "../../evidence/capture/snapshot.ts";
import type { Platform } from "../../platform/platform.ts";
import type { TakingLine } from "../../events/snapshot-lines.ts";
import { collectorLine } from "../../output/collector-line.ts";
import { questionsOf } from "../context/questions.ts";
import { bytesText } from "../../output/bytes.ts";
import { recordSealing } from "./record.ts";
import { takerOf } from "./taker.ts";
import { createPorts } from "../wiring/ports.ts";
import { nameContacted, tellerFor } from "../context/telling.ts";
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
  if (contacts) nameContacted(world, options, platform, incident);
  const tell = tellerFor<TakingLine>(
    world,
    options,
    { text: (line) => write(world, options, line), line: (line) => line },
    contacts ? platform : undefined,
  );
  const { interruption } = world;
  const result = await takeSnapshot({
    ...wanted,
    ...takerOf(world, options, ports, platform, incident, {}),
    since: new Date(ports.clock.now().getTime() - wanted.window),
    stop: interruption.stop,
    kill: interruption.kill,
    progress: (row) => tell(collectorLine(row, "without files")),
  });
  await recordSealing(world, options, incident, result);
  const end = result.ok ? sealedLine(result.value) : failedLine(result.failure);
  tell(end);
  return end.exit_code;
}

type LineOfType<Type> = Extract<TakingLine, { readonly type: Type }>;

function sealedLine({ sealed, snapshot: row }: Taken): LineOfType<"snapshot.sealed"> {
  const { name: snapshot, verdict, missing, leftOut: left_out, took: duration_ms } = row;
  const exit_code = verdict === "complete" && sealed.unsigned === undefined ? 0 : 1;
  return { type: "snapshot.sealed", snapshot, ...sealed, verdict, missing, left_out, duration_ms, exit_code };
}

function failedLine({ message, stage }: NotSealed): LineOfType<"snapshot.failed"> {
  return { type: "snapshot.failed", message, stage, exit_code: 4 };
}

/** Progress on stderr, the result on stdout. */
function write({ stdout, stderr }: World, { quiet }: GlobalOptions, line: TakingLine): void {
  const err = (text: string): void => void stderr.write(`${printable(text)}\n`);
  switch (line.type) {
    case "snapshot.collector":
      if (quiet !== true || (line.outcome !== "ok" && line.outcome !== "skipped")) err(collectorText(line));
      return;
    case "snapshot.sealed":
      for (const { collector, what, why } of line.missing) err(`missing  ${collector}: ${what}: ${why}`);
      if (line.left_out.length > 0) err(`left out by --only: ${line.left_out.join(", ")}`);
      if (line.unsigned !== undefined) err(`NOT SIGNED: ${line.unsigned}`);
      for (const text of sealedTexts(line)) stdout.write(`${printable(text)}\n`);
      return;
    case "snapshot.failed":
      err(`NOT SEALED: ${line.message}`);
      if (line.stage !== undefined)
        err(`The captured files are in ${line.stage}; seal them: lav-ir snapshot salvage`);
      return;
  }
}

function collectorText(line: LineOfType<"snapshot.collector">): string {
  const { outcome, collector, kept_bytes, duration_ms, target, why } = line;
  const took = formatDuration(duration_ms).padStart(6);
  const said = why === undefined ? "" : `: ${why}`;
  return `${outcome.padEnd(7)}  ${collector.padEnd(20)} ${bytesText(kept_bytes).padStart(8)}  ${took}  ${target}${said}`;
}

function sealedTexts(line: LineOfType<"snapshot.sealed">): readonly string[] {
  const { path, verdict, unsigned, bytes, duration_ms, sha256 } = line;
  const said = `${verdict === "complete" ? "complete" : "PARTIAL"}${unsigned === undefined ? "" : ", NOT SIGNED"}`;
  return [path, `${said}, ${bytesText(bytes)}, ${formatDuration(duration_ms)}, sha256 ${sha256}`];
}
