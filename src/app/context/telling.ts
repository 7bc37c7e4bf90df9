import { printable } from "../../base/printable.ts";
import { platformLine } from "../../platform/line.ts";
import type { RunLine } from "../../events/run-lines.ts";
import type { Untimed } from "../../events/lines.ts";
import { ndjsonHeader, ndjsonNow } from "../../output/ndjson.ts";
import type { GlobalOptions, World } from "./world.ts";

/** A platform that a command contacts. */
type Contacted = Parameters<typeof platformLine>[0];

/**
 * Where a command tells what happens while it happens. No command asks for `--json` itself: it has two sinks, one
 * that writes an event for a person, one that makes a line of it for a program, and this chooses.
 * @param contacted is named in the header.
 */
export function tellerFor<Event>(
  { stdout, version }: World,
  { json }: GlobalOptions,
  sinks: { readonly text: (event: Event) => void; readonly line: (event: Event) => Untimed | RunLine },
  contacted?: Contacted,
): (event: Event) => void {
  if (json !== true) return sinks.text;
  stdout.write(ndjsonHeader(version, contacted));
  return (event) => void stdout.write(ndjsonNow(sinks.line(event)));
}

/** Shows what a command has found, all of it known: as lines with `--json`, else as the lines of `text` on stdout. */
export function show(
  world: World,
  options: GlobalOptions,
  rows: readonly Untimed[],
  text: () => readonly string[],
  contacted?: Contacted,
): void {
  if (options.json === true) {
    const tell = tellerFor<Untimed>(world, options, { text: () => {}, line: (row) => row }, contacted);
    for (const row of rows) tell(row);
  } else for (const line of text()) world.stdout.write(`${printable(line)}\n`);
}

/** Names the platform before it is contacted, for a person; a program reads it in the header. */
export function nameContacted(
  { stderr }: World,
  { json, quiet }: GlobalOptions,
  contacted: Contacted,
  incident?: string,
): void {
  if (json !== true && quiet !== true) stderr.write(`${printable(platformLine(contacted, incident))}\n`);
}
