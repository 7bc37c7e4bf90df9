import type { JournalRecord } from "../events/record.ts";
import type { Moment } from "../ports/evidence.ts";

/** What of a record a person looks for on a timeline; undefined where that is nothing. */
export function momentOf(record: JournalRecord, time: string): Moment | undefined {
  const text = momentText(record);
  if (text === undefined) return undefined;
  const severity = severityOf(record);
  return { time: new Date(time), text, ...(severity === undefined ? {} : { severity }) };
}

/** A halt that is proven is no error, and nothing that a reader may miss. */
function severityOf({ type, data }: JournalRecord): Moment["severity"] {
  if (type === "finding" || type === "step.outcome")
    return data.status === "failed" ? "error" : data.status === "unknown" ? "warning" : undefined;
  if (type === "incident.declared")
    return data.severity === "P0" || data.severity === "P1" ? "error" : "warning";
  if (type === "halt.receipt") return data.outcome === "PROVEN" ? "warning" : "error";
  const warns = type === "halt.doubt" || type === "lock.taken" || type === "incident.reopened";
  return warns || (type === "approval" && data.decision === "refused") ? "warning" : undefined;
}

function momentText({ type, data }: JournalRecord): string | undefined {
  switch (type) {
    case "run.started":
      return line(type, [data.runbook]);
    case "step.intent":
      return line(type, [data.step, data.rung]);
    case "step.outcome":
      return line(type, [data.step, data.rung, data.status]);
    case "finding":
      return line(type, [data.step, data.rung, data.status], [data.sentence]);
    case "approval":
      return line(type, [data.step, data.rung, data.decision], [data.message]);
    case "rung.finished":
      return line(type, [data.rung, data.status], [data.message]);
    case "run.finished":
      return line(type, [data.rung, data.outcome], [data.message]);
    case "halt.intent":
      return line(type, [data.scope], [data.operator, data.reason]);
    case "halt.answer":
      return line(type, [], [data.url]);
    case "halt.doubt":
      return line(type, [], data.doubts);
    case "halt.closed":
      return line(type, [data.venue]);
    case "halt.receipt":
      return line(type, [data.outcome, data.halt, data.scope], [data.operator, data.reason]);
    case "incident.declared":
      return line(type, [data.number, data.severity], [data.impact]);
    case "incident.resolved":
      return line(type, [], [data.message]);
    case "incident.reopened":
    case "incident.cancelled":
      return line(type, [], [data.why]);
    case "incident.note":
      return line(type, [], [data.text]);
    case "incident.severity":
      return line(type, [data.from, data.to], [data.why]);
    case "lock.taken":
      return line(type, [data.file, String(data.pid), data.host]);
    case "run.kept":
    case "run.outcome":
    case "group.started":
    case "group.finished":
    case "step.started":
    case "step.ticked":
    case "step.finished":
    case "step.list":
    case "group.list":
    case "preview":
    case "approval.requested":
    case "interlock":
    case "evidence.skipped":
    case "evidence.captured":
    case "evidence.sealed":
    case "evidence.failed":
    case "rung.started":
    case "verification":
    case "undo":
    case "halt.incident":
    case "snapshot.sealed":
    case "snapshot.failed":
    case "snapshot.removed":
    case "journal.torn":
    case "run.removed":
    case "incident.joined":
    case "incident.fact":
    case "incident.affects":
    case "incident.security":
    case "incident.role":
    case "incident.handoff":
    case "incident.answer":
    case "incident.correct":
    case "incident.action":
    case "incident.review":
    case "message.queued":
    case "message.attempt":
    case "message.result":
    case "clock.fired":
    case "desk.clock":
    case "desk.head":
      return undefined;
  }
}

/** Longer ones are cut: it is one line of many. */
const longest = 300;

function line(
  type: string,
  words: readonly (string | undefined)[],
  sentences: readonly (string | undefined)[] = [],
): string {
  const said = (texts: readonly (string | undefined)[]) => texts.filter((text) => text !== undefined);
  const [short, long] = [[type, ...said(words)].join(" "), said(sentences).join(", ")];
  return (long === "" ? short : `${short}: ${long}`).slice(0, longest);
}
