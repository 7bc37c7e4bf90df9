import { jsonText } from "../base/json.ts";

/**
 * The first line of every `--json` output.
 * @param platform what the command contacts: its file is named
 */
export function ndjsonHeader(version: string, platform?: { readonly path: string }): string {
  const from = platform === undefined ? {} : { platform_file: platform.path };
  return `${jsonText({ type: "header", format: 1, tool: "lav-ir", version, ...from })}\n`;
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
