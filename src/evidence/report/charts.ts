import { printable } from "../../base/printable.ts";
import type { Fact } from "../capture/collector.ts";
import { html, type Html } from "./html.ts";

type Measure = Extract<Fact, { type: "measure" }>;

/** Bars of a chart; the largest are shown, the others counted. */
const mostBars = 30;
const width = 640;
/** A name and its figure, and the bar below: a phone's width has no room for them side by side. */
const rowHeight = 44;

const titles: Readonly<Record<Measure["chart"], string>> = {
  lag: "Kafka lag",
  connections: "Connections",
  latency: "Latency",
};

/** The charts there are figures for, as SVG: bars for what was measured once, a line for what was measured over time. */
export function charts(measures: readonly Measure[]): readonly Html[] {
  return (Object.keys(titles) as Measure["chart"][]).flatMap((chart) => {
    const own = measures.filter((measure) => measure.chart === chart && Number.isFinite(measure.value));
    if (own.length === 0) return [];
    const series = new Map<string, Measure[]>();
    for (const measure of own) series.set(measure.name, [...(series.get(measure.name) ?? []), measure]);
    const lines = [...series].filter(([, points]) => overTime(points));
    const once = [...series.values()].filter((points) => !overTime(points)).flat();
    return [
      html`<h2>${titles[chart]}</h2>
        ${once.length === 0 ? "" : bars(once)}${lines.map(([name, points]) => line(name, points))}`,
    ];
  });
}

/** One point is no line, whether or not it says when it was. */
function overTime(points: readonly Measure[]): boolean {
  return points.length > 1 && points.every(({ at }) => at !== undefined);
}

function bars(measures: readonly Measure[]): Html {
  const sorted = measures.toSorted((a, b) => b.value - a.value);
  const shown = sorted.slice(0, mostBars);
  const rest = sorted.length - shown.length;
  const largest = Math.max(1e-9, ...shown.map(({ value }) => value));
  const height = shown.length * rowHeight + 12;
  const rows = shown.map(({ name, value, unit }, index) => {
    const y = index * rowHeight + 8;
    const long = Math.max(1, (Math.max(0, value) / largest) * (width - 20));
    return html`<text x="10" y="${y + 16}">${cut(name)}</text
      ><text x="${width - 10}" y="${y + 16}" text-anchor="end">${figure(value)} ${counted(value, unit)}</text
      ><rect x="10" y="${y + 23}" width="${long.toFixed(1)}" height="12" rx="2" />`;
  });
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${shown.length} values">
      ${rows}</svg
    >${rest > 0 ? html`<p class="soft">and ${rest} smaller ones</p>` : ""}`;
}

function line(name: string, measures: readonly Measure[]): Html {
  const points = measures
    .map(({ at, value }) => ({ time: new Date(at ?? 0).getTime(), value }))
    .toSorted((a, b) => a.time - b.time);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return html``;
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(1e-9, ...values)];
  const x = (time: number): number =>
    10 + ((time - first.time) / Math.max(1, last.time - first.time)) * (width - 20);
  const y = (value: number): number => 150 - ((value - low) / (high - low)) * 115;
  const path = points.map(({ time, value }) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const unit = measures[0]?.unit ?? "";
  return html`<svg viewBox="0 0 ${width} 180" role="img" aria-label="${name}">
    <text x="10" y="20">
      ${cut(name)}: at most ${figure(high)} ${counted(high, unit)}, last ${figure(last.value)}
      ${counted(last.value, unit)}
    </text>
    <polyline points="${path}" />
    <text class="soft" x="10" y="172">${clock(first.time)}</text>
    <text class="soft" x="${width - 10}" y="172" text-anchor="end">${clock(last.time)}</text>
  </svg>`;
}

function clock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 19)} UTC`;
}

function cut(given: string): string {
  const name = printable(given);
  return name.length > 36 ? `${name.slice(0, 20)}…${name.slice(-15)}` : name;
}

function counted(value: number, unit: string): string {
  return value === 1 && unit.length > 2 ? unit.replace(/s$/, "") : unit;
}

function figure(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en").replaceAll(",", " ") : value.toFixed(1);
}
