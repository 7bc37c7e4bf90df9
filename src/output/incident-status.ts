import type { TradingState } from "../incident/trading-state.ts";
import { formatDuration } from "../base/duration.ts";
import type { ClockReading } from "../incident/clocks.ts";
import { commandFor } from "../incident/fill.ts";
import type { Silent } from "../incident/people.ts";
import type { IncidentStatus } from "../incident/status.ts";
import { widthOf, wrapLine } from "./wrap.ts";

/** What the screen names people and severities by. */
export interface StatusNames {
  readonly severity: string;
  /** How to reach somebody by telephone: `call +44 …`; undefined where nobody knows. */
  readonly call: (person: string) => string | undefined;
  readonly deputies: readonly string[];
  /** That messages wait, and nobody sends them. */
  readonly sender?: string | undefined;
}

/** The screen never scrolls. */
export const statusRows = 24;
const indent = " ".repeat(17);

/**
 * The status of an incident as a screen of at most 24 rows: what is late first, what is met last. When it does not
 * fit, silent people and running clocks are counted, never what is missed.
 */
export function statusLines(
  status: IncidentStatus,
  now: number,
  columns: number,
  names: StatusNames,
): readonly string[] {
  const width = Math.max(40, columns);
  const one = (text: string): string => clip(text, width);
  const head = [
    one(titleOf(status, now, names)),
    one(
      status.impact ?? (status.security ? "security incident: no impact on record" : "no impact on record"),
    ),
    one(placeOf(status)),
    ...(status.security
      ? [one("SECURITY INCIDENT: private channels only; messages withhold the impact")]
      : []),
    ...(status.incomplete ? ["incomplete: a record needs a newer version of lav-ir"] : []),
  ];
  const current = status.clocks.filter(({ current: inForce, state }) => inForce && state.is !== "off");
  const late = current.filter(({ state }) => state.is === "missed").map((clock) => one(lateLine(clock)));
  const running = current
    .filter(({ state }) => state.is === "running")
    .toSorted((a, b) => dueOf(a) - dueOf(b))
    .map((clock) => one(runningLine(clock)));
  const met = metLines(current, status, width);
  const people = peopleLines(status, now, names).map(one);
  const foot = [one(sentLine(status)), one(names.sender ?? ""), one(nextLine(status))].filter(
    (line) => line !== "",
  );
  const fixed = head.length + late.length + met.length + foot.length + 2;
  const room = statusRows - fixed - people.length;
  const clocks = fold(running, Math.max(1, room), "clocks run");
  const left = statusRows - fixed - clocks.length;
  return [...head, "", ...late, ...clocks, ...met, "", ...fold(people, Math.max(2, left), "lines"), ...foot];
}

/** The first ones, and how many more there are. */
function fold(lines: readonly string[], room: number, what: string): readonly string[] {
  if (lines.length <= room) return lines;
  const kept = Math.max(0, room - 1);
  return [...lines.slice(0, kept), `  ${lines.length - kept} more ${what}`];
}

