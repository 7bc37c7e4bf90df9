import { join } from "node:path";
import { timed, type Command } from "./child.ts";
import { peakOf } from "./peak.ts";
import { root, type Place } from "./place.ts";
import { figure, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

/** Starting the tool, against starting Node alone: a pair is one of each, one after the other. */
export async function startUp(place: Place, url: string, rounds: number): Promise<readonly Row[]> {
  const nothing: Command = { program: process.execPath, args: ["-e", ""], cwd: place.folder };
  const over = async (what: string, atMost: number, ...args: readonly string[]): Promise<Row> =>
    await pair(`${what}, over node -e ''`, atMost, place.lavIr(...args), nothing, rounds);
  const text = `runbook: bench-get\ntitle: One request\nsteps:\n  - { id: get, http.get: "${url}", expect: status == 200 }\n`;
  const get = place.write("bench-get.yaml", text);
  const peaks: number[] = [];
  for (let at = 0; at < 7; at++) peaks.push(await peakOf(place, place.lavIr("run", get)));
  return [
    await over("lav-ir --version", 1.25, "--version"),
    await over("run … --dry-run", 3, "run", "market-sentinel-down", "--dry-run"),
    await over("list of the shipped runbooks", 2.2, "list"),
    await over("lint of the shipped runbooks", 6, "lint", join(root, "runbooks")),
    await over("run of one GET, the whole process", 3.5, "run", get),
    { what: "the same, peak memory", unit: "MB", spread: spread(peaks), atMost: 70 },
  ];
}

async function pair(what: string, atMost: number, ours: Command, theirs: Command, n: number): Promise<Row> {
  // The first runs fill the page cache: all of these are warm.
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
