import { longestJournal } from "./layout.ts";
import type { StatePlace } from "./state-check.ts";
import { openState } from "./state-file.ts";

/** What stands before the time of a record, and the time. */
const beginning = /^\{(?:"\w+":(?:"[^"]*"|\d+),)*"time":"([^"]{1,40})"/;

/**
 * When a journal began: an incident's with its declaration, a run's with the run itself. Undefined where there is none
 * yet.
 * @throws StateFault, or what the disk says.
 */
export async function begunAt(path: string, place: StatePlace): Promise<Date | undefined> {
  const file = await openState(path, longestJournal, place);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const time = new Date(beginning.exec(buffer.toString("utf8", 0, bytesRead))?.[1] ?? "");
    return Number.isNaN(time.getTime()) ? undefined : time;
  } finally {
    await file.close();
  }
}
