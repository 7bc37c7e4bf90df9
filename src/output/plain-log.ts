import { formatDuration } from "../base/duration.ts";
import { jsonText } from "../base/json.ts";
import type { RunEvent, StepFinished } from "../events/run.ts";
import type { LiveLines } from "../secrets/live-text.ts";
import type { Colours } from "./colour.ts";
import { plainLines } from "./plain.ts";

/** Characters of an output; the record has all that was kept. */
const longest = 400;

/** A run as lines for a log; with `-v` what each step brought stands below its own line. */
export class PlainLog {
  private readonly colour: Colours;
  private readonly isDuration: ((kind: string, output: string) => boolean) | undefined;
  /** What steps of the diagnosis brought, until their findings are told. */
  private readonly held = new Map<string, readonly string[]>();

  /** @param isDuration of a kind's output, for `-v`; without it outputs are left out */
  constructor(colour: Colours, isDuration?: (kind: string, output: string) => boolean) {
    this.colour = colour;
    this.isDuration = isDuration;
  }

  lines(event: RunEvent): readonly string[] {
    const lines = plainLines(event, this.colour);
    if (event.type === "step.finished") {
      const outputs = this.outputs(event);
      if (event.section !== "diagnose" || event.status === "skipped") return [...lines, ...outputs];
      this.held.set(event.step, outputs);
      return lines;
    }
    if (event.type !== "finding") return lines;
    const outputs = this.held.get(event.step) ?? [];
    this.held.delete(event.step);
    return [...lines, ...outputs];
  }

  private outputs({ kind, outputs = {} }: StepFinished): readonly string[] {
    const { isDuration } = this;
    if (isDuration === undefined) return [];
    return Object.entries(outputs).map(([name, value]) => {
      const text =
        isDuration(kind, name) && typeof value === "number" ? formatDuration(value) : textOf(value);
      const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
      return `         ${name}: ${cut}`.replaceAll("\n", "\n           ");
    });
  }
}

/** What a step's program wrote meanwhile, as whole lines. */
export function liveLines(step: string, { lines, leftOut }: LiveLines, colour: Colours): string {
  const left = leftOut ? ["(more than is shown live)"] : [];
  return [...left, ...lines].map((line) => `${colour.dim("output  ")} ${step}: ${line}\n`).join("");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : jsonText(value);
}
