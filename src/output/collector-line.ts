import type { CollectorRow, FileRow } from "../evidence/bundle/rows.ts";
import type { TakingLine } from "../events/snapshot-lines.ts";

type Line = Extract<TakingLine, { readonly type: "snapshot.collector" }>;

/** A collector's row in the names and units of the lines; the bundle has names of its own. */
export function collectorLine(row: CollectorRow, files: "with files" | "without files"): Line {
  const { id: collector, target, summary, status: outcome, why, started, ended, mono } = row;
  return {
    type: "snapshot.collector",
    collector,
    target,
    summary,
    outcome,
    why,
    started_at: started,
    ended_at: ended,
    duration_ms: Math.round(mono.ended - mono.started),
    seen_bytes: row.seen,
    kept_bytes: row.kept,
    deadline_ms: row.deadline,
    cap_bytes: row.cap,
    files: files === "with files" ? row.files.map(fileOf) : undefined,
  };
}

function fileOf({ path, kind, seen: seen_bytes, kept: kept_bytes, cut, withheld }: FileRow) {
  return { path, kind, seen_bytes, kept_bytes, cut_bytes: cut?.bytes, cut_end: cut?.end, withheld };
}
