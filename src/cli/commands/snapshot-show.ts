import { formatDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { readSnapshot, type ReadSnapshot } from "../../evidence/bundle/read.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { bytesText } from "../../output/bytes.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refusal } from "../../app/context/refusal.ts";
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
  if (options.json === true) {
    world.stdout.write(ndjsonHeader(world.version));
    world.stdout.write(ndjsonRow("snapshot", { ...snapshot, path, sound }));
    for (const row of rows) world.stdout.write(ndjsonRow("snapshot.collector", row));
    return 0;
  }
  for (const line of lines(read.value)) world.stdout.write(`${printable(line)}\n`);
  if (!sound) world.stderr.write(`${path} is not what was sealed; lav-ir snapshot verify says in what\n`);
  return 0;
}

function lines({ snapshot, rows, redactions, files }: ReadSnapshot): readonly string[] {
  const { verdict, missing, platform, environment, incident, started, took, actor, host, facts } = snapshot;
  const width = Math.max(0, ...rows.map(({ id }) => id.length));
  const secrets = redactions.reduce((sum, { count }) => sum + count, 0);
  return [
    `${snapshot.name}: ${verdict === "complete" ? "complete" : "PARTIAL"}`,
    `platform  ${platform}${environment === null ? "" : `, ${environment}`}; incident ${incident ?? "none"}`,
    `taken     ${started} in ${formatDuration(took)} by ${actor} on ${host}; window from ${snapshot.since}`,
    `holds     ${files.size} files, ${bytesText([...files.values()].reduce((sum, { size }) => sum + size, 0))}; ${secrets} secrets redacted`,
    ...(snapshot.salvaged === null ? [] : [`salvaged  from ${snapshot.salvaged}`]),
    ...(snapshot.clockStep === 0
      ? []
      : [`clock     stepped by ${formatDuration(snapshot.clockStep)} while it was taken`]),
    ...facts.flatMap((fact) => (fact.type === "finding" ? [`finding   ${fact.text}`] : [])),
    ...missing.map(({ collector, what, why }) => `missing   ${collector}: ${what}: ${why}`),
    ...(snapshot.leftOut.length === 0 ? [] : [`left out  by --only: ${snapshot.leftOut.join(", ")}`]),
    ...rows.flatMap((row) => [
      `${row.id.padEnd(width)}  ${row.status.padEnd(7)}  ${bytesText(row.kept).padStart(8)}  ${formatDuration(row.mono.ended - row.mono.started).padStart(6)}  ${row.summary}`,
      ...row.files.map((file) => `  ${file.path}  ${bytesText(file.kept)}`),
    ]),
  ];
}
