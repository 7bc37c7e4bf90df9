import { fail, ok, type Result } from "../../base/result.ts";
import type { IncidentData, IncidentRecord, When } from "../../events/incident-record.ts";
import { foldIncident, type IncidentFold } from "../../incident/fold.ts";
import { pageRecords, recipientsOf, type Recipients } from "../../incident/pages.ts";
import { policyOf } from "../../incident/policy.ts";
import { standardText } from "../../incident/templates/standard.ts";
import { statusOf, type IncidentStatus } from "../../incident/status.ts";
import type { Severity } from "../../platform/severity.ts";
import { openOnes } from "../../store/pick-incident.ts";
import { stateFault } from "../../store/state-file.ts";
import type { Store } from "../../store/store.ts";
import { adoptable, nothingAdopted, type Adopted } from "./adopt.ts";
import { appendRecords, readChain, type ChainPlace } from "./chain.ts";
import { unusedNotes } from "./own-texts.ts";
import type { Responders } from "./scene.ts";
import type { TriggerReading } from "./triggers.ts";

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
  /** What was measured while the severity was asked for. */
  readonly triggers?: readonly TriggerReading[];
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

/**
 * Opens an incident, on the disk when it resolves: the declaration with the rules in force, what was done in the
 * hour before, who commands, and the pages, which the sender then sends.
 * @param queued called once the pages are on the disk, where there are any: a sender takes longer to start than all
 * that is left to do here
 * @returns why nothing is on record.
 */
export async function declareIncident(
  store: Store,
  responders: Responders,
  declaration: Declaration,
  queued: () => void = () => {},
): Promise<Result<Declared, string>> {
  try {
    return await store.whileDeclaring(async () => {
      const joined = await joinOpen(store, responders, declaration);
      return joined ?? (await open(store, responders, declaration, queued));
    });
  } catch (error) {
    return fail(stateFault(error));
  }
}

async function open(
  store: Store,
  { plan, me, own }: Responders,
  declaration: Declaration,
  queued: () => void,
): Promise<Result<Declared, string>> {
  const now = Date.now();
  const number = await takeNumber(store, declaration.drill, Object.keys(plan.desks), new Date(now));
  const adopted = declaration.drill ? nothingAdopted : await adoptable(store, now);
  const unused = unusedNotes(own, "alert");
  const records = [...firstRecords(number, declaration, adopted, me, policyOf(plan)), ...unused.records];
  const { severity } = declaration;
  const { name, page } = plan.severities[severity];
  const recipients = recipientsOf(plan, page, declaration);
  const place = { store, incident: number };
  const written = await appendRecords(place, records, ([about = ""], head, chain) => {
    const fold = foldIncident(chain);
    const from = { fold, status: statusOf(fold, now, number), now, severityName: name };
    const body = standardText("alert", from, {}, own.templates);
    return pageRecords(recipients, { ...declaration, level: severity, about, body, head });
  });
  if (!written.ok) return written;
  if (recipients.send.length > 0) queued();
  const status = statusOf(foldIncident((await readChain(place)).records), Date.now(), number);
  return ok({ is: "declared", number, status, recipients });
}

/** What a declaration puts on record before its pages. */
export function firstRecords(
  number: string,
  { mine, triggers = [], ...declaration }: Declaration,
  adopted: Adopted,
  me: string,
  policy: IncidentData<"incident.declared">["policy"],
): readonly IncidentRecord[] {
  const declared: IncidentRecord = {
    type: "incident.declared",
    data: { number, ...declaration, person: me, triggers, adopted: adopted.ids, policy },
  };
  const command: IncidentRecord = {
    type: "incident.role",
    data: { role: "commander", person: me, how: "taken" },
  };
  return [declared, ...adopted.facts, ...(mine ? [command] : [])];
}

/** An alert manager repeats itself: an open incident with the same key is the one that it means. */
async function joinOpen(
  store: Store,
  { me }: Responders,
  { key, impact, drill }: Declaration,
): Promise<Result<Declared, string> | undefined> {
  if (key === undefined || drill) return undefined;
  const found = await openWithKey(store, key);
  if (found === undefined) return undefined;
  const { place, fold } = found;
  const text = `declared again, by ${me}: ${impact}`;
  const noted = await appendRecords(place, [{ type: "incident.note", data: { text } }]);
  if (!noted.ok) return noted;
  const { incident: number } = place;
  return ok({ is: "joined", number, status: statusOf(fold, Date.now(), number) });
}

/** The open incident that was declared with this key. */
export async function openWithKey(
  store: Store,
  key: string,
): Promise<{ readonly place: ChainPlace; readonly fold: IncidentFold } | undefined> {
  for (const { id } of openOnes(await store.incidents())) {
    const place = { store, incident: id };
    const fold = foldIncident((await readChain(place)).records);
    if (fold.declared?.data.key === key) return { place, fold };
  }
  return undefined;
}

/**
 * The highest of the year and one more; with several desks and no store the desk's name is part of it. It is taken
 * with that: whoever did not wait for another that declares, because that took too long, has the next one.
 */
export async function takeNumber(
  store: Store,
  drill: boolean,
  desks: readonly string[],
  declared: Date,
): Promise<string> {
  const prefix = `${drill ? "DRILL" : "INC"}-${declared.getUTCFullYear()}-`;
  const desk = desks.length > 1 ? `-${await store.deskName()}` : "";
  for (let last = 0; ;) {
    const numbers = (await store.incidentNames()).flatMap((name) => {
      const digits = name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length))?.[0] : undefined;
      return digits === undefined ? [] : [Number(digits)];
    });
    last = Math.max(last, ...numbers) + 1;
    const label = `${prefix}${String(last).padStart(4, "0")}${desk}`;
    if (await store.takeIncident(label)) return label;
  }
}
