import { writeDuration } from "../base/duration.ts";
import type { FigureName } from "../incident/figures.ts";
import type { FigureStats, Stats } from "../incident/stats.ts";

const titles: Readonly<Record<FigureName, string>> = {
  response: "Response",
  mttr: "MTTR",
  rto: "RTO",
  rpo: "RPO",
  stakeholders: "Stakeholders",
};

/** Figures over incidents: of each how many it is of, and of which it is not known and why. */
export function statsLines(stats: Stats): readonly string[] {
  const { counted, drills, cancelled, unreadable, damaged } = stats;
  const left = [
    ...(drills.length === 0 ? [] : [`${drills.length} ${drills.length === 1 ? "exercise" : "exercises"}`]),
    ...(cancelled.length === 0 ? [] : [`${cancelled.length} cancelled`]),
  ];
  const head = `${counted.length} ${counted.length === 1 ? "incident" : "incidents"}`;
  return [
    left.length === 0 ? head : `${head}; not counted: ${left.join(", ")}`,
    ...unreadable.map(({ incident, why }) => `UNREADABLE ${incident}: ${why}`),
    ...damaged.map(({ incident, why }) => `DAMAGED ${incident}: ${why}; records behind it are not counted`),
    "",
    row(["", "mean", "median", "worst", "limit", "met", "known"]),
    ...stats.figures.map((figure) => figureRow(figure, counted.length)),
    ...missingLines(stats),
  ];
}

/** A row fits on a screen of 80. */
const widths = [12, 11, 11, 21, 6, 5, 0];

function row(cells: readonly string[]): string {
  return cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join(" ")
    .trimEnd();
}

function figureRow(figure: FigureStats, counted: number): string {
  const { name, mean, median, worst, bound, objective, known, bounded, met, missed } = figure;
  const mark = bound === undefined ? "" : bound === "at least" ? "≥ " : "≤ ";
  const judged = met.length + missed.length;
  return row([
    titles[name],
    mean === undefined ? "NOT KNOWN" : `${mark}${spanText(mean)}`,
    median === undefined ? "" : `${mark}${spanText(median)}`,
    worst === undefined ? "" : `${spanText(worst.ms)} ${worst.incident}`,
    objective === undefined ? "none" : spanText(objective),
    judged === 0 ? "" : `${met.length}/${judged}`,
    `${known.length + bounded.length}/${counted}`,
  ]);
}

/** Each incident of which a figure is not known is named, with what is missing. */
function missingLines({ figures }: Stats): readonly string[] {
  const lines = figures.flatMap(({ name, unknown, bounded, open }) => [
    ...grouped(unknown).map(([why, incidents]) => `  ${titles[name]}: ${why}: ${incidents.join(", ")}`),
    ...(bounded.length === 0
      ? []
      : [`  ${titles[name]}: a bound, nobody stated the start: ${bounded.join(", ")}`]),
    ...(open.length === 0 ? [] : [`  ${titles[name]}: still open: ${open.join(", ")}`]),
  ]);
  return lines.length === 0 ? [] : ["", "Not known", ...lines];
}

function grouped(unknown: FigureStats["unknown"]): readonly (readonly [string, readonly string[]])[] {
  const by = new Map<string, string[]>();
  for (const { incident, why } of unknown) by.set(why, [...(by.get(why) ?? []), incident]);
  return [...by];
}

/** Whole seconds. */
function spanText(ms: number): string {
  return writeDuration(Math.round(ms / 1000) * 1000);
}
