import { readFileSync } from "node:fs";
import { join } from "node:path";
import { timed, type Command } from "./child.ts";
import type { Place } from "./place.ts";

// The kernel's own figure of this process. What a parent is told of its child (maxRSS) begins with the parent's own.
const preload = `
const { readFileSync, writeFileSync } = require("node:fs");
process.on("exit", () => writeFileSync(process.env.BENCH_USAGE, readFileSync("/proc/self/status")));
`;

/** Peak resident memory of one run of a Node program, in MB. */
export async function peakOf(place: Place, run: Command): Promise<number> {
  const usage = join(place.folder, "usage");
  const hook = place.write("usage.cjs", preload);
  await timed({
    ...run,
    args: ["--require", hook, ...run.args],
    env: { ...run.env, BENCH_USAGE: usage },
  });
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(usage, "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error("the kernel does not say how much memory was used");
  return Number(kilobytes) / 1024;
}
