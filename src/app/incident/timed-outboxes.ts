import type { IncidentData } from "../../events/incident-record.ts";
import type { OpenJournal } from "../../store/journal.ts";
import type { DeskClock } from "./desk-clock.ts";
import type { FollowedIncident, Outboxes } from "./outboxes.ts";

export interface TimedSettings {
  readonly outboxes: Outboxes;
  readonly deskClock: DeskClock;
  readonly journal: (incident: string) => Promise<OpenJournal>;
  /** A sentence for a person. */
  readonly tell: (text: string) => void;
}

/** Milliseconds after a journal that could not be written. */
const afterFault = 5000;

/**
 * The incidents, read by a clock that agrees with what they say of it: a sender begins with what is on record of this
 * machine's clock, and puts on record, in each open incident, whatever it learns of it later.
 */
export class TimedOutboxes {
  private readonly settings: TimedSettings;
  /** What the records say of the clock was taken up. */
  private assumed = false;
  /** When it is tried again to put on record what time it is. */
  private again = -Infinity;

  constructor(settings: TimedSettings) {
    this.settings = settings;
  }

  async read(): Promise<readonly FollowedIncident[]> {
    const { outboxes } = this.settings;
    let followed = await outboxes.read();
    if (this.assume(followed)) followed = await outboxes.read();
    let written = false;
    for (const one of followed) written = (await this.correct(one)) || written;
    return written ? await outboxes.read() : followed;
  }

  /** @returns whether it is another time for that. */
  private assume(followed: readonly FollowedIncident[]): boolean {
    // Of what is on record later this sender knows more.
    if (this.assumed) return false;
    this.assumed = true;
    const before = followed.findLast(({ outbox }) => outbox.ended === undefined)?.offset;
    return before !== undefined && this.settings.deskClock.assume(before);
  }

  /** @returns whether more is on record of the clock now. */
  private async correct({ incident, outbox, offset }: FollowedIncident): Promise<boolean> {
    const { deskClock, journal, tell } = this.settings;
    const data = outbox.ended === undefined ? deskClock.correction(offset) : undefined;
    if (data === undefined || deskClock.now() < this.again) return false;
    try {
      await (await journal(incident)).append({ type: "desk.clock", data }, { sync: true });
      tell(`${incident}: this machine's clock is ${clockText(data)}`);
      return true;
    } catch (error) {
      tell(`${incident}: ${error instanceof Error ? error.message : String(error)}`);
      this.again = deskClock.now() + afterFault;
      return false;
    }
  }
}

function clockText({ offset_ms: offset, step_ms: step }: IncidentData<"desk.clock">): string {
  const seconds = `${Math.round(Math.abs(offset) / 1000)} s`;
  const how = offset < 0 ? `${seconds} slow` : `${seconds} fast`;
  return step === undefined ? how : `${how}; it has stepped by ${Math.round(step / 1000)} s`;
}
