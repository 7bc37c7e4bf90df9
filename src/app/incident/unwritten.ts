// What the sender did and no disk took. It is kept here, at its own time, and counts as though it were on record: so a
// page goes out once and its clock does not fire again. It is written before anything else as soon as there is room.
// A sender that is killed in between forgets it; then another one repeats that page, rather than nobody sending it.
import { randomBytes } from "node:crypto";
import type { IncidentRecord } from "../../events/incident-record.ts";
import type { Clock } from "../../ports/ports.ts";
import type { OpenJournal } from "../../store/journal.ts";
import { linesOfBlock, newBlockId, type BlockRecord } from "./block.ts";

export interface UnwrittenSettings {
  readonly clock: Clock;
  /** Milliseconds since 1970, by the sender's own time: the wall clock may step while the disk is full. */
  readonly now: () => number;
  /** By how many milliseconds an incident's journal says so far that this machine's wall clock is ahead. */
  readonly ahead: (incident: string) => number;
  /** What the records call the machine, and whoever writes. */
  readonly host: string;
  readonly journal: (incident: string) => Promise<OpenJournal>;
  /** Which incident of that name it is, where that can be read. */
  readonly uid: (incident: string) => Promise<string | undefined>;
  /** A sentence for a person. */
  readonly say: (text: string) => void;
}

/** Milliseconds after a disk that took nothing. */
const afterFault = 5000;
/** Who writes, in the records. */
const actor = "sender";

export class Unwritten {
  private readonly settings: UnwrittenSettings;
  private readonly kept = new Map<string, readonly BlockRecord[]>();
  /** When the disk is tried again, by the clock that does not step. */
  private again = -Infinity;

  constructor(settings: UnwrittenSettings) {
    this.settings = settings;
  }

  /** Records of an incident that are not in its journal, in order; the same array as long as nothing changes. */
  of(incident: string): readonly BlockRecord[] {
    return this.kept.get(incident) ?? none;
  }

  get isEmpty(): boolean {
    return this.kept.size === 0;
  }

  /** What is left at the end goes where a person finds it: as blocks that can be imported. */
  async print(): Promise<void> {
    const { clock, host, uid, say } = this.settings;
    for (const [incident, records] of this.kept) {
      const id = newBlockId(clock.now());
      const known = await uid(incident);
      const of = known === undefined ? { incident } : { incident, uid: known };
      say(`${incident}: NOT RECORDED: ${records.length} records; keep this for lav-ir incident import:`);
      for (const line of linesOfBlock({ id, ...of, actor, host, records })) say(line);
    }
  }

  /**
   * Puts records into the journal, or keeps them.
   * @returns whether they are in the journal.
   */
  async put(incident: string, records: readonly IncidentRecord[]): Promise<boolean> {
    const { clock, journal, say } = this.settings;
    // Nothing comes into the journal before what was done before it.
    if (!this.kept.has(incident)) {
      try {
        await (await journal(incident)).appendTogether(records);
        return true;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        say(`${incident}: NOT RECORDED: ${why}; alerts go out, and are recorded once the disk has room`);
        this.again = clock.monotonic() + afterFault;
      }
    }
    const time = new Date(this.settings.now()).toISOString();
    const late = records.map((record) => ({ time, record: numbered(record) }));
    this.kept.set(incident, [...this.of(incident), ...late]);
    return false;
  }

  /** The sender has learned that its time was so many milliseconds too early: all that is kept is of that time. */
  shift(by: number): void {
    for (const [incident, records] of this.kept) {
      const later = (time: string): string => new Date(Date.parse(time) + by).toISOString();
      this.kept.set(
        incident,
        records.map(({ time, record }) => ({ time: later(time), record })),
      );
    }
  }

  /** Writes what is kept, where the disk takes it; called while nobody reads the journals. */
  async flush(even = false): Promise<void> {
    const { ahead, clock, host, journal, say } = this.settings;
    if (this.kept.size === 0 || (!even && clock.monotonic() < this.again)) return;
    for (const [incident, records] of this.kept) {
      const imported = { at: clock.now().toISOString(), by: actor };
      // Whoever reads takes off again what the journal says of the wall clock.
      const off = ahead(incident);
      const late = records.map(({ time, record }) => ({
        ...record,
        origin: { time: new Date(Date.parse(time) + off).toISOString(), actor, host, imported },
      }));
      try {
        await (await journal(incident)).appendTogether(late);
      } catch {
        this.again = clock.monotonic() + afterFault;
        continue;
      }
      const left = this.of(incident).slice(records.length);
      if (left.length === 0) this.kept.delete(incident);
      else this.kept.set(incident, left);
      say(
        `${incident}: the disk has room again; ${records.length} records are written, each at its own time`,
      );
    }
  }
}

const none: readonly BlockRecord[] = [];

/** A message goes out before it has a place in the chain: it is known by a number of its own, there and ever after. */
function numbered(record: IncidentRecord): IncidentRecord {
  if (record.type !== "message.queued" || record.data.number !== undefined) return record;
  return { ...record, data: { ...record.data, number: `NR-${randomBytes(3).toString("hex")}` } };
}
