import type { IncidentData, Ref } from "../events/incident-record.ts";
import { corrected, statedAt } from "./corrections.ts";
import type { IncidentFold } from "./fold.ts";
import type { Imported } from "../events/imported.ts";
import type { Placed } from "./order.ts";

/** One row of the timeline: when, what, and by which record. */
export interface TimelineRow {
  /** Milliseconds since 1970: when it was so. */
  readonly at: number;
  /** It was written later: noted afterwards. */
  readonly written?: number;
  readonly text: string;
  readonly by: string;
  readonly ref: Ref;
  /** It was corrected, and what stood there before. */
  readonly before?: string;
  readonly withdrawn: boolean;
  /** It was put on record later, when and by whom. */
  readonly imported?: Imported;
}

/** Milliseconds after which a statement was made late. */
const late = 60_000;

/** What happened, in order of time; of what was withdrawn only that it was, and why. */
export function timelineOf(fold: IncidentFold): readonly TimelineRow[] {
  return fold.all.flatMap((placed) => rowOf(fold, placed)).toSorted((a, b) => a.at - b.at);
}

function rowOf(fold: IncidentFold, placed: Placed): readonly TimelineRow[] {
  const said = textOf(placed);
  if (said === undefined) return [];
  const { text, when } = said;
  const now = corrected(placed, fold.corrections, when);
  const own = statedAt(placed, when);
  const why = fold.corrections.get(placed.ref)?.findLast(({ withdrawn }) => withdrawn)?.why;
  const shown = now.withdrawn ? `withdrawn: ${why ?? ""}` : withChanges(text, now);
  return [
    {
      at: now.at,
      ...(placed.at - now.at > late ? { written: placed.at } : {}),
      text: shown,
      by: placed.record.actor,
      ref: placed.ref,
      ...(now.at === own ? {} : { before: new Date(own).toISOString() }),
      withdrawn: now.withdrawn,
      ...(placed.record.imported === undefined ? {} : { imported: placed.record.imported }),
    },
  ];
}

function withChanges(
  text: string,
  { value, text: instead }: { readonly value?: string; readonly text?: string },
): string {
  const change = instead ?? value;
  return change === undefined ? text : `${text} (corrected: ${change})`;
}

interface Said {
  readonly text: string;
  readonly when?: { readonly at: string };
}

function textOf({ read, record }: Placed): Said | undefined {
  if (read === undefined) return otherText(record.type, record.data);
  switch (read.type) {
    case "incident.declared":
      return { text: `declared ${read.data.severity}: ${read.data.impact}` };
    case "incident.joined":
      return { text: `joined by ${record.desk}` };
    case "incident.fact": {
      const { name, value, how, at } = read.data;
      return {
        text: `${name}${value === undefined ? "" : `: ${value}`}${how === "typed" ? "" : ` (${how})`}`,
        when: at,
      };
    }
    case "incident.severity":
      return { text: `severity ${read.data.from} to ${read.data.to}: ${read.data.why}` };
    case "incident.affects":
      return {
        text: `affects ${[...read.data.add, ...read.data.drop.map((name) => `no longer ${name}`)].join(", ")}`,
      };
    case "incident.security":
      return { text: `security incident: ${read.data.why}` };
    case "incident.role":
      return { text: `${read.data.role} ${read.data.person ?? read.data.desk ?? ""} (${read.data.how})` };
    case "incident.handoff":
      return { text: `${read.data.role} offered to ${read.data.to}` };
    case "incident.answer": {
      const { person, by, told_by: told, text = "", provider } = read.data;
      const words = text === "" ? "" : `: ${text}`;
      return {
        text: `${person} answered by ${by}${told === undefined ? "" : `, told by ${told}`}${words}`,
        ...(provider === undefined ? {} : { when: provider }),
      };
    }
    case "incident.note": {
      const { text, at, decision } = read.data;
      return {
        text: `${decision === true ? "decision" : "note"}: ${text}`,
        ...(at === undefined ? {} : { when: at }),
      };
    }
    case "incident.correct":
      return { text: `correction of ${read.data.record}: ${read.data.why}` };
    case "incident.resolved":
      return { text: `resolved: ${read.data.message}` };
    case "incident.reopened":
      return { text: `reopened: ${read.data.why}` };
    case "incident.cancelled":
      return { text: `cancelled: ${read.data.why}` };
    case "incident.action":
      return { text: `action ${read.data.id}: ${read.data.text}${read.data.done === true ? " (done)" : ""}` };
    case "incident.review":
      return { text: `review ${read.data.state}` };
    case "message.queued": {
      const { kind, channel, person, level } = read.data;
      return { text: `${kind} ${level} to ${channel}${person === undefined ? "" : ` for ${person}`}` };
    }
    case "message.result":
      return {
        text: `${read.data.key}: ${read.data.outcome}${read.data.code === undefined ? "" : ` (${read.data.code})`}`,
      };
    case "clock.fired":
      return { text: firedText(read.data) };
    case "desk.clock":
      return read.data.step_ms === undefined
        ? undefined
        : { text: `the clock stepped by ${read.data.step_ms} ms` };
    case "message.attempt":
    case "desk.head":
      return undefined;
  }
}

function firedText({ clock, after, missed = 1, did }: IncidentData<"clock.fired">): string {
  if (after === undefined) return `clock ${clock}: missed${missed === 1 ? "" : `, ${missed} times`}`;
  return `clock ${clock} fired: ${did.length === 0 ? "nobody to reach by a channel" : did.join(", ")}`;
}

/** What runs, halts and snapshots wrote, as far as it is an event of the incident. */
function otherText(type: string, data: Readonly<Record<string, unknown>>): Said | undefined {
  const text = (key: string): string => (typeof data[key] === "string" ? data[key] : "");
  if (type === "halt.receipt") return { text: `halt ${text("halt")}: ${text("outcome")}` };
  if (type === "run.started") return { text: `run ${text("runbook")} began (${text("run")})` };
  if (type === "run.finished") return { text: `run ${text("run")}: ${text("outcome")}: ${text("message")}` };
  if (type === "step.finished" && data["kind"] === "trading.halt")
    return { text: `halt by ${text("run")}: ${text("status")}, ${haltIn(data["outputs"])}` };
  if (type === "snapshot.sealed" || type === "evidence.sealed")
    return { text: `snapshot ${text("snapshot")} sealed` };
  return undefined;
}

function haltIn(outputs: unknown): string {
  if (typeof outputs !== "object" || outputs === null) return "nothing proven";
  // Older versions called it outcome.
  const { outcome, verdict = outcome } = outputs as Readonly<Record<string, unknown>>;
  return typeof verdict === "string" ? verdict : "nothing proven";
}
