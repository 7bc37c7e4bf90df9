import { formatDuration } from "../base/duration.ts";
import type { RunRecord } from "../events/run-record.ts";

/**
 * What a record of a run tells whoever reads it afterwards, in a line; undefined for one that only a resumption or
 * a proof needs. `actor` is who was at the keyboard.
 */
export function storyLine({ type, data }: RunRecord, actor: string): string | undefined {
  switch (type) {
    case "run.started":
      return `${data.resumed ? "resumed" : "started"} by ${actor}`;
    case "finding":
      return data.sentence === data.title
        ? `${data.status} ${data.step}: ${data.title}`
        : `${data.status} ${data.step}: ${data.title}: ${data.sentence}`;
    case "step.finished": {
      // A step of the diagnosis is told by its finding, and a change by its outcome.
      if (data.section === "diagnose" || data.status === "skipped") return undefined;
      const message = data.message === undefined ? "" : `: ${data.message}`;
      return `${data.status} ${data.step}: ${data.title}${message} (${formatDuration(data.duration_ms)})`;
    }
    case "step.ticked":
      return `ticked ${data.step}: ${data.heading}: ${data.tick} (${data.by})`;
    case "step.intent":
      return `begun ${data.step}: ${data.action}`;
    case "approval": {
      const by = data.approver === undefined ? actor : `${data.approver}, ${data.fingerprint ?? "?"}`;
      const who = data.decision === "needed" ? "" : `${by}, `;
      const why = data.message === undefined ? "" : `: ${data.message}`;
      return `consent ${data.step}: ${data.decision} (${who}${data.how})${why}`;
    }
    case "approval.requested":
      return `requested a second person for ${data.step}: ${data.request}, until ${data.expires}`;
    case "interlock": {
      const why = data.reason === undefined ? "" : ` by ${actor}, because ${data.reason}`;
      return `interlock ${data.step}: ${data.interlock} ${data.decision}${why}`;
    }
    case "evidence.skipped":
      return `evidence ${data.step}: not captured by ${actor}, because ${data.reason}`;
    case "evidence.failed":
      return `evidence ${data.step}: not sealed: ${data.message}`;
    case "evidence.sealed":
      return `evidence ${data.step}: ${data.verdict}, ${data.path}`;
    case "group.finished":
      return `group ${data.group} ${data.status}: ${data.message}`;
    case "rung.finished":
      return `rung ${data.rung} ${data.status}: ${data.message}`;
    case "undo":
      return data.path === undefined
        ? `undo ${data.step}: none, because ${data.withheld ?? "?"}`
        : `undo ${data.step}: lav-ir run ${data.path}`;
    case "run.finished":
      return data.message.startsWith(data.outcome) ? data.message : `${data.outcome}: ${data.message}`;
    case "run.outcome":
      return `outcome ${data.outcome}: ${data.message}`;
    case "run.kept":
    case "group.started":
    case "step.started":
    case "step.list":
    case "group.list":
    case "step.outcome":
    case "preview":
    case "evidence.captured":
    case "rung.started":
    case "verification":
      return undefined;
  }
}
