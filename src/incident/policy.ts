import type { Policy } from "../events/incident-policy.ts";
import type { IncidentPlan } from "../platform/incident-plan.ts";

/** The rules in force as `incident.declared` freezes them. */
export function policyOf({
  severities,
  clocks,
  escalation,
  teams,
  settings,
  objectives,
}: IncidentPlan): Policy {
  const { zone, bridge } = settings;
  return {
    severities: Object.fromEntries(
      Object.entries(severities).map(([severity, { name, means, page }]) => [
        severity,
        { name, means, page },
      ]),
    ),
    clocks,
    escalation,
    teams,
    zone,
    ...(bridge === undefined ? {} : { bridge }),
    ...(Object.keys(objectives).length === 0 ? {} : { objectives }),
  };
}
