import { timed } from "./child.ts";
import { peakOf } from "./peak.ts";
import type { Place } from "./place.ts";
import type { Row } from "./report.ts";
import { spread } from "./statistics.ts";

/** 200 steps that each wait a second for their reply, all at once: what comes on top of that second. */
export async function sideBySide(place: Place, url: string, rounds: number): Promise<Row> {
  const steps = Array.from(
    { length: 200 },
    (_, at) => `  - { id: get_${at}, title: "Get ${at}", http.get: "${url}", expect: status == 200 }`,
  );
  const text = ["runbook: bench-wide", "title: 200 at once", "diagnose:", ...steps].join("\n");
  const command = place.lavIr("run", place.write("bench-wide.yaml", `${text}\n`));
  const over: number[] = [];
  for (let at = 0; at < rounds; at++) over.push((await timed(command)).ms - 1000);
  const note = "the whole process, start-up and journal included, less 1000 ms";
  return { what: "200 steps of 1 s at once", unit: "ms", spread: spread(over), atMost: 1300, note };
}

/** Peak resident memory of a run that is sent 100 MB, keeping what it keeps by itself and all it may. */
export async function peakMemory(place: Place, url: string, rounds: number): Promise<readonly Row[]> {
  const measure = async (id: string, args: string): Promise<readonly number[]> => {
    const text = `runbook: ${id}\ntitle: A reply of 100 MB\nsteps:\n  - { id: get, title: Get, http.get: ${args}, expect: truncated }\n`;
    const run = place.lavIr("run", place.write(`${id}.yaml`, text));
    const peaks: number[] = [];
    for (let at = 0; at < rounds; at++) peaks.push(await peakOf(place, run));
    return peaks;
  };
  const most = 16 * 1024 * 1024;
  return [
    {
      what: "peak memory, 100 MB reply",
      unit: "MB",
      spread: spread(await measure("bench-large", `"${url}"`)),
      atMost: 150,
      note: "the first 1 MB kept, as without max_bytes",
    },
    {
      what: "the same, 16 MB kept",
      unit: "MB",
      spread: spread(await measure("bench-largest", `{ url: "${url}", max_bytes: ${most} }`)),
      atMost: 150,
      note: "the most that max_bytes allows",
    },
  ];
}
