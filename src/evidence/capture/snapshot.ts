import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { jsonText } from "../../base/json.ts";
import type { Redactor } from "../../secrets/redactor.ts";
import { diskFault } from "../../base/disk-fault.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { stateFault } from "../../store/state-file.ts";
import { makeFolder, makeStateFolder } from "../../store/state-folder.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Platform } from "../../platform/platform.ts";
import { bagInfoText, bagitText, custodyFile, tagFiles } from "../bundle/bag.ts";
import { blame, capture, type Captured } from "./capture.ts";
import type { Collector } from "./collector.ts";
import { Custody, sealedAct, type Bound } from "../bundle/custody.ts";
import { reportHtml } from "../report/page.ts";
import { schemaVersion, type CollectorRow, type Missing, type SnapshotRow } from "../bundle/rows.ts";
import { seal, type Sealed, type Sealing } from "../bundle/seal.ts";
import { Workspace } from "./workspace.ts";

export interface SnapshotRequest {
  readonly collectors: readonly Collector[];
  /** Ids that --only left out. */
  readonly leftOut: readonly string[];
  readonly since: Date;
  /** Where the sealed file goes; made when it is not there. */
  readonly out: string;
  /** The state folder, where `out` is in it: all from there down must be this user's alone. */
  readonly root?: string | undefined;
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
  /** Whether what could not be sealed is left for `snapshot salvage`; so it is where nothing is said. */
  readonly left?: () => boolean;
  readonly progress: (row: CollectorRow) => void;
  /** Marks the stage as somebody's while it is worked in. @returns what gives it back, or who has it. */
  readonly lock: (path: string) => Promise<{ release(): Promise<void> } | { readonly heldBy: unknown }>;
  /** Whoever hears of exceptions that nobody caught asks `blamed` first, until what is returned is called. */
  readonly uncaught?: (blamed: (error: unknown) => boolean) => () => void;
  /** A killed capture that this one seals. */
  readonly salvaged?: Salvaged | undefined;
}

export interface Salvaged {
  readonly name: string;
  /** Its rows of custody. */
  readonly custody: readonly string[];
  /** Ids of the collectors that it had begun with. */
  readonly planned: readonly string[];
}

