/** What happens once in an incident, and what clocks count from and to. */
export const keyEvents = [
  "started",
  "detected",
  "declared",
  "paged",
  "halted",
  "evidence",
  "answered",
  "commander",
  "bridge",
  "briefed",
  "update",
  "stakeholders",
  "assessed",
  "classified",
  "mitigated",
  "recovered",
  "resolved",
  "reviewed",
] as const;
export type KeyEvent = (typeof keyEvents)[number];

/**
 * Whether a clock may name it: a key event, or a report to an authority, which each obligation has its own of
 * (`reported-initial`); a fact of that name makes it so.
 */
export function isEventName(name: string): boolean {
  return keyEvents.some((event) => event === name) || /^reported-[a-z0-9-]+$/.test(name);
}

/** Facts that a person states beside key events: figures of the impact, and how far back the data goes. */
export const figures = ["recovery-point", "users", "revenue", "pnl"] as const;

/** Key events that no fact makes: records alone do. */
const recorded: readonly string[] = [
  "declared",
  "paged",
  "halted",
  "evidence",
  "answered",
  "commander",
  "mitigated",
  "resolved",
  "reviewed",
];

/** Names that `fact` takes. */
export const factNames: readonly string[] = [
  ...keyEvents.filter((name) => !recorded.includes(name)),
  ...figures,
];

export function isFactName(name: string): boolean {
  return factNames.includes(name) || /^reported-[a-z0-9-]+$/.test(name);
}
