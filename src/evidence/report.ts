import type { CollectorRow, RedactionRow, SnapshotRow } from "./rows.ts";

export interface Report {
  readonly snapshot: SnapshotRow;
  readonly rows: readonly CollectorRow[];
  readonly redactions: readonly RedactionRow[];
}

/** The page that stands in the bag: one file, opened from a disk, that asks no network for anything. */
export function reportHtml({ snapshot }: Report): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${snapshot.name}</title><h1>${snapshot.name}</h1></html>\n`;
}
