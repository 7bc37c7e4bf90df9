import { cpus, loadavg, totalmem, type } from "node:os";
import type { Spread } from "./statistics.ts";

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly unit: "×" | "ms" | "MB";
  readonly spread: Spread;
  /** The most its median may be, where there is a target. */
  readonly atMost?: number;
  /** What the figure stands on: medians of both sides, how it was made. */
  readonly note?: string;
}

const columns = ["what", "median", "min", "max", "n", "target", "", "note"];

/** The rows as a Markdown table, padded so that it reads as it is. */
export function tableText(rows: readonly Row[]): string {
  const cells = [columns, ...rows.map(cellsOf)];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body.map(line)].join(
    "\n",
  );
}

function cellsOf({ what, unit, spread, atMost, note = "" }: Row): string[] {
  const { n, median, min, max } = spread;
  const held = atMost === undefined ? "" : median <= atMost ? "held" : "MISSED";
  const target = atMost === undefined ? "" : `≤ ${figure(atMost)} ${unit}`;
  return [what, `${figure(median)} ${unit}`, figure(min), figure(max), String(n), target, held, note];
}

/**
 * The ratios that are worse than committed ones, a sentence each: larger than the largest of their row.
 * @param results of an earlier run, as `bench/results.md` has them
 */
export function worseThan(results: string, rows: readonly Row[]): readonly string[] {
  const before = new Map(
    [...results.matchAll(/^\| (.+?) +\| [\d.]+ × +\| [\d.]+ +\| ([\d.]+) +\|/gm)].map(
      ([, what = "", most]) => [what, Number(most)],
    ),
  );
  return rows.flatMap(({ what, unit, spread: { median } }) => {
    const most = before.get(what);
    if (unit !== "×" || most === undefined || median <= most) return [];
    return [`${what}: ${figure(median)} × now, ${figure(most)} × at most before`];
  });
}

/** Three digits that mean something, no exponent. */
export function figure(value: number): string {
  const size = Math.abs(value);
  return value
    .toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4)
    .replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : zeros));
}

/** The machine's class, without its name. */
export function machineText(): string {
  const all = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
  return `${all.length} × ${all[0]?.model.trim() ?? "CPU"}, ${memory}, ${type()}; load average at the end ${load}`;
}
