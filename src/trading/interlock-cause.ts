import { failureText } from "../base/failure.ts";
import type { Ports } from "../ports/ports.ts";
import type { InterlockState } from "../ports/trading.ts";
import { failuresIn, look } from "./proof/look.ts";
import { reconcile } from "./proof/reconcile.ts";

/** What this machine's records say of an incident, or of the one that a halt belongs to. */
export type IncidentOutcome = (incident: string) => Promise<"open" | "mitigated" | "resolved" | "unknown">;

/** What is still open of the cause of the halts in force, as far as it can be seen from here. */
export async function causeResolved(
  ports: Pick<Ports, "trading" | "clock">,
  incidentOutcome: IncidentOutcome,
  signal: AbortSignal,
): Promise<InterlockState> {
  const [seen, { different, unknown }] = await Promise.all([look(ports, signal), reconcile(ports, signal)]);
  const incidents = new Set(
    seen.states.flatMap(({ state }) => (state.ok && state.value.halted ? (state.value.incident ?? []) : [])),
  );
  const unresolved: string[] = [];
  for (const id of incidents) unresolved.push(...(await unresolvedText(id, incidentOutcome)));
  const open = [...new Set([...unresolved, ...failuresIn(seen).map(failureText), ...different, ...unknown])];
  const meets = 'lav-ir mitigated "what ended the impact"';
  if (open.length === 0) return { holds: true, message: "the cause of the halts is mitigated", meets };
  return { holds: false, message: `still open: ${open.join("; ")}`, meets };
}

async function unresolvedText(id: string, incidentOutcome: IncidentOutcome): Promise<readonly string[]> {
  const outcome = await incidentOutcome(id);
  // A halt without an incident has an id of its own there, and nothing that could be mitigated.
  const alone = !id.startsWith("INC-");
  switch (outcome) {
    case "mitigated":
    case "resolved":
      return [];
    case "open":
      return [alone ? `the incident of ${id} is not mitigated` : `incident ${id} is not mitigated`];
    case "unknown":
      return alone ? [] : [`no intact journal on this machine says whether incident ${id} is mitigated`];
  }
}
