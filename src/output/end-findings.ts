import type { Colours } from "./colour.ts";
import type { Finding, RunEvent } from "../events/run.ts";

/** Lines at the end of a run; the rest is in its record. */
const most = 10;

/** What the findings were at first and are at last: a run that has ended shows the new numbers, not those it began with. */
export class EndFindings {
  private readonly first = new Map<string, Finding>();
  private readonly last = new Map<string, Finding>();

  hear(event: RunEvent): void {
    if (event.type !== "finding") return;
    if (!this.first.has(event.step)) this.first.set(event.step, event);
    this.last.set(event.step, event);
  }

  /** Those that are not what they were, and those that are not ok; none where nothing was measured twice. */
  lines(colour: Colours): readonly string[] {
    const moved = [...this.last.values()].filter((now) => this.first.get(now.step) !== now);
    if (moved.length === 0) return [];
    const told = [...this.last.values()].filter((now) => {
      const then = this.first.get(now.step);
      return now.status !== "ok" || now.status !== then?.status || now.sentence !== then.sentence;
    });
    const lines = told.map((now) => lineOf(now, this.first.get(now.step), colour));
    return lines.length <= most
      ? lines
      : [...lines.slice(0, most), `  and ${lines.length - most} more findings`];
  }
}

function lineOf(now: Finding, then: Finding | undefined, colour: Colours): string {
  const mark = now.status === "ok" ? colour.green("✔") : colour.red("✖");
  const said = now.sentence === now.title ? now.title : `${now.title}: ${now.sentence}`;
  const before = then === undefined || then.sentence === now.sentence ? "" : ` (was: ${then.sentence})`;
  return `  ${mark} ${said}${colour.dim(before)}`;
}
