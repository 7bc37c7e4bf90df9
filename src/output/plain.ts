import { formatDuration } from "../base/duration.ts";
import type { Approval, Finding, RunEvent, StepFinished, StepStatus, UndoWritten } from "../events/run.ts";
import { headerLines } from "./summary.ts";
import type { Colours } from "./colour.ts";

/** One event as lines for a log: nothing moves, nothing is drawn twice. */
export function plainLines(event: RunEvent, colour: Colours): readonly string[] {
  switch (event.type) {
    case "run.started":
      return headerLines(event, colour);
    case "group.started":
      return [`${colour.bold("group")}    ${event.group}: ${event.title}`];
    case "group.finished":
      return [`${colour.bold("group")}    ${event.group} ${event.status}: ${event.message}`];
    case "step.started":
      return [];
    case "step.finished":
      // A step of the diagnosis speaks through its finding.
      return event.section === "diagnose" && event.status !== "skipped" ? [] : [stepLine(event, colour)];
    case "step.ticked":
      return [`${colour.green("ticked  ")} ${event.step}: ${event.heading}: ${event.tick} (${event.by})`];
    case "finding":
      return findingLines(event, colour);
    case "preview":
      return [
        `${colour.cyan("preview")}  ${event.step}: ${event.action}`,
        ...event.lines.map((line) => `         ${line}`),
        ...(event.irreversible === undefined ? [] : [`         irreversible: ${event.irreversible}`]),
        ...(event.effect === "destructive"
          ? [`         to consent without a terminal, within 24h: --approve ${event.approve}`]
          : []),
      ];
    case "approval":
      return [`${colour.cyan("consent")}  ${event.step}: ${approvalText(event)}`];
    case "approval.requested":
      return [
        `${colour.cyan("consent")}  ${event.step}: waiting for a second person until ${event.expires.toISOString()}`,
        ...event.text.trimEnd().split("\n"),
      ];
    case "interlock": {
      const why = event.reason === undefined ? "" : `, because ${event.reason}`;
      return [
        `${colour.cyan("requires")} ${event.step}: ${event.interlock} ${event.decision}${why}: ${event.message}`,
      ];
    }
    case "rung.started":
      return [`${colour.bold("rung")}     ${event.rung}: ${event.title}`];
    case "verification":
      return [`${colour.bold("verify")}   ${event.rung} ${event.state}: ${event.message}`];
    case "rung.finished":
      return [`${colour.bold("rung")}     ${event.rung} ${event.status}: ${event.message}`];
    case "undo":
      return [undoLine(event)];
    case "run.finished":
      return [];
  }
}

function approvalText({ decision, how, approver, fingerprint, request, message }: Approval): string {
  const who = approver === undefined ? "" : ` by ${approver}, ${fingerprint ?? ""}`;
  const what = request === undefined ? "" : `, ${request}`;
  return `${decision}${who} (${how}${what})${message === undefined ? "" : `: ${message}`}`;
}

/** How to take a change back, or why that is left to a person. */
export function undoLine(event: UndoWritten): string {
  const how =
    event.path === undefined ? `none, because ${event.withheld ?? "?"}` : `lav-ir run ${event.path}`;
  return `undo     ${event.step}: ${how}`;
}

function findingLines(event: Finding, colour: Colours): readonly string[] {
  const { step, title, sentence, status, why } = event;
  const said = sentence === title ? title : `${title}: ${sentence}`;
  const because = status === "ok" || why === undefined ? [] : [`         why: ${why}`];
  return [`${markOf(status, colour)} ${step}: ${indented(said)}`, ...because];
}

function stepLine(event: StepFinished, colour: Colours): string {
  const took = event.duration_ms >= 1 ? ` (${formatDuration(event.duration_ms)})` : "";
  const sentence = event.message === undefined ? event.title : `${event.title}: ${event.message}`;
  const tolerated = event.tolerated === true ? ", tolerated" : "";
  return `${stepMark(event, colour)} ${event.step}: ${indented(sentence)}${took}${tolerated}`;
}

/** A sentence of several lines cannot be taken for several sentences. */
function indented(sentence: string): string {
  return sentence.trimEnd().replaceAll("\n", "\n         ");
}

/** What a person refused, or nobody was there to agree to, has not failed: it did not take place. */
function stepMark({ status, failure }: StepFinished, colour: Colours): string {
  const type = failure?.type;
  if (type === "declined") return colour.yellow("declined");
  if (type === "approval-needed" || type === "interlock") return colour.yellow("not attempted");
  return markOf(status, colour);
}

function markOf(status: StepStatus, colour: Colours): string {
  switch (status) {
    case "ok":
      return colour.green("ok      ");
    case "failed":
      return colour.red("FAILED  ");
    case "unknown":
      return colour.yellow("UNKNOWN ");
    case "skipped":
      return colour.dim("skipped ");
  }
}
