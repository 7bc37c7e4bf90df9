import type { Fact } from "../capture/collector.ts";

/** The version of snapshot.json and of the rows beside it. A reader of 1 keeps working. */
export const schemaVersion = 1;

export type RowStatus = "ok" | "partial" | "timeout" | "denied" | "skipped" | "error";

/** A file of the bag, as its collector's row tells it. */
export interface FileRow {
  /** From the bag's folder on: `data/docker/…`. */
  readonly path: string;
  readonly kind: "text" | "binary";
  /** Bytes that came, and that are kept (after redaction, so that it may be more). */
  readonly seen: number;
  readonly kept: number;
  /** Bytes dropped over the cap, and which end they were. */
  readonly cut?: { readonly bytes: number; readonly end: "oldest" | "newest" };
  /** Why it is not whole or not there: it could not be scanned, the disk was full. */
  readonly withheld?: string;
}

/** A row of collectors.jsonl: one for every planned collector, run or not. */
export interface CollectorRow {
  readonly id: string;
  readonly target: string;
  readonly summary: string;
  readonly status: RowStatus;
  readonly why?: string;
  /** UTC, and milliseconds since the process began: those say how long it took when the clock steps. */
  readonly started: string;
  readonly ended: string;
  readonly mono: { readonly started: number; readonly ended: number };
  readonly seen: number;
  readonly kept: number;
  readonly deadline: number;
  readonly cap: number;
  readonly files: readonly FileRow[];
}

/** A row of redactions.jsonl. Never a value. */
export interface RedactionRow {
  readonly file: string;
  readonly rule: string;
  readonly token: string;
  readonly count: number;
}

export interface Missing {
  readonly collector: string;
  readonly what: string;
  readonly why: string;
}

/** snapshot.json. */
export interface SnapshotRow {
  readonly schema: typeof schemaVersion;
  readonly id: string;
  readonly name: string;
  readonly tool: string;
  readonly version: string;
  readonly incident: string | null;
  readonly actor: string;
  readonly host: string;
  readonly zone: string;
  /** UTC; what the collectors' window was, and how long the capture took by a clock that does not step. */
  readonly since: string;
  readonly started: string;
  readonly ended: string;
  readonly took: number;
  /** Milliseconds the machine's clock moved against that during the capture; more than a few is a step. */
  readonly clockStep: number;
  readonly platform: string;
  readonly environment: string | null;
  readonly production: boolean;
  /** Collectors that were left out with --only. */
  readonly leftOut: readonly string[];
  readonly verdict: "complete" | "partial";
  readonly missing: readonly Missing[];
  readonly facts: readonly (Fact & { readonly collector: string })[];
  /** Sum of the last row of custody.jsonl. */
  readonly custody: string;
  /** The name of the killed capture that this was salvaged from. */
  readonly salvaged: string | null;
}