function clip(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${wrapAt(text, width - 1)}…`;
}

function wrapAt(text: string, width: number): string {
  let kept = "";
  for (const character of text) {
    if (widthOf(kept + character) > width) break;
    kept += character;
  }
  return kept;
}

function titleOf(
  { number, severity, state, declared, ended, trading }: IncidentStatus,
  now: number,
  names: StatusNames,
): string {
  const since = declared === undefined ? "" : `${state} ${spanText((ended ?? now) - declared.at)}`;
  return [
    number,
    `${severity ?? "no severity"} ${names.severity.toUpperCase()}`.trim(),
    since,
    haltText(trading),
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function haltText(trading: TradingState): string {
  switch (trading.is) {
    case "not halted":
      return "";
    case "halted":
      return `TRADING HALTED, proven ${clock(trading.since)} UTC`;
    case "resuming":
      return `trading resuming since ${clock(trading.since)} UTC`;
  }
}

function placeOf({ affects, bridge }: IncidentStatus): string {
  const systems = affects.length === 0 ? "affects: not known" : `affects ${affects.join(", ")}`;
  return bridge === undefined ? systems : `${systems}    bridge ${bridge}`;
}

function nameOf({ name, repeated }: ClockReading): string {
  return repeated === undefined ? name : `${name} ${repeated.n}`;
}

function lateLine(reading: ClockReading): string {
  const { state, repeated, until } = reading;
  if (state.is !== "missed") return "";
  const times = (repeated?.missed ?? 1) > 1 ? ` (${repeated?.missed} missed)` : "";
  const name = `! ${nameOf(reading)}`.padEnd(17);
  if (state.event !== undefined) return `${name}MISSED by ${spanText(state.by)}${times}`;
  return `${name}${`MISSED ${spanText(state.by)} ago${times}`.padEnd(20)}  ${commandFor(until)}`;
}

function runningLine(reading: ClockReading): string {
  const { state, until } = reading;
  const left = state.is === "running" ? `${spanText(Math.max(0, state.left))} left` : "";
  return `${`  ${nameOf(reading)}`.padEnd(17)}${left.padEnd(20)}  ${commandFor(until)}`;
}

function dueOf({ state }: ClockReading): number {
  return state.is === "running" ? state.due : Infinity;
}

function metLines(
  current: readonly ClockReading[],
  { roles, answers }: IncidentStatus,
  width: number,
): readonly string[] {
  const met = current.flatMap(({ name, until, state }) => {
    if (state.is !== "met") return [];
    const who =
      until === "answered"
        ? answers.find(({ ref }) => ref === state.by)?.person
        : roles.find(({ role }) => role === until)?.holders[0]?.who;
    return [
      `${name} ${state.took < 1000 ? "at once" : spanText(state.took)}${who === undefined ? "" : ` (${who})`}`,
    ];
  });
  if (met.length === 0) return [];
  return wrapLine(met.join(", "), width - indent.length)
    .slice(0, 2)
    .map((line, at) => (at === 0 ? `${"  met".padEnd(indent.length)}${line}` : `${indent}${line}`));
}

function peopleLines(
  status: IncidentStatus,
  now: number,
  { call, deputies }: StatusNames,
): readonly string[] {
  const { answers, silent, roles } = status;
  const held = roles.map(({ role, holders, conflict }) => {
    const who = holders.length === 0 ? "nobody" : holders.map((holder) => holder.who).join(" and ");
    return `${role} ${who}${conflict ? " (CONFLICT: lav-ir role settles it)" : ""}`;
  });
  const deputy = deputies.length === 0 ? [] : [`deputy ${deputies.join(", ")}`];
  return [
    `PEOPLE   ${[...held, ...deputy].join("    ")}`,
    ...answers.map(({ person, at, by, toldBy, text, eta }) => {
      const how = toldBy === undefined ? `by ${by}` : `by ${by}, told by ${toldBy}`;
      const there =
        eta === undefined ? "" : eta > now ? `, there in ${spanText(eta - now)}` : ", due to be there";
      return `answered ${person} ${clock(at)} ${how}${text === undefined ? "" : ` "${text}"`}${there}`;
    }),
    ...silent.map((one) => silentLine(one, now, call)),
  ];
}

function silentLine(
  { who, person, channel, paged, outcome }: Silent,
  now: number,
  call: StatusNames["call"],
): string {
  const number = person ? call(who) : undefined;
  const how = `${channel === who ? "" : `${channel} `}${outcome}`;
  return `SILENT   ${who}: paged ${spanText(now - paged)} ago, ${how}${number === undefined ? "" : `, ${number}`}`;
}

function sentLine({ messages }: IncidentStatus): string {
  const counts = Object.entries(messages).map(([outcome, count]) => `${count} ${outcome}`);
  return counts.length === 0 ? "SENT     nothing: no page is on record" : `SENT     ${counts.join(", ")}`;
}

function nextLine({ state, roles, events }: IncidentStatus): string {
  if (state !== "open") return "";
  const commander = roles.find(({ role }) => role === "commander")?.holders[0];
  const next = [
    ...(commander === undefined ? ["lav-ir role commander me"] : []),
    'lav-ir note "…"',
    ...(events["mitigated"] === undefined ? ['lav-ir mitigated "…"'] : ['lav-ir resolve "…"']),
  ];
  return `NEXT     ${next.join("    ")}`;
}

/** Whole seconds: nobody counts less. */
function spanText(ms: number): string {
  return ms < 1000 ? "0s" : formatDuration(Math.floor(ms / 1000) * 1000);
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
