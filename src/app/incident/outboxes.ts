import { foldIncident, type IncidentFold } from "../../incident/fold.ts";
import { asIncidentRecord } from "../../events/incident-record.ts";
import type { ChainRecord } from "../../incident/order.ts";
import { outboxOf, type Outbox } from "../../incident/outbox.ts";
import type { Incident } from "../../store/incidents.ts";
import { asChainRecord } from "./tailed-record.ts";
import type { BlockRecord } from "./block.ts";
import type { Store } from "../../store/store.ts";
import { StateFault } from "../../store/state-check.ts";

/** Milliseconds after its end in which an incident's notices are still sent. */
export const afterEnd = 900_000;

interface Followed {
  readonly tail: ReturnType<Store["follow"]>;
  readonly records: ChainRecord[];
  /** What is counted besides, because no disk took it. */
  unwritten: readonly BlockRecord[];
  /** By how much the records say that this desk's clock is ahead. */
  offset: number;
  /** No new line was written before that: when it was read last. */
  read: number;
  fold: IncidentFold;
  outbox: Outbox;
}

/** An incident that the sender has to do with, as its records tell it. */
export interface FollowedIncident {
  readonly incident: string;
  readonly fold: IncidentFold;
  readonly outbox: Outbox;
  /** By how much its records say that this desk's clock is ahead, in milliseconds. */
  readonly offset: number;
}

/** How the reader judges time: see `take`. */
export interface OwnTime {
  /** Milliseconds since 1970, which no step of the wall clock changes. */
  now(): number;
  /** What the wall clock says. */
  wall(): number;
}

/**
 * All incidents, and drills, that a sender has to do with: those that are open, and those that ended a short time
 * ago. Read anew each time, from where the last reading stopped.
 */
export class Outboxes {
  private readonly store: Store;
  private readonly time: OwnTime;
  private readonly isPrivate: (channel: string) => boolean;
  /** By incident, also of one that is read anew. */
  private readonly ahead = new Map<string, number>();
  private readonly unwritten: (incident: string) => readonly BlockRecord[];
  private readonly followed = new Map<string, Followed>();
  private readonly known = new Map<
    string,
    { readonly size: number | undefined; readonly is: Incident | undefined }
  >();
  /** What could not be read, once each. */
  readonly problems = new Set<string>();

  /** @param unwritten records that count as though they were at the journal's end */
  constructor(
    store: Store,
    time: OwnTime,
    isPrivate: (channel: string) => boolean,
    unwritten: (incident: string) => readonly BlockRecord[] = () => [],
  ) {
    this.unwritten = unwritten;
    this.store = store;
    this.time = time;
    this.isPrivate = isPrivate;
  }

  /** @throws StateFault, where the folder of incidents is not this user's own. */
  async read(): Promise<readonly FollowedIncident[]> {
    const wanted: string[] = [];
    for (const id of await this.store.incidentNames()) if (await this.isWanted(id)) wanted.push(id);
    for (const id of wanted) await this.follow(id);
    return wanted.flatMap((incident) => {
      const followed = this.followed.get(incident);
      return followed === undefined ? [] : [{ incident, ...pick(followed) }];
    });
  }

  /** Years of closed incidents are looked at, and read only where their journal has grown. */
  private async isWanted(id: string): Promise<boolean> {
    const size = await this.store.sizeOf({ incident: id });
    const before = this.known.get(id);
    const known =
      before !== undefined && before.size === size ? before : { size, is: await this.store.incident(id) };
    this.known.set(id, known);
    if (known.is?.is === "unreadable") this.problems.add(known.is.why);
    if (known.is?.is === "open") return true;
    if (known.is?.is !== "closed") return false;
    const ended = this.followed.get(id)?.outbox.ended;
    if (ended !== undefined) return this.time.now() - ended < afterEnd;
    // When it ended is by the wall clock of then, which may have been another than that of now.
    const written = Date.parse(known.is.at);
    return [this.time.now(), this.time.wall()].some((now) => now - written < afterEnd);
  }

  private async follow(incident: string): Promise<void> {
    const rules = { incident, isPrivate: this.isPrivate };
    const none = foldIncident([]);
    const followed = this.followed.get(incident) ?? {
      tail: this.store.follow({ incident }),
      records: [],
      unwritten: [],
      offset: 0,
      read: -Infinity,
      fold: none,
      outbox: outboxOf(none, rules),
    };
    this.followed.set(incident, followed);
    try {
      const begun = this.time.now();
      const lines = await followed.tail.read();
      for (const line of lines) this.take(line, followed);
      followed.read = begun;
      const unwritten = this.unwritten(incident);
      if (lines.length === 0 && unwritten === followed.unwritten) return;
      this.ahead.set(incident, followed.offset);
      followed.unwritten = unwritten;
      followed.fold = foldIncident([...followed.records, ...unwrittenLines(followed)]);
      followed.outbox = outboxOf(followed.fold, rules);
    } catch (error) {
      if (!(error instanceof StateFault)) throw error;
      this.problems.add(error.message);
    }
  }

  /** By how many milliseconds an incident's journal, as it was last read, says that the wall clock is ahead. */
  aheadIn(incident: string): number {
    return this.ahead.get(incident) ?? 0;
  }

  /** Everything is read anew: what time it is has turned out to be another. */
  forget(): void {
    this.followed.clear();
  }

  /**
   * A record's own time may be of a clock that has stepped since, and nothing must wait for an hour because of that. So
   * it counts, less what is known of that clock, only as far as it lies between the last reading and this one, in which
   * the record came; what was there at first, and what is imported, is of any time that is not in the future.
   */
  private take(line: string, into: Followed): void {
    const record = asChainRecord(line, into.records.at(-1));
    if (record === undefined) return;
    const read = asIncidentRecord(record.type, record.data);
    if (read?.type === "desk.clock") into.offset = read.data.offset_ms;
    const now = this.time.now();
    const written = Date.parse(record.time) - into.offset;
    const own = record.imported === undefined;
    const at = Number.isNaN(written) ? now : Math.min(Math.max(written, own ? into.read : -Infinity), now);
    // What comes behind it in the same reading was written later still.
    if (own && Number.isFinite(into.read)) into.read = at;
    // Its time is right already: nothing is to be taken off again.
    const data = read?.type === "desk.clock" ? { ...read.data, offset_ms: 0 } : record.data;
    into.records.push({ ...record, data, time: new Date(at).toISOString() });
  }
}

/** Behind the last line, each at its own time: the sender's. */
function unwrittenLines({ records, unwritten }: Followed): readonly ChainRecord[] {
  const last = records.at(-1);
  if (last === undefined) return [];
  return unwritten.map(({ time, record: { type, data } }, n) => ({
    desk: last.desk,
    seq: last.seq + n + 1,
    time,
    actor: "sender",
    type,
    data,
  }));
}

function pick({ fold, outbox, offset }: Followed): Omit<FollowedIncident, "incident"> {
  return { fold, outbox, offset };
}
