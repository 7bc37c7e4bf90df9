import { integer, optional, required, text } from "../language/shape.ts";
import { haltLines, type HaltLine } from "./halt-lines.ts";
import { incidentLines, type IncidentLine } from "./incident-lines.ts";
import { line, type LineOf, type LineShape } from "./line-shape.ts";
import { listedLines, type ListedLine } from "./listed-lines.ts";
import { refusalLines, type RefusalLine } from "./refusal-line.ts";
import { rowLines, type RowLine } from "./row-lines.ts";
import { runLines, type RunLine } from "./run-lines.ts";
import { snapshotLines, type SnapshotLine } from "./snapshot-lines.ts";

/** The version of all lines. Within one, lines and fields are only added. */
export const format = 2;

const headerLines = {
  header: line("The first line, unless the command refuses. It alone has no time.", {
    format: required(integer({ min: format, max: format }), "The version of these lines."),
    tool: required(text(), "lav-ir."),
    version: required(text(), "The version of lav-ir."),
    platform_file: optional(text(), "The platform file, where the command contacts the platform."),
  }),
};
export type HeaderLine = LineOf<typeof headerLines>;

/** Everything that stdout may hold with `--json`, by who tells it. */
export const allLines: readonly {
  readonly title: string;
  readonly lines: Readonly<Record<string, LineShape>>;
}[] = [
  { title: "Every command", lines: { ...headerLines, ...refusalLines } },
  { title: "Runs", lines: runLines },
  { title: "Halts", lines: haltLines },
  { title: "Snapshots", lines: snapshotLines },
  { title: "Incidents", lines: incidentLines },
  { title: "Runs on record", lines: listedLines },
  { title: "Rows", lines: rowLines },
];

/** A line before it has a time. */
export type Untimed = RefusalLine | HaltLine | SnapshotLine | IncidentLine | ListedLine | RowLine;
export type Line = HeaderLine | RunLine | (Untimed & { readonly time: Date });
