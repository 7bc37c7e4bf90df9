import { formatDuration } from "../../base/duration.ts";
import { fail, ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import { duration, object, required } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Outputs {
  readonly waited: number;
}

const hour = 3_600_000;
const longest = 24 * hour;

export const wait: Kind = defineKind<{ for: number }, Outputs>({
  name: "wait",
  summary: "Let time pass",
  doc: "For a time that is known in advance: `wait: 5m`. To wait for a condition, poll it: `retry: { until, every, within }` on the read that shows it continues as soon as the condition holds.",
  effect: "read",
  reaches: "nothing",
  args: object(
    { for: required(duration({ min: 1, max: longest }), "How long; a day at most") },
    { primary: "for" },
  ),
  outputs: { waited: { type: "duration", doc: "Time that passed" } },
  timeout: longest + hour,
  idle: true,
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: (args) => `wait: ${spoken(args["for"])}`,
  byHand: (args) =>
    typeof args["for"] === "number" ? `sleep ${args["for"] / 1000}` : `sleep ${shown(args["for"])}`,
  execute: async (args, { ports, signal }) => {
    const started = ports.clock.monotonic();
    await ports.clock.sleep(args.for, signal);
    const waited = ports.clock.monotonic() - started;
    if (!signal.aborted) return ok({ waited });
    const message = `the wait of ${formatDuration(args.for)} was interrupted after ${formatDuration(waited)}`;
    return fail({ type: "interrupted", target: "wait", message, effect: "none" });
  },
});

function spoken(value: unknown): string {
  return typeof value === "number" ? formatDuration(value) : shown(value);
}
