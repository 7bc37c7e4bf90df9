import { ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import { defineKind, type Kind } from "../kind.ts";
import { defaulted, duration, integer, object, optional, required, text } from "../../language/shape.ts";
import { shown, shownDuration } from "../format.ts";

interface Args {
  readonly service: string;
  readonly tail: number;
  readonly since?: number;
}

interface Outputs {
  readonly lines: number;
  readonly errors: number;
  readonly text: string;
  readonly truncated: boolean;
}

/** Bytes of log kept. */
const keep = 1024 * 1024;

export const serviceLogs: Kind = defineKind<Args, Outputs>({
  name: "service.logs",
  summary: "The newest lines a service wrote",
  doc: "Of every instance, stopped ones included, in order of time, stdout and stderr. `errors` counts the lines that look like errors: ERROR, FATAL, CRITICAL, PANIC, an exception or a traceback.",
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      service: required(text({ refers: "service" }), "The service, as the platform file names it"),
      tail: defaulted(integer({ min: 1, max: 10_000 }), 100, "Lines of each instance"),
      since: optional(duration(), "Only lines younger than this"),
    },
    { primary: "service" },
  ),
  outputs: {
    lines: { type: "int", doc: "Lines read" },
    errors: { type: "int", doc: "Lines that look like errors" },
    text: { type: "string", doc: "The lines, each with its time and instance" },
    truncated: { type: "bool", doc: "There was more than 1 MiB, or a line of more than 64 KiB" },
  },
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  plan: ({ service, tail, since }, { services }) =>
    `service.logs: read the last ${shown(tail)} lines of ${services.describe(shown(service))}${since === undefined ? "" : `, none older than ${shownDuration(since)}`}`,
  byHand: ({ service, tail, since }, { services }) => {
    const age = since === undefined ? {} : { since: typeof since === "number" ? since : shown(since) };
    return shellLine(services.byHand({ do: "logs", service: shown(service), tail: shown(tail), ...age }));
  },
  execute: async ({ service, tail, since }, { ports, signal }) => {
    const from = since === undefined ? {} : { since: new Date(ports.clock.now().getTime() - since) };
    const read = await ports.services.logs(service, { tail, maxBytes: keep, ...from }, signal);
    if (!read.ok) return read;
    const { lines, truncated } = read.value;
    return ok({
      lines: lines.length,
      errors: lines.filter((line) => looksLikeError(line.text)).length,
      text: lines
        .map((line) => `${line.time?.toISOString() ?? "-"} ${line.instance} ${line.text}`)
        .join("\n"),
      truncated,
    });
  },
});

/** The start of a line is enough, and keeps a line of any length from costing time. */
function looksLikeError(line: string): boolean {
  const head = line.slice(0, 500);
  return (
    /\b(?:ERROR|FATAL|CRITICAL|CRIT|PANIC|SEVERE)\b/.test(head) ||
    /\b(?:[A-Z]\w{0,60})?(?:Exception|Error)\b:|^Traceback \(most recent|"level":\s?"(?:error|fatal)"|\blevel=(?:error|fatal)\b|^(?:error|fatal|panic):/i.test(
      head,
    )
  );
}