export interface Taken {
  readonly sealed: Sealed;
  readonly snapshot: SnapshotRow;
  /** The head of its chain of custody, which binds all that is in it. */
  readonly custody: string;
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

/** A name's parts, or undefined when it is none. */
export function partsOfName(
  name: string,
): { readonly incident: string | undefined; readonly stamp: string } | undefined {
  const [, incident, stamp] = /^lav-ir-([\w-]+)-(\d{8}T\d{6}Z)-[0-9a-f]{6}$/.exec(name) ?? [];
  if (incident === undefined || stamp === undefined) return undefined;
  return { incident: incident === "none" ? undefined : incident, stamp };
}

/** The lock of a stage. */
export function lockOf(stage: string): string {
  return join(stage, "lock");
}

/** Takes a snapshot: captures, writes the bag, seals it, and removes what it was put together in. */
export async function takeSnapshot(request: SnapshotRequest): Promise<Result<Taken, NotSealed>> {
  const { clock } = request.ports;
  const started = clock.now();
  const id = randomBytes(3).toString("hex");
  const name = snapshotName(request.incident, started, id);
  const outer = join(request.out, `${name}.stage`);
  const folder = join(outer, name);
  const lines: string[] = [...(request.salvaged?.custody ?? [])];
  const custody = new Custody(
    { actor: request.actor, host: request.host, clock },
    (line) => lines.push(line),
    lines.map((line) => line.trimEnd()),
  );
  let stage: Workspace;
  let lock: Awaited<ReturnType<SnapshotRequest["lock"]>>;
  try {
    if (request.root === undefined) makeFolder(outer);
    else makeStateFolder(outer, { root: request.root });
    lock = await request.lock(lockOf(outer));
    stage = new Workspace({ folder, redactor: request.redactor, secrets: request.secrets });
    custody.add(request.salvaged === undefined ? "capture.begun" : "salvage.begun", {
      name,
      ...(request.salvaged === undefined ? {} : { from: request.salvaged.name }),
      collectors: request.collectors.map((one) => one.id),
      since: request.since,
    });
    // From the first moment on it says what it is: a killed capture is told from a stranger's folder.
    stage.write("custody.jsonl", lines.join(""));
  } catch (error) {
    remove(outer);
    return fail({ message: `cannot write to ${request.out}: ${stateFault(error)}` });
  }
  const unheard = request.uncaught?.(blame);
  try {
    const taken = await captureAndSeal(request, { stage, started, name, id, custody, lines });
    const left = !taken.ok && request.left?.() !== false;
    if (!left) remove(outer);
    return taken.ok ? taken : fail({ message: taken.failure, ...(left ? { stage: outer } : {}) });
  } finally {
    unheard?.();
    if ("release" in lock) await lock.release();
  }
}

/** A folder that cannot be removed is no reason to call a sealed snapshot none. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is seen by whoever lists the folder.
  }
}

interface Begun {
  readonly stage: Workspace;
  readonly started: Date;
  readonly name: string;
  readonly id: string;
  readonly custody: Custody;
  readonly lines: readonly string[];
}

async function captureAndSeal(request: SnapshotRequest, begun: Begun): Promise<Result<Taken, string>> {
  const { clock } = request.ports;
  const { stage, started, name, custody, lines } = begun;
  const from = clock.monotonic();
  const what = { ...request, stage, until: started, signal: request.stop };
  const { missing, ...rest } = await capture(what, request.collectors);
  const captured = { ...rest, missing: [...killedParts(request), ...missing] };
  custody.add("capture.ended", { files: captured.payload.length, missing: captured.missing.length });
  const ended = clock.now();
  const took = clock.monotonic() - from;
  custody.add("sealing.begun", { name });
  const snapshot = snapshotRow(request, begun, captured, { ended, took });
  const sealed = await sealBag(request, stage, captured, snapshot, {
    begun: lines.join(""),
    whole: (bound) => {
      custody.add(sealedAct, { ...bound });
      return lines.join("");
    },
  });
  return sealed.ok ? ok({ sealed: sealed.value, snapshot, custody: custody.head }) : sealed;
}

/** What a killed capture did not come to, as far as it can be told. */
function killedParts({ salvaged, collectors }: SnapshotRequest): readonly Missing[] {
  if (salvaged === undefined) return [];
  const sets = new Set(collectors.map(({ id }) => id));
  const absent = salvaged.planned.filter((id) => !sets.has(id.split(".")[0] ?? id));
  return [
    { collector: "salvage", what: salvaged.name, why: "its capture was killed before it was complete" },
    ...absent.map((collector) => ({ collector, what: collector, why: "nothing of it had been written" })),
  ];
}

function snapshotRow(
  request: SnapshotRequest,
  { started, name, id, custody }: Begun,
  { missing, facts }: Captured,
  { ended, took }: { readonly ended: Date; readonly took: number },
): SnapshotRow {
  const step = Math.round(ended.getTime() - started.getTime() - took);
  return {
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
    verdict: missing.length === 0 ? "complete" : "partial",
    missing,
    facts,
    custody: custody.head,
    salvaged: request.salvaged?.name ?? null,
  };
}

/** The chain of custody up to the sealing, as it stands in the stage, and to its end. */
interface Chain {
  readonly begun: string;
  readonly whole: (bound: Bound) => string;
}

async function sealBag(
  request: SnapshotRequest,
  stage: Workspace,
  captured: Captured,
  snapshot: SnapshotRow,
  custody: Chain,
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
    stage.write(custodyFile, custody.begun);
    stage.write("report.html", reportHtml({ snapshot, rows, redactions: stage.redactions }));
  } catch (error) {
    return fail(diskFault(error));
  }
  return await seal({
    stage,
    name: snapshot.name,
    tags: tagFiles.filter((path) => path !== custodyFile),
    custody: custody.whole,
    payload,
    now: new Date(snapshot.ended),
    out: request.out,
    sign: request.sign,
    signal: request.kill,
  });
}
