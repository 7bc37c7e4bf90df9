import type { IncidentStatus } from "./status.ts";

/**
 * The text of an update: what was typed, and how the incident stands. Of a security incident nothing but that there
 * is one: who reads it is not known.
 */
export function updateText(status: IncidentStatus, typed: string): string {
  const { number, severity = "", drill, security, bridge, roles, events, state } = status;
  const head = `${drill ? "DRILL " : ""}UPDATE ${number} ${severity} (${state})`;
  const room = bridge === undefined ? [] : [`War Room: ${bridge}`];
  if (security) return [head, ...room].join("\n");
  const commander = roles.find(({ role }) => role === "commander")?.holders[0]?.who ?? "nobody yet";
  return [
    head,
    typed,
    ...(events["halted"] === undefined
      ? []
      : [`Trading halted, proven ${minuteOf(events["halted"].at)} UTC`]),
    ...(events["mitigated"] === undefined ? [] : [`Mitigated ${minuteOf(events["mitigated"].at)} UTC`]),
    `Incident Commander: ${commander}`,
    ...room,
  ].join("\n");
}

function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
