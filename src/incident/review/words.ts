import { writeDuration } from "../../base/duration.ts";
import type { Ref } from "../../events/incident-record.ts";

/**
 * A text as Markdown shows it, whoever typed it: no mark-up, no cell's end, and above all no comment, since the marks
 * of a review's generated parts are comments.
 */
export function plain(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_~[\]|#]/g, "\\$&")
    .replaceAll(/\s*\n\s*/g, " ");
}

/** A record, by which every row says where it comes from. */
export function refText(ref: Ref): string {
  return `\`${ref}\``;
}

/** Whole seconds, none of them left out: `1h5m12s`. */
export function spanText(ms: number): string {
  return writeDuration(Math.round(ms / 1000) * 1000);
}

/** `2026-11-30 09:31:00`, in UTC. */
export function utcText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** Lines of a table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** Records that a cell comes from, each once. */
export function refs(these: readonly (Ref | undefined)[]): string {
  return [...new Set(these)].flatMap((ref) => (ref === undefined ? [] : [refText(ref)])).join(", ");
}
