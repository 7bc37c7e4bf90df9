import { formatDuration } from "../base/duration.ts";
import type { RunFinished, RunStarted } from "../events/run.ts";
import type { Colours, Paint } from "./colour.ts";

/** What is being run, against what, by when: the first lines of a run. */
export function headerLines(
  event: RunStarted & { readonly run: string; readonly time: Date },
  colour: Colours,
): readonly string[] {
  const { severity: level, severity_name: name = level } = event;
  const which = name === level ? "" : ` (${level ?? ""})`;
  const severity = name === undefined ? "" : ` ${colour.bold(name)}${which}`;
  const environment = event.environment === undefined ? "" : `, environment ${event.environment}`;
  const production = event.production ? ` ${colour.inverse.bold(" PRODUCTION ")}` : "";
  const lines = [
    `${colour.bold(event.runbook)}: ${event.title}${severity}`,
    `platform ${event.platform}${environment}${production}, ${event.run}${event.resumed ? " (resumed)" : ""}`,
  ];
  if (event.response !== undefined) {
    const until = new Date((event.response_since ?? event.time).getTime() + event.response);
    lines.push(
      `respond within ${formatDuration(event.response)}, by ${until.toISOString().slice(11, 19)} UTC`,
    );
  }
  for (const { actor, runbook, run, since } of event.at_work) {
    const at = since.toISOString().slice(11, 19);
    lines.push(
      colour.yellow(
        `warning: ${actor} has been running ${runbook} here since ${at} UTC (${run}); coordinate first`,
      ),
    );
  }
  return lines;
}

/** Lines of what was not ok at the end of a run. */
const mostNotOk = 40;

/** Each of several that were not ok, where one sentence has no room for them. */
export function notOkLines({ not_ok: all = [] }: RunFinished, colour: Colours): readonly string[] {
  if (all.length < 2) return [];
  const lines = all.slice(0, mostNotOk).map(({ title, outcome, sentence }) => {
    const mark = outcome === "failed" ? colour.red("failed  ") : colour.yellow(outcome.padEnd(8));
    return `  ${mark} ${sentence === title ? title : `${title}: ${sentence}`}`.replaceAll(
      "\n",
      "\n           ",
    );
  });
  return all.length <= mostNotOk ? lines : [...lines, `  and ${all.length - mostNotOk} more`];
}

/** The last lines, on stdout: how it ended, and where the record is. */
export function outcomeLines(event: RunFinished, colour: Colours): readonly string[] {
  const paint = paintOf(event, colour);
  const { outcome, message } = event;
  const rest = message.startsWith(outcome) ? message.slice(outcome.length) : `: ${message}`;
  const journal = event.journal === "" ? [] : [`journal ${event.journal}`];
  const took = formatDuration(event.duration_ms);
  // A message of what went wrong ends in whatever it names, such as a digest to copy: the time is in front of it.
  return [
    event.exit_code === 0
      ? `${paint(`${outcome}${rest}`)} in ${took}`
      : paint(`${outcome} after ${took}${rest}`),
    ...journal,
  ];
}

function paintOf(event: RunFinished, colour: Colours): Paint {
  switch (event.exit_code) {
    case 0:
      return colour.green.bold;
    case 3:
    case 4:
      return colour.yellow.bold;
    default:
      return colour.red.bold;
  }
}
