import type { IncidentState } from "./incident-state.ts";

type Open = Extract<IncidentState, { is: "open" }>;

/** An incident that is open, by its id. */
export type OpenIncident = Open & { readonly id: string };

/** The open ones of these, the most severe first, of equal ones the one declared last. */
export function openOnes(
  incidents: readonly ({ readonly id: string } & (IncidentState | { readonly is: "unreadable" }))[],
): readonly OpenIncident[] {
  return incidents
    .filter((one): one is OpenIncident => one.is === "open")
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) || (a.declared === b.declared ? order(b.id, a.id) : order(b.declared, a.declared)),
    );
}

/** Those that nothing is more severe than. A command works on the only one, and asks which when there are several. */
export function mostSevere(open: readonly OpenIncident[]): readonly OpenIncident[] {
  const [first] = open;
  return first === undefined ? [] : open.filter((one) => rank(one) === rank(first));
}

/** How one is named in a list or a question. */
export function incidentName({ id, severity }: OpenIncident): string {
  return severity === undefined ? id : `${id} (${severity})`;
}

/** P0 is 0. A severity that is not on record comes behind all that are. */
function rank({ severity }: Open): number {
  const [, digit] = /^P(\d)$/.exec(severity ?? "") ?? [];
  return digit === undefined ? 10 : Number(digit);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
