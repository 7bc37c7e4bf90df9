import { formatDuration } from "../base/duration.ts";
import type { Head, IncidentRecord } from "../events/incident-record.ts";
import type { IncidentPlan } from "../platform/incident-plan.ts";
import type { Person } from "../platform/people.ts";
import { levelPaged, nextLevel, repageLevel } from "./escalation.ts";
import { firingId, type Firing } from "./firing.ts";
import type { IncidentFold } from "./fold.ts";
import type { MessageFold } from "./messages.ts";
import { pageTargets, recipientsOf, roomsOf } from "./pages.ts";
import { holderOf } from "./people.ts";
import { standardText, type OwnTemplates } from "./templates/standard.ts";
import { statusOf, type IncidentStatus } from "./status.ts";

/** What goes on record of a firing, and whom only a telephone reaches. */
export interface Fired {
  /** The messages, and behind them the record that it was done. */
  readonly records: readonly IncidentRecord[];
  readonly call: readonly Person[];
}

export interface FiredBy {
  /** The platform file of today: its channels and people. Levels and teams are those of the declaration. */
  readonly plan: IncidentPlan;
  readonly number: string;
  readonly head: Head;
  readonly now: number;
  /** The installation's own texts. */
  readonly templates?: OwnTemplates;
}

/**
 * The messages come first: a sender that dies between the two makes the same keys again, which are the same messages.
 * So what was queued for this very firing must not count where it is asked who comes next.
 */
export function firedRecords(fold: IncidentFold, firing: Firing, by: FiredBy): Fired {
  const policy = fold.declared?.data.policy;
  const { teams, escalation } = policy ?? by.plan;
  const plan = { ...by.plan, teams, escalation };
  const id = firingId(firing);
  const others = [...fold.messages.values()].filter(({ key }) => !key.endsWith(`/${id}`));
  const status = statusOf(fold, by.now, by.number);
  const made = madeBy(fold, firing, { ...by, plan, others, status });
  const { send, call } = made === undefined ? { send: [], call: [] } : recipientsOf(plan, made.to, status);
  const messages = send.map(({ channel, person }): IncidentRecord => {
    const { kind, level, body } = made ?? { kind: "page", level: "", body: "" };
    const key = [kind, channel, ...(person === undefined ? [] : [person]), id].join("/");
    const clock = { id: firing.clock, n: firing.n };
    const whom = person === undefined ? {} : { person };
    return {
      type: "message.queued",
      data: { key, kind, channel, ...whom, level, body, head: by.head, clock },
    };
  });
  const did = messages.flatMap(({ type, data }) => (type === "message.queued" ? [data.key] : []));
  const { clock, severity, n, after, due, missed } = firing;
  const fired: IncidentRecord = {
    type: "clock.fired",
    data: {
      clock,
      severity,
      n,
      ...(after === undefined ? {} : { after }),
      due: new Date(due).toISOString(),
      ...(missed === undefined ? {} : { missed }),
      did,
    },
  };
  // Nobody telephones a reminder.
  return { records: [...messages, fired], call: made?.kind === "page" ? call : [] };
}

interface Around {
  readonly plan: IncidentPlan;
  readonly now: number;
  readonly templates?: OwnTemplates;
  readonly others: readonly MessageFold[];
  readonly status: IncidentStatus;
}

interface Made {
  readonly kind: "page" | "reminder";
  readonly to: readonly string[];
  readonly level: string;
  readonly body: string;
}

/** Whom it pages or reminds, and with which words; undefined where there is nobody, or they were paged already. */
function madeBy(fold: IncidentFold, firing: Firing, around: Around): Made | undefined {
  const { page, remind } = firing;
  const { plan, others, status, now, templates } = around;
  if (remind !== undefined)
    return {
      kind: "reminder",
      to: remindTargets(fold, remind, around),
      level: firing.severity,
      body: reminderText(firing, status),
    };
  if (page === undefined) return undefined;
  const level = page === "next-level" ? nextLevel(fold, plan.escalation, others) : page;
  if (level === undefined) return undefined;
  const from = { fold, status, now, severityName: plan.severities[firing.severity].name };
  const text = (what: string): string =>
    standardText("alert", from, { text: `${silenceText(firing)}: ${what}` }, templates);
  const step = Object.hasOwn(plan.escalation, level) ? plan.escalation[level] : undefined;
  if (step !== undefined) {
    if (levelPaged(fold, level, others) !== undefined) return undefined;
    return { kind: "page", to: step.to, level, body: text(`escalated to ${level}, ${step.who}`) };
  }
  const to = pageTargets(plan, level) ?? [];
  return { kind: "page", to, level: repageLevel(firing.severity, others), body: text(`paged ${level}`) };
}

/** Whoever holds the role; where nobody does, or no channel reaches them, the rooms that the severity alerts. */
function remindTargets(fold: IncidentFold, whom: string, { plan, status }: Around): readonly string[] {
  const role = (["commander", "scribe", "comms"] as const).find((one) => one === whom);
  const people = role === undefined ? [whom] : holderOf(fold, role).holders.map(({ who }) => who);
  const own = people.flatMap((person) => pageTargets(plan, person) ?? []);
  if (recipientsOf(plan, own, status).send.length > 0) return own;
  const { severity = "P3" } = status;
  const rooms = roomsOf(plan, fold.declared?.data.policy.severities[severity]?.page ?? []);
  return [...own, ...rooms];
}

function silenceText({ clock, until, ran }: Firing): string {
  const waited = formatDuration(ran);
  return until === "answered" ? `No answer for ${waited}` : `Clock ${clock}: not done after ${waited}`;
}

function reminderText({ clock, until, ran }: Firing, { number, drill, clocks }: IncidentStatus): string {
  const reading = clocks.find(({ name, current }) => name === clock && current);
  const { state } = reading ?? {};
  const due = state !== undefined && "due" in state ? `, due ${minuteOf(state.due)} UTC` : "";
  const done = `not done ${formatDuration(ran)} after it began`;
  const head = `${drill ? "DRILL " : ""}REMINDER ${number}: ${clock} (${until})`;
  return `${head}: ${done}${due}. lav-ir status shows the current state.`;
}

function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
