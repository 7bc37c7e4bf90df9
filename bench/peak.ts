import { readFileSync } from "node:fs";
import { join } from "node:path";
import { timed, type Command } from "./child.ts";
import type { Place } from "./place.ts";

const preload = `
const { writeFileSync } = require("node:fs");
process.on("exit", () => writeFileSync(process.env.BENCH_USAGE, JSON.stringify(process.resourceUsage())));
`;

/** Peak resident memory of one run of a Node program, in MB. */
export async function peakOf(place: Place, run: Command): Promise<number> {
  const usage = join(place.folder, "usage.json");
  const hook = place.write("usage.cjs", preload);
  await timed({
    ...run,
    args: ["--require", hook, ...run.args],
    env: { ...run.env, BENCH_USAGE: usage },
  });
  const { maxRSS } = JSON.parse(readFileSync(usage, "utf8")) as { readonly maxRSS: number };
  return maxRSS / 1024;
}
