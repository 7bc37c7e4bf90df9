import { timed, type Command } from "./child.ts";
import type { Place } from "./place.ts";
import { figure, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

/** Starting the tool, against starting Node alone: a pair is one of each, one after the other. */
export async function startUp(place: Place, rounds: number): Promise<readonly Row[]> {
  const nothing: Command = { program: process.execPath, args: ["-e", ""], cwd: place.folder };
  const dryRun = place.lavIr("run", "market-sentinel-down", "--dry-run");
  return [
    await pair("lav-ir --version, over node -e ''", 1.3, place.lavIr("--version"), nothing, rounds),
    await pair("run … --dry-run, over node -e ''", 2.5, dryRun, nothing, rounds),
  ];
}

async function pair(what: string, atMost: number, ours: Command, theirs: Command, n: number): Promise<Row> {
  // The first runs fill the page cache, and the code cache where there is one.
  for (let at = 0; at < 3; at++) {
    await timed(ours);
    await timed(theirs);
  }
  const pairs: { readonly a: number; readonly b: number }[] = [];
  for (let at = 0; at < n; at++) {
    const a = (await timed(ours)).ms;
    const b = (await timed(theirs)).ms;
    pairs.push({ a, b });
  }
  const median = (values: readonly number[]): string => figure(spread(values).median);
  const note = `medians ${median(pairs.map(({ a }) => a))} and ${median(pairs.map(({ b }) => b))} ms`;
  return { what, unit: "×", spread: spread(pairs.map(({ a, b }) => a / b)), atMost, note };
}
