import { formatDuration } from "../base/duration.ts";
import type { IncidentStatus } from "./status.ts";

/** The text of the first alert of an incident, and of each page behind it; escaped by the channel that sends it. */
export function alertText(status: IncidentStatus, severityName: string, more?: string): string {
  const { number, severity = "", drill, security, impact = "not on record", affects, bridge } = status;
  const head = `${drill ? "DRILL " : ""}🚨 ${severity} INCIDENT - IMMEDIATE ATTENTION REQUIRED`;
  const room = `War Room: ${bridge ?? "none on record"}`;
  const title = `${severity} - ${severityName.toUpperCase()}`;
  // A security incident says no more on any channel: who reads it is not known.
  if (security) return [head, `Incident: ${number}`, `Severity: ${title}`, room].join("\n");
  return [
    head,
    `Incident: ${number}`,
    `Start Time: ${startText(status)}`,
    `Severity: ${title}`,
    `Impact: ${impact}`,
    `Systems Affected: ${affects.length === 0 ? "not known yet" : affects.join(", ")}`,
    `Immediate Actions Taken: ${actionsText(status)}`,
    `Incident Commander: ${status.roles.find(({ role }) => role === "commander")?.holders[0]?.who ?? "nobody yet"}`,
    room,
    ...(more === undefined ? [] : [more]),
    ...updatesText(status),
    'Answer: lav-ir ack, or "ack" in reply',
  ].join("\n");
}

function startText({ events, declared }: IncidentStatus): string {
  const { started } = events;
  const at = declared === undefined ? "" : `declared ${clock(declared.at)} UTC`;
  if (started === undefined || started.atLatest === true) return `not known (${at})`;
  return `${clock(started.at)} UTC (${at})`;
}

function actionsText({ events }: IncidentStatus): string {
  const done = [
    ...(events["halted"] === undefined ? [] : [`trading halted, proven ${clock(events["halted"].at)} UTC`]),
    ...(events["evidence"] === undefined ? [] : [`snapshot taken ${clock(events["evidence"].at)} UTC`]),
  ];
  return done.length === 0 ? "none on record yet" : done.join("; ");
}

function updatesText({ clocks }: IncidentStatus): readonly string[] {
  const updates = clocks.find(
    ({ repeated, current, until }) => repeated !== undefined && current && until === "update",
  );
  if (updates?.state.is !== "running" || updates.from === undefined) return [];
  return [`Status updates every ${spanText(updates.state.due - updates.from)} until resolved.`];
}

/** As one reads it aloud where it is whole minutes. */
function spanText(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes === 1) return "minute";
  return Number.isInteger(minutes) ? `${minutes} minutes` : formatDuration(ms);
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
