import { formatDuration } from "../../base/duration.ts";
import type { SnapshotRow } from "../../evidence/bundle/rows.ts";
import { readSnapshot, type ReadSnapshot } from "../../evidence/bundle/read.ts";
import type { SnapshotLine } from "../../events/snapshot-lines.ts";
import { collectorLine } from "../../output/collector-line.ts";
import { bytesText } from "../../output/bytes.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refusal } from "../../app/context/refusal.ts";
import { show } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";

/** `lav-ir snapshot show`: what is in a bundle and what is missing, without extracting it. */
export async function snapshotShowCommand(
  world: World,
  options: GlobalOptions,
  path: string,
): Promise<number> {
  const read = await readSnapshot(path);
  if (!read.ok) return refuse(world, options, refusal(read.failure).failure);
  const { snapshot, rows, sound } = read.value;
  const told = [headOf(path, snapshot, sound), ...rows.map((row) => collectorLine(row, "with files"))];
  show(world, options, told, () => lines(read.value));
  if (!sound)
    world.stderr.write(`${path} was changed after it was sealed; lav-ir snapshot verify shows where\n`);
  return 0;
}

function headOf(path: string, row: SnapshotRow, sound: boolean): SnapshotLine {
  const { name: snapshot, version, actor, host, zone, since, platform, production, verdict, missing } = row;
  return {
    type: "snapshot",
    snapshot,
    path,
    sound,
    version,
    incident: row.incident ?? undefined,
    actor,
    host,
    zone,
    since,
    started_at: row.started,
    ended_at: row.ended,
    duration_ms: row.took,
    clock_step_ms: row.clockStep,
    platform,
    environment: row.environment ?? undefined,
    production,
    left_out: row.leftOut,
    verdict,
    missing,
    findings: row.facts.flatMap((fact) => (fact.type === "finding" ? [fact.text] : [])),
    custody: row.custody,
    salvaged: row.salvaged ?? undefined,
  };
}

function lines({ snapshot, rows, redactions, files }: ReadSnapshot): readonly string[] {
  const { verdict, missing, platform, environment, incident, started, took, actor, host, facts } = snapshot;
  const width = Math.max(0, ...rows.map(({ id }) => id.length));
  const secrets = redactions.reduce((sum, { count }) => sum + count, 0);
  return [
    `${snapshot.name}: ${verdict === "complete" ? "complete" : "PARTIAL"}`,
    `platform  ${platform}${environment === null ? "" : `, ${environment}`}; incident: ${incident ?? "none"}`,
    `taken     ${started} in ${formatDuration(took)} by ${actor} on ${host}; window from ${snapshot.since}`,
    `holds     ${files.size} files, ${bytesText([...files.values()].reduce((sum, { size }) => sum + size, 0))}; ${secrets} secrets redacted`,
    ...(snapshot.salvaged === null ? [] : [`salvaged  from ${snapshot.salvaged}`]),
    ...(snapshot.clockStep === 0
      ? []
      : [`clock     stepped by ${formatDuration(snapshot.clockStep)} during the capture`]),
    ...facts.flatMap((fact) => (fact.type === "finding" ? [`finding   ${fact.text}`] : [])),
    ...missing.map(({ collector, what, why }) => `missing   ${collector}: ${what}: ${why}`),
    ...(snapshot.leftOut.length === 0 ? [] : [`left out  by --only: ${snapshot.leftOut.join(", ")}`]),
    ...rows.flatMap((row) => [
      `${row.id.padEnd(width)}  ${row.status.padEnd(7)}  ${bytesText(row.kept).padStart(8)}  ${formatDuration(row.mono.ended - row.mono.started).padStart(6)}  ${row.summary}`,
      ...row.files.map((file) => `  ${file.path}  ${bytesText(file.kept)}`),
    ]),
  ];
}
