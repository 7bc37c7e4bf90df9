import type { Machine } from "./machine.ts";
import { instantIn, type Line } from "./recompute.ts";

/** @param by which time: of the records, or the true one, which a machine's monotonic clock has kept */
export function linesOf(machine: Machine, by: "written" | "truly" = "written"): readonly Line[] {
  const text = machine.read();
  const epoch = machine.clock.truth() - machine.clock.monotonic();
  let ahead = 0;
  const lines = text
    .slice(0, text.lastIndexOf("\n"))
    .split("\n")
    .map((line) => {
      const { seq, desk, time, mono, actor, type, data, imported } = JSON.parse(line) as Line & {
        desk: string;
        time: string;
        mono: number;
        imported?: object;
      };
      const own = { seq, ref: `${desk}-${seq}`, actor, type };
      if (type === "desk.clock") ahead = data.offset_ms ?? 0;
      const written = Date.parse(time) - ahead;
      const late = imported !== undefined;
      if (by === "written" || late) return { ...own, at: written, data, late };
      // What is said to be so now is so when it is written, whatever the wall clock makes of it.
      const at = epoch + mono;
      const isNow = instantIn(data.at) === new Date(written).toISOString();
      return { ...own, at, late, data: isNow ? { ...data, at: { at: new Date(at).toISOString() } } : data };
    });
  if (by === "written") bound(lines);
  // What a full disk took late belongs before what was written behind it.
  const inTime: (Line & { readonly late: boolean })[] = lines.filter(({ late }) => !late);
  for (const line of lines.filter(({ late }) => late)) {
    const place = inTime.findIndex(({ at, late }) => !late && at > line.at);
    inTime.splice(place === -1 ? inTime.length : place, 0, line);
  }
  return inTime;
}

/** Nothing is later than a word on the clock that was written behind it: not its time, and not what it says of now. */
function bound(
  lines: { at: number; data: Line["data"]; readonly type: string; readonly late: boolean }[],
): void {
  let latest = Infinity;
  for (const line of lines.toReversed()) {
    if (line.late) continue;
    const says = instantIn(line.data.at);
    if (line.at > latest && says !== undefined && Date.parse(says) > latest)
      line.data = { ...line.data, at: { at: new Date(latest).toISOString() } };
    line.at = Math.min(line.at, latest);
    if (line.type === "desk.clock") latest = line.at;
  }
}
