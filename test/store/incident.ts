import { mkdirSync, writeFileSync } from "node:fs";
import { genesis, sealed } from "../../src/store/chain.ts";
import { incidentFolder, journalIn } from "../../src/store/layout.ts";

interface Wanted {
  readonly severity?: string;
  /** UTC. */
  readonly declared?: string;
  readonly after?: readonly (readonly [type: string, data?: Readonly<Record<string, unknown>>])[];
}

/** Declares an incident in a state folder: its journal with its first records. @returns the journal's path. */
export function declareIncident(state: string, id: string, wanted: Wanted = {}): string {
  const folder = incidentFolder(state, id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = journalIn(folder);
  writeFileSync(path, incidentText(id, wanted), { mode: 0o600 });
  return path;
}

/** The text of such a journal. */
export function incidentText(id: string, { severity = "P1", declared, after = [] }: Wanted = {}): string {
  const time = declared ?? "2026-01-31T14:15:02.000Z";
  let prev = genesis;
  return [["incident.declared", { number: id, severity }] as const, ...after]
    .map(([type, data = {}], at) => {
      const record = { v: 1, seq: at + 1, time, mono: at, actor: "ada", host: "here", type, data, prev };
      const { line, sum } = sealed(JSON.stringify(record));
      prev = sum;
      return `${line}\n`;
    })
    .join("");
}
