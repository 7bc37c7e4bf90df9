import type { RunEvent } from "../events/run.ts";
import type { RunLine } from "../events/run-lines.ts";
import { failureLine } from "./failure-line.ts";

/** A run's event in the names and units of the lines; the journal has names of its own. */
export function runLine(event: RunEvent): RunLine {
  switch (event.type) {
    case "run.started": {
      const { response, at_work: concurrent_runs, ...rest } = event;
      return { ...rest, response_ms: response, concurrent_runs };
    }
    case "step.finished": {
      const { status: outcome, failure, duration_ms, ...rest } = event;
      const why = failure === undefined ? {} : { failure: failureLine(failure) };
      return { ...rest, outcome, duration_ms: Math.round(duration_ms), ...why };
    }
    case "finding": {
      const { status: outcome, ...rest } = event;
      return { ...rest, outcome };
    }
    case "rung.finished": {
      const { status: outcome, despite: failed_step, duration_ms, ...rest } = event;
      return { ...rest, outcome, failed_step, duration_ms: Math.round(duration_ms) };
    }
    case "group.finished": {
      const { status: outcome, duration_ms, ...rest } = event;
      return { ...rest, outcome, duration_ms: Math.round(duration_ms) };
    }
    case "run.finished":
      return { ...event, duration_ms: Math.round(event.duration_ms) };
    case "verification": {
      const { held_ms: held, left_ms, ...rest } = event;
      return {
        ...rest,
        left_ms: Math.round(left_ms),
        ...(held === undefined ? {} : { held_ms: Math.round(held) }),
      };
    }
    case "group.started":
    case "step.started":
    case "step.ticked":
    case "preview":
    case "approval.requested":
    case "approval":
    case "interlock":
    case "rung.started":
    case "undo":
      return event;
  }
}
