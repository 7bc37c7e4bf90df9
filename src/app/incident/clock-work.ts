import { firedRecords } from "../../incident/fired.ts";
import { firingsOf, type Firing } from "../../incident/firing.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import type { IncidentRecord } from "../../events/incident-record.ts";
import type { Store } from "../../store/store.ts";
import { noTexts, unusedNotes, type OwnTexts } from "./own-texts.ts";
import { readChain } from "./chain.ts";
import type { FollowedIncident } from "./outboxes.ts";

export interface ClockWorkSettings {
  readonly store: Store;
  readonly plan: IncidentPlan;
  /** The installation's own texts, as they are when a clock fires. */
  readonly texts?: () => Promise<OwnTexts>;
  /** Milliseconds since 1970, by the sender's own time. */
  readonly now: () => number;
  /** Puts records into the journal, or keeps them until a full disk has room: they count in any case. */
  readonly put: (incident: string, records: readonly IncidentRecord[]) => Promise<unknown>;
  /** A sentence for a person. */
  readonly tell: (text: string) => void;
}

/** Milliseconds after a journal that could not be written. */
const afterFault = 5000;

/** Does what the clocks of open incidents are due to do: puts the messages on record that the sender then sends. */
export class ClockWork {
  private readonly settings: ClockWorkSettings;
  /** When an incident is looked at again, where its records stay the same. */
  private readonly next = new Map<string, { readonly fold: unknown; readonly at: number }>();

  constructor(settings: ClockWorkSettings) {
    this.settings = settings;
  }

  /** @returns whether something is on record that was not there when the incidents were read. */
  async fire(followed: readonly FollowedIncident[]): Promise<boolean> {
    let fired = false;
    for (const one of followed) fired = (await this.fireFirst(one)) || fired;
    return fired;
  }

  /** One at a time: whom the next one pages may follow from whom this one did. */
  private async fireFirst(one: FollowedIncident): Promise<boolean> {
    const now = this.settings.now();
    const known = this.next.get(one.incident);
    if (known?.fold === one.fold && now < known.at) return false;
    const { due, next = Infinity } = firingsOf(one.fold, now);
    const [first] = due;
    if (first === undefined) {
      this.next.set(one.incident, { fold: one.fold, at: next });
      return false;
    }
    try {
      await this.record(one, first, now);
      return true;
    } catch (error) {
      this.settings.tell(`${one.incident}: ${error instanceof Error ? error.message : String(error)}`);
      this.next.set(one.incident, { fold: one.fold, at: now + afterFault });
      return false;
    }
  }

  private async record({ incident, fold }: FollowedIncident, firing: Firing, now: number): Promise<void> {
    const { store, plan, tell } = this.settings;
    const { head } = await readChain({ store, incident });
    const quoted = { ...head, sum: head.sum.slice(0, 12) };
    const number = fold.declared?.data.number ?? incident;
    const texts = (await this.settings.texts?.()) ?? noTexts;
    const { templates } = texts;
    const { records, call } = firedRecords(fold, firing, { plan, number, head: quoted, now, templates });
    const unused = firing.page === undefined ? undefined : texts.unused.alert;
    const noted = unused === undefined || fold.notes.some(({ data }) => data.text === unused);
    await this.settings.put(incident, noted ? records : [...records, ...unusedNotes(texts, "alert").records]);
    if (unused !== undefined) tell(`${incident}: ${unused}`);
    tell(`${incident}: ${toldOf(firing, records.length - 1)}`);
    for (const { id, name } of call) tell(`${incident}: call ${name}: lav-ir contacts ${id}`);
  }
}

function toldOf({ clock, n, after, missed = 1, page, remind }: Firing, messages: number): string {
  if (after === undefined) return `clock ${clock} ${n}: missed${missed === 1 ? "" : `, ${missed} times`}`;
  const what = page === undefined ? `remind ${remind ?? "nobody"}` : `page ${page}`;
  return `clock ${clock} ${n}: ${what}, ${messages} ${messages === 1 ? "message" : "messages"} queued`;
}
