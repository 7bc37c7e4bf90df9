import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { jsonText } from "../base/json.ts";
import type { Redactor } from "../base/redaction.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Ports } from "../drivers/ports.ts";
import type { Platform } from "../platform/platform.ts";
import { bagInfoText, bagitText, tagFiles } from "./bag.ts";
import { capture, type Captured } from "./capture.ts";
import type { Collector } from "./collector.ts";
import { Custody } from "./custody.ts";
import { reportHtml } from "./report.ts";
import { schemaVersion, type CollectorRow, type SnapshotRow } from "./rows.ts";
import { seal, type Sealed, type Sealing } from "./seal.ts";
import { diskFault } from "./spool.ts";
import { Stage } from "./stage.ts";

export interface SnapshotRequest {
  readonly collectors: readonly Collector[];
  /** Ids that --only left out. */
  readonly leftOut: readonly string[];
  readonly since: Date;
  /** Where the sealed file goes; made when it is not there. */
  readonly out: string;
  readonly incident: string | undefined;
  readonly actor: string;
  readonly host: string;
  readonly version: string;
  readonly zone: string;
  readonly platform: Platform;
  readonly ports: Ports;
  readonly redactor: Redactor;
  readonly secrets: readonly string[];
  readonly sign: Sealing["sign"];
  /** Ends the capture; what there is, is sealed. */
  readonly stop: AbortSignal;
  /** Ends the sealing as well. */
  readonly kill: AbortSignal;
  readonly progress: (row: CollectorRow) => void;
}

export interface Taken {
  readonly sealed: Sealed;
  readonly snapshot: SnapshotRow;
}

export interface NotSealed {
  readonly message: string;
  /** The folder in which what was captured still is, for `snapshot salvage`. */
  readonly stage?: string;
}

/** Milliseconds by which a clock may drift from another in one capture without having been stepped. */
const drift = 100;

/** `lav-ir-INC-2026-0001-20261124T212200Z-3fa9c1`: sorts by time within an incident, and two at once differ. */
export function snapshotName(incident: string | undefined, now: Date, id: string): string {
  const stamp = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  return `lav-ir-${incident ?? "none"}-${stamp}-${id}`;
}

/** Takes a snapshot: captures, writes the bag, seals it, and removes what it was put together in. */
export async function takeSnapshot(request: SnapshotRequest): Promise<Result<Taken, NotSealed>> {
  const { clock } = request.ports;
  const id = randomBytes(3).toString("hex");
  const started = clock.now();
  const name = snapshotName(request.incident, started, id);
  const folder = join(request.out, `${name}.stage`, name);
  let stage: Stage;
  const lines: string[] = [];
  const custody = new Custody({ actor: request.actor, host: request.host, clock }, (line) =>
    lines.push(line),
  );
  const from = clock.monotonic();
  try {
    mkdirSync(join(request.out, `${name}.stage`), { recursive: true, mode: 0o700 });
    stage = new Stage({ folder, redactor: request.redactor, secrets: request.secrets });
    custody.add("capture.begun", {
      collectors: request.collectors.map((one) => one.id),
      since: request.since,
    });
    // From the first moment on it says what it is: a killed capture is told from a stranger's folder.
    stage.write("custody.jsonl", lines.join(""));
  } catch (error) {
    return fail({ message: `nothing can be written in ${request.out}: ${diskFault(error)}` });
  }
  const captured = await capture(
    { ...request, stage, until: started, signal: request.stop },
    request.collectors,
  );
  custody.add("capture.ended", { files: captured.payload.length, missing: captured.missing.length });
  const ended = clock.now();
  const took = clock.monotonic() - from;
  const step = Math.round(ended.getTime() - started.getTime() - took);
  custody.add("sealing.begun", { name });
  const snapshot: SnapshotRow = {
    schema: schemaVersion,
    id,
    name,
    tool: "lav-ir",
    version: request.version,
    incident: request.incident ?? null,
    actor: request.actor,
    host: request.host,
    zone: request.zone,
    since: request.since.toISOString(),
    started: started.toISOString(),
    ended: ended.toISOString(),
    took: Math.round(took),
    clockStep: Math.abs(step) > drift ? step : 0,
    platform: request.platform.name,
    environment: request.platform.environment ?? null,
    production: request.platform.production,
    leftOut: request.leftOut,
    verdict: captured.missing.length === 0 ? "complete" : "partial",
    missing: captured.missing,
    facts: captured.facts,
    custody: custody.head,
  };
  const sealed = await sealBag(request, stage, captured, snapshot, lines.join(""));
  if (!sealed.ok) return fail({ message: sealed.failure, stage: folder });
  rmSync(join(request.out, `${name}.stage`), { recursive: true, force: true });
  return ok({ sealed: sealed.value, snapshot });
}

async function sealBag(
  request: SnapshotRequest,
  stage: Stage,
  captured: Captured,
  snapshot: SnapshotRow,
  custody: string,
): Promise<Result<Sealed, string>> {
  const { rows, payload } = captured;
  const jsonl = (list: readonly object[]): string => list.map((row) => `${jsonText(row)}\n`).join("");
  const files = rows.flatMap((row) => row.files).filter(({ path }) => payload.includes(path));
  try {
    stage.write("bagit.txt", bagitText);
    stage.write(
      "bag-info.txt",
      bagInfoText({
        agent: `lav-ir ${request.version}`,
        date: new Date(snapshot.started),
        incident: request.incident,
        id: snapshot.name,
        description: `${snapshot.platform}, ${snapshot.verdict}`,
        bytes: files.reduce((sum, { kept }) => sum + kept, 0),
        files: files.length,
      }),
    );
    stage.write("snapshot.json", `${jsonText(snapshot)}\n`);
    stage.write("collectors.jsonl", jsonl(rows));
    stage.write("redactions.jsonl", jsonl(stage.redactions));
    stage.write("custody.jsonl", custody);
    stage.write("report.html", reportHtml({ snapshot, rows, redactions: stage.redactions }));
  } catch (error) {
    return fail(diskFault(error));
  }
  return await seal({
    stage,
    name: snapshot.name,
    tags: tagFiles,
    payload,
    now: new Date(snapshot.ended),
    out: request.out,
    sign: request.sign,
    signal: request.kill,
  });
}
