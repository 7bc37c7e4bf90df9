import type { IncidentFold } from "./fold.ts";

/**
 * Whether trading is halted, as far as the incident's records say: its own halts, and what was begun to let it go on.
 * Only `lav-ir trading status` asks the platform.
 */
export type TradingState =
  | { readonly is: "not halted" }
  /** Proven; since the last halt nothing was begun to let it go on. Instants are milliseconds since 1970. */
  | { readonly is: "halted"; readonly since: number }
  /** In stages, so perhaps not all of it. */
  | { readonly is: "resuming"; readonly since: number };

export function tradingStateOf({ all, halts, facts, resumptions }: IncidentFold): TradingState {
  const measured = facts.filter(({ data }) => data.name === "halted" && data.how === "measured");
  const place = new Map(all.map((one, index) => [one, index]));
  const last = <T extends (typeof halts)[number] | (typeof measured)[number] | (typeof resumptions)[number]>(
    these: readonly T[],
  ): T | undefined => these.toSorted((a, b) => (place.get(a.by) ?? 0) - (place.get(b.by) ?? 0)).at(-1);
  const halted = last([...halts, ...measured]);
  const resumed = last(resumptions);
  if (
    resumed !== undefined &&
    (place.get(resumed.by) ?? 0) > (halted === undefined ? -1 : (place.get(halted.by) ?? 0))
  )
    return { is: "resuming", since: resumed.at };
  return halted === undefined ? { is: "not halted" } : { is: "halted", since: halted.at };
}
