import { jsonText } from "../base/json.ts";
import type { RunLine } from "../events/run-lines.ts";
import type { HeaderLine, Line, Untimed } from "../events/lines.ts";

/** See `format` in src/events/lines.ts, which a halt does not load. */
const format = 2;

/**
 * The first line of every `--json` output.
 * @param platform what the command contacts: its file is named
 */
export function ndjsonHeader(version: string, platform?: { readonly path: string }): string {
  const line: HeaderLine = { type: "header", format, tool: "lav-ir", version, platform_file: platform?.path };
  return `${jsonText(line)}\n`;
}

/** A line that is told now, unless it knows when it was. */
export function ndjsonNow(line: Untimed | RunLine): string {
  return ndjsonLine("time" in line ? line : { ...line, time: new Date() });
}

/** One line; times are RFC 3339 in UTC. */
export function ndjsonLine(line: Exclude<Line, HeaderLine>): string {
  const { type, time, ...rest } = line;
  return `${jsonText({ type, time, ...rest })}\n`;
}
