/** How bad an incident or a runbook's subject is; P0 is the worst. */
export type Severity = "P0" | "P1" | "P2" | "P3";
export const severities = ["P0", "P1", "P2", "P3"] as const satisfies readonly Severity[];

export function isSeverity(name: string): name is Severity {
  return severities.some((severity) => severity === name);
}
