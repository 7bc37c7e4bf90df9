import { jsonText } from "../base/json.ts";

/** The first line of every `--json` output. */
export function ndjsonHeader(version: string): string {
  return `${jsonText({ type: "header", format: 1, tool: "lav-ir", version })}\n`;
}

/** One row of a list that no event tells: it was so when it was read. */
export function ndjsonRow(type: string, row: object): string {
  return ndjsonLine({ ...row, type, time: new Date() });
}

/** One event as one line; times are ISO 8601 in UTC. */
export function ndjsonLine(event: { readonly type: string; readonly time: Date }): string {
  const { type, time, ...rest } = event;
  return `${jsonText({ type, time, ...rest })}\n`;
}
