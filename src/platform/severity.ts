/** How bad an incident or a runbook's subject is; P0 is the worst. */
export type Severity = "P0" | "P1" | "P2" | "P3";
export const severities = ["P0", "P1", "P2", "P3"] as const satisfies readonly Severity[];

export function isSeverity(name: string): name is Severity {
  return severities.some((severity) => severity === name);
}

/** Whether a text can be another name of a severity, such as SEV1; a P with a number is one of the four, or a slip. */
export function isOtherName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(name) && !/^p\d+$/i.test(name);
}

/** The severities by their names: the four, and those that a platform file gives them. */
export type SeverityNames = Readonly<Record<string, Severity>>;

export const ownNames: SeverityNames = { P0: "P0", P1: "P1", P2: "P2", P3: "P3" };

/** The severity that a person typed, in capitals or not. */
export function severityNamed(typed: string, names: SeverityNames): Severity | undefined {
  const known = Object.entries(names).find(([name]) => name.toUpperCase() === typed.toUpperCase());
  return known?.[1];
}
