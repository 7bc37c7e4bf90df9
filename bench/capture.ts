import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "../sandbox/stack.ts";
import { timed } from "./child.ts";
import type { Place } from "./place.ts";
import { figure, type Row } from "./report.ts";
import { spread } from "./statistics.ts";

/** Whole snapshots of the stack, start and sealing included, above their own slowest collector. */
export async function captures(stack: Stack, place: Place, rounds: number): Promise<Row> {
  const out = join(place.folder, "snapshots");
  const command = place.lavIr("snapshot", "--json", "--out", out);
  const over: number[] = [];
  const slowest: number[] = [];
  const names = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const { ms, output } = await timed({
      ...command,
      env: { ...command.env, ...stack.env, LAV_IR_CONFIG: stack.platformFile },
    });
    const last = rowsIn(output)
      .toSorted((a, b) => a.duration_ms - b.duration_ms)
      .at(-1);
    if (last === undefined) throw new Error("no collector ran");
    over.push(ms - last.duration_ms);
    slowest.push(last.duration_ms);
    names.add(last.collector);
    rmSync(out, { recursive: true });
  }
  return {
    what: "a whole snapshot, over its slowest collector",
    unit: "ms",
    spread: spread(over),
    atMost: 2000,
    note: `slowest collector ${figure(spread(slowest).median)} ms (${[...names].join(", ")})`,
  };
}

interface Collected {
  readonly type: string;
  readonly collector: string;
  readonly duration_ms: number;
}

function rowsIn(output: string): readonly Collected[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Collected)
    .filter(({ type }) => type === "snapshot.collector");
}
