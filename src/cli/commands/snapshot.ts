import { resolve } from "node:path";
import { formatDuration, parseDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { createRedactor } from "../../base/redaction.ts";
import { ok, type Result } from "../../base/result.ts";
import { didYouMean } from "../../base/suggest.ts";
import { createClock } from "../../drivers/clock.ts";
import { createPrompt, Turn } from "../../drivers/prompt.ts";
import type { Collector } from "../../evidence/collector.ts";
import { collectorsFor } from "../../evidence/collectors/index.ts";
import type { CollectorRow } from "../../evidence/rows.ts";
import { takeSnapshot, type NotSealed, type Taken } from "../../evidence/snapshot.ts";
import { openJournal } from "../../incident/journal.ts";
import type { Platform } from "../../platform/platform.ts";
import { ndjsonHeader, ndjsonRow } from "../../sinks/ndjson.ts";
import { loadPlatform } from "../find.ts";
import { currentIncident } from "../record.ts";
import { knownSecrets } from "../secrets.ts";
import { signer } from "../signing.ts";
import { bytesText } from "../size.ts";
import { tokenKey } from "../snapshot-request.ts";
import { createPorts } from "../wire.ts";
import { refusal, refuse, stateFolder, type GlobalOptions, type Refusal, type World } from "../world.ts";

export interface SnapshotOptions {
  readonly plan?: boolean;
  readonly since?: string;
  readonly only?: string;
  readonly out?: string;
}

/** `lav-ir snapshot`. @returns 0 complete, 1 sealed and partial, 4 not sealed. */
export async function snapshot(world: World, options: GlobalOptions, own: SnapshotOptions): Promise<number> {
  const since = parseDuration(own.since ?? "30m");
  if (since === undefined) {
    return refuse(world, refusal(`--since takes a duration such as 30m or 2h, not ${own.since}`).failure);
  }
  const platform = await loadPlatform(world, options);
  if (!platform.ok) return refuse(world, platform.failure);
  const all = collectorsFor(platform.value);
  const chosen = choose(all, own.only);
  if (!chosen.ok) return refuse(world, chosen.failure);
  if (own.plan === true) return printPlan(world, options, platform.value, chosen.value);
  const incident = currentIncident(world, options);
  if (!incident.ok) return refuse(world, incident.failure);
  const leftOut = all.filter((one) => !chosen.value.includes(one)).map(({ id }) => id);
  return await take(world, options, {
    platform: platform.value,
    collectors: chosen.value,
    leftOut,
    window: since,
    incident: incident.value,
    out: resolve(world.cwd, own.out ?? "snapshots"),
  });
}

/** Those named by --only: by their id, or by their set. */
function choose(all: readonly Collector[], only: string | undefined): Result<readonly Collector[], Refusal> {
  if (only === undefined) return ok(all);
  const wanted = only.split(",").map((name) => name.trim());
  const names = new Set(all.flatMap(({ id }) => [id, id.split(".")[0] ?? id]));
  const unknown = wanted.find((name) => !names.has(name));
  if (unknown !== undefined) {
    return refusal(
      `--only: there is no collector ${unknown || "without a name"}${didYouMean(unknown, names)}; --plan lists them`,
    );
  }
  return ok(all.filter(({ id }) => wanted.some((name) => id === name || id.startsWith(`${name}.`))));
}

function printPlan(
  world: World,
  options: GlobalOptions,
  platform: Platform,
  collectors: readonly Collector[],
): number {
  const redactor = createRedactor(knownSecrets(world, {}));
  const rows = collectors
    .toSorted((a, b) => a.order - b.order)
    .map(({ id, target, summary, volatile, deadline, cap }) =>
      redactor.value({ collector: id, target, summary, volatile, deadline_ms: deadline, cap_bytes: cap }),
    );
  if (options.json === true) {
    world.stdout.write(ndjsonHeader(world.version));
    for (const row of rows) world.stdout.write(ndjsonRow("snapshot.plan", row));
    return 0;
  }
  const width = Math.max(...rows.map(({ collector }) => collector.length));
  world.stdout.write(`snapshot of ${printable(platform.name)}: ${rows.length} collectors, side by side\n`);
  for (const { collector, target, summary, deadline_ms, cap_bytes } of rows) {
    const limits = `at most ${formatDuration(deadline_ms)}, ${bytesText(cap_bytes)}`;
    world.stdout.write(printable(`  ${collector.padEnd(width)}  ${summary} of ${target} (${limits})`) + "\n");
  }
  return 0;
}

interface Wanted {
  readonly platform: Platform;
  readonly collectors: readonly Collector[];
  readonly leftOut: readonly string[];
  readonly window: number;
  readonly incident: string | undefined;
  readonly out: string;
}

async function take(world: World, options: GlobalOptions, wanted: Wanted): Promise<number> {
  const { platform, incident } = wanted;
  const secrets = knownSecrets(world, {});
  const nobody = createPrompt(
    { available: false, input: world.stdin, output: world.stderr, interrupted: () => {} },
    new Turn(),
  );
  const ports = createPorts(world, platform, nobody);
  if (options.json === true) world.stdout.write(ndjsonHeader(world.version));
  const { interruption } = world;
  const result = await takeSnapshot({
    ...wanted,
    since: new Date(ports.clock.now().getTime() - wanted.window),
    actor: world.user,
    host: world.host,
    version: world.version,
    zone: world.env["TZ"] ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    ports,
    redactor: createRedactor(secrets, tokenKey(world, options, incident)),
    secrets,
    sign: signer(world, options, ports),
    stop: interruption.stop,
    kill: interruption.kill,
    progress: (row) => showRow(world, options, row),
  });
  await record(world, options, incident, result);
  return result.ok ? showTaken(world, options, result.value) : showNotSealed(world, options, result.failure);
}

/** The digest goes into the incident's journal, or into that of the snapshots outside of one. */
async function record(
  world: World,
  options: GlobalOptions,
  incident: string | undefined,
  result: Result<Taken, NotSealed>,
): Promise<void> {
  const state = stateFolder(world, options);
  const folder = incident === undefined ? `${state}/snapshots` : `${state}/incidents/${incident}`;
  try {
    const journal = await openJournal({
      folder,
      actor: world.user,
      host: world.host,
      clock: createClock(),
      shared: true,
    });
    try {
      const data = result.ok
        ? {
            snapshot: result.value.snapshot.name,
            path: result.value.sealed.path,
            sha256: result.value.sealed.sha256,
            bytes: result.value.sealed.bytes,
            verdict: result.value.snapshot.verdict,
            custody: result.value.snapshot.custody,
          }
        : {
            message: result.failure.message,
            ...(result.failure.stage === undefined ? {} : { stage: result.failure.stage }),
          };
      await journal.append(result.ok ? "snapshot.sealed" : "snapshot.failed", data, { sync: true });
    } finally {
      journal.close();
    }
  } catch (error) {
    // A snapshot that nobody could note down is still one.
    const why = error instanceof Error ? error.message : String(error);
    world.stderr.write(`the journal in ${folder} cannot be written: ${why}\n`);
  }
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
  const verdict = row.verdict === "complete" ? "complete" : "PARTIAL";
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
