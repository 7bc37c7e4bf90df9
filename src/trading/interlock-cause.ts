import { failureText } from "../base/failure.ts";
import type { Ports } from "../ports/ports.ts";
import type { InterlockState } from "../ports/trading.ts";
import { failuresIn, look } from "./proof/look.ts";
import { reconcile } from "./proof/reconcile.ts";

/** What this machine's records say of an incident. */
export type IncidentState = (incident: string) => "open" | "resolved" | "unknown";

/** What is still open of the cause of the halts in force, as far as it can be seen from here. */
export async function causeResolved(
  ports: Pick<Ports, "trading" | "clock">,
  incidentState: IncidentState,
  signal: AbortSignal,
): Promise<InterlockState> {
  const [seen, { different, unknown }] = await Promise.all([look(ports, signal), reconcile(ports, signal)]);
  const incidents = new Set(
    seen.states.flatMap(({ state }) => (state.ok && state.value.halted ? (state.value.incident ?? []) : [])),
  );
  const unresolved = [...incidents].flatMap((id) => {
    const state = incidentState(id);
    if (state === "resolved") return [];
    // A halt without an incident has an id of its own there, and nothing that could be resolved.
    const alone = !id.startsWith("INC-");
    if (state === "open")
      return [alone ? `the incident of ${id} is not resolved` : `incident ${id} is not resolved`];
    return alone ? [] : [`incident ${id} is not on this machine, and whether it is resolved is not known`];
  });
  const open = [...new Set([...unresolved, ...failuresIn(seen).map(failureText), ...different, ...unknown])];
  const meets = 'lav-ir resolve "what resolved it"';
  if (open.length === 0) return { holds: true, message: "nothing is open of the halts' cause", meets };
  return { holds: false, message: `still open: ${open.join("; ")}`, meets };
}
