const commands: Readonly<Record<string, string>> = {
  paged: 'lav-ir page WHO "…"',
  halted: 'lav-ir halt-all --reason "…"',
  evidence: "lav-ir snapshot",
  answered: "lav-ir escalate",
  commander: "lav-ir role commander me",
  update: 'lav-ir update "…"',
  stakeholders: 'lav-ir update --to stakeholders "…"',
  briefed: 'lav-ir update --to executives "…"',
  mitigated: 'lav-ir mitigated "…"',
  resolved: 'lav-ir resolve "…"',
};

/** What puts an event on record, as it is typed. */
export function commandFor(event: string): string {
  return commands[event] ?? `lav-ir fact ${event}`;
}
