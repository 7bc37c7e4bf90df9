import { fail, ok, type Result } from "../../base/result.ts";
import type { IncidentData, IncidentRecord, When } from "../../events/incident-record.ts";
import { alertText } from "../../incident/alert-text.ts";
import { foldIncident } from "../../incident/fold.ts";
import { pageRecords, recipientsOf, type Recipients } from "../../incident/pages.ts";
import { policyOf } from "../../incident/policy.ts";
import { statusOf, type IncidentStatus } from "../../incident/status.ts";
import type { Severity } from "../../platform/severity.ts";
import { openDesk } from "../../store/desk.ts";
import { incidentsIn } from "../../store/incidents.ts";
import { incidentsFolder } from "../../store/layout.ts";
import { takeLock } from "../../store/lock.ts";
import { openOnes } from "../../store/pick-incident.ts";
import { makeStateFolder, stateNames } from "../../store/state-folder.ts";
import type { World } from "../context/world.ts";
import { adoptable, type Adopted } from "./adopt.ts";
import { appendRecords, readChain } from "./chain.ts";
import type { Responders } from "./scene.ts";
import { join } from "node:path";

/** What is declared: checked, cleaned and cut. */
export interface Declaration {
  readonly severity: Severity;
  readonly impact: string;
  readonly affects: readonly string[];
  readonly key?: string;
  readonly started?: When;
  readonly security: boolean;
  readonly drill: boolean;
  /** The declarer commands. */
  readonly mine: boolean;
}

export type Declared =
  | {
      readonly is: "declared";
      readonly number: string;
      readonly status: IncidentStatus;
      readonly recipients: Recipients;
    }
  /** An open incident has the same key: what came again is a note there. */
  | { readonly is: "joined"; readonly number: string; readonly status: IncidentStatus };

/** Milliseconds in which another declaration on this machine takes its number. */
const patience = 2000;

/**
 * Opens an incident, on the disk when it resolves: the declaration with the rules in force, what was done in the
 * hour before, who commands, and the pages, which the sender then sends.
 * @returns why nothing is on record.
 */
export async function declareIncident(
  world: World,
  state: string,
  responders: Responders,
  declaration: Declaration,
): Promise<Result<Declared, string>> {
  try {
    makeStateFolder(incidentsFolder(state), { root: state });
    const lock = await takeLock(join(incidentsFolder(state), "declare.lock"), patience);
    try {
      const joined = await joinOpen(world, state, responders, declaration);
      return joined ?? (await open(world, state, responders, declaration));
    } finally {
      // Whoever holds it for longer than a number takes is not waited for.
      if ("release" in lock) await lock.release();
    }
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

async function open(
  world: World,
  state: string,
  { plan, me }: Responders,
  declaration: Declaration,
): Promise<Result<Declared, string>> {
  const now = Date.now();
  const number = nextNumber(state, declaration.drill, Object.keys(plan.desks), world);
  const adopted = declaration.drill ? { ids: [], facts: [] } : adoptable(state, now);
  const records = firstRecords(number, declaration, adopted, me, policyOf(plan));
  const { severity } = declaration;
  const { name, page } = plan.severities[severity];
  const recipients = recipientsOf(plan, page, declaration);
  const place = { state, incident: number };
  const written = await appendRecords(world, place, records, ([about = ""], head, chain) => {
    const status = statusOf(foldIncident(chain), now, number);
    const body = alertText(status, name);
    return pageRecords(recipients, { ...declaration, level: severity, about, body, head });
  });
  if (!written.ok) return written;
  const status = statusOf(foldIncident(readChain(world, place).records), Date.now(), number);
  return ok({ is: "declared", number, status, recipients });
}

function firstRecords(
  number: string,
  { mine, ...declaration }: Declaration,
  adopted: Adopted,
  me: string,
  policy: IncidentData<"incident.declared">["policy"],
): readonly IncidentRecord[] {
  const declared: IncidentRecord = {
    type: "incident.declared",
    data: { number, ...declaration, person: me, triggers: [], adopted: adopted.ids, policy },
  };
  const command: IncidentRecord = {
    type: "incident.role",
    data: { role: "commander", person: me, how: "taken" },
  };
  return [declared, ...adopted.facts, ...(mine ? [command] : [])];
}

/** An alert manager repeats itself: an open incident with the same key is the one that it means. */
async function joinOpen(
  world: World,
  state: string,
  { me }: Responders,
  { key, impact, drill }: Declaration,
): Promise<Result<Declared, string> | undefined> {
  if (key === undefined || drill) return undefined;
  for (const { id } of openOnes(await incidentsIn(state))) {
    const place = { state, incident: id };
    const fold = foldIncident(readChain(world, place).records);
    if (fold.declared?.data.key !== key) continue;
    const text = `declared again, by ${me}: ${impact}`;
    const noted = await appendRecords(world, place, [{ type: "incident.note", data: { text } }]);
    if (!noted.ok) return noted;
    return ok({ is: "joined", number: id, status: statusOf(fold, Date.now(), id) });
  }
  return undefined;
}

/** The highest of this year and one more; with several desks and no store the desk's name is part of it. */
function nextNumber(state: string, drill: boolean, desks: readonly string[], { host }: World): string {
  const prefix = `${drill ? "DRILL" : "INC"}-${new Date().getUTCFullYear()}-`;
  const numbers = stateNames(incidentsFolder(state), { root: state }).flatMap((name) => {
    const digits = name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length))?.[0] : undefined;
    return digits === undefined ? [] : [Number(digits)];
  });
  const label = `${prefix}${String(Math.max(0, ...numbers) + 1).padStart(4, "0")}`;
  return desks.length > 1 ? `${label}-${openDesk(state, host).name}` : label;
}
