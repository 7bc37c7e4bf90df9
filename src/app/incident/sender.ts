// The one process of a desk that sends, for all open incidents. It keeps nothing: what it does next follows from the
// journals, which other processes write to as well.
//
//   read the journals ──► decide ──► each step on its own, side by side ──► something changed ──► read …
//
// A step that sends writes the attempt to the disk, then asks the channel, then writes the result. Killed between any
// two of these, the next sender finds an attempt without a result, and says that nobody knows its end.
import type { IncidentRecord } from "../../events/incident-record.ts";
import { decide, type ChannelFacts, type Step } from "../../incident/dispatch.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import type { Clock } from "../../ports/ports.ts";
import type { OpenJournal } from "../../store/journal.ts";
import { Unwritten } from "./unwritten.ts";
import { senderLock } from "../../store/layout.ts";
import { asStateFault } from "../../store/state-file.ts";
import type { Store } from "../../store/store.ts";
import { takeLock, type Holder } from "../../store/lock.ts";
import type { Directory, DirectoryEntry } from "../wiring/channel-directory.ts";
import { ClockWork } from "./clock-work.ts";
import { uidOf } from "./chain.ts";
import { Courier } from "./courier.ts";
import { DeskClock } from "./desk-clock.ts";
import { Listener } from "./listener.ts";
import type { OwnTexts } from "./own-texts.ts";
import { Outboxes } from "./outboxes.ts";
import { TimedOutboxes } from "./timed-outboxes.ts";

export interface SenderSettings {
  /** Written to with `clock`. */
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  /** Whom clocks page, and by which way. */
  readonly plan: IncidentPlan;
  /** The installation's own texts, read when a clock pages. */
  readonly texts?: () => Promise<OwnTexts>;
  /** Ends it, once what is under way has its result on record. */
  readonly stop: AbortSignal;
  /** Ends also while an incident is open, once nothing is left to send. */
  readonly once: boolean;
  /** Milliseconds to wait for one that is about to end. */
  readonly patience?: number;
  /** Called when this is the one that sends. */
  readonly begins?: () => void;
  /** A sentence for a person. */
  readonly say: (text: string) => void;
  /** Calls back when something under the state folder has changed; returns what ends that. */
  readonly watch?: (changed: () => void) => () => void;
}

/** Milliseconds after which the journals are looked at, whatever is heard of them. */
const longestSleep = 1000;
/** Milliseconds after a journal that could not be written. */
const afterFault = 5000;

/** @returns who holds the lock, where another one sends already. */
export async function runSender(settings: SenderSettings): Promise<{ readonly heldBy: Holder } | undefined> {
  const { store, patience = 0, begins } = settings;
  const sender = new Sender(settings);
  try {
    for (let wait = patience; ; wait = 0) {
      const lock = await takeSenderLock(store, wait);
      if ("heldBy" in lock) return lock;
      try {
        begins?.();
        await sender.run();
      } finally {
        await lock.release();
      }
      // Whoever queued a message just now saw this one's lock, and started none: it looks once more without it.
      if (settings.stop.aborted || !(await sender.owes())) return undefined;
    }
  } finally {
    sender.close();
  }
}

async function takeSenderLock({ place }: Store, wait: number): ReturnType<typeof takeLock> {
  try {
    return await takeLock(senderLock(place), wait);
  } catch (error) {
    throw asStateFault("the sender's lock", error);
  }
}

class Sender {
  private readonly settings: SenderSettings;
  private readonly unwritten: Unwritten;
  private readonly outboxes: Outboxes;
  private readonly clockWork: ClockWork;
  private readonly listener: Listener;
  private readonly courier: Courier;
  private readonly timed: TimedOutboxes;
  private readonly now: () => number;
  private readonly journals = new Map<string, Promise<OpenJournal>>();
  private readonly inFlight = new Map<string, Promise<void>>();
  private readonly busy = new Set<string>();
  private readonly told = new Set<string>();
  private wake = new AbortController();

  constructor(settings: SenderSettings) {
    this.settings = settings;
    const { clock, directory, store } = settings;
    const deskClock = new DeskClock(clock, (by) => {
      this.unwritten.shift(by);
      this.outboxes.forget();
      this.wake.abort();
    });
    this.now = deskClock.now;
    const journal = async (incident: string): Promise<OpenJournal> => await this.journal(incident);
    const tell = (text: string): void => this.tell(text);
    this.unwritten = new Unwritten({
      clock,
      now: this.now,
      ahead: (incident) => this.outboxes.aheadIn(incident),
      host: store.host,
      journal,
      uid: async (incident) => await uidOf({ store, incident }),
      say: settings.say,
    });
    this.outboxes = new Outboxes(
      store,
      { now: this.now, wall: () => clock.now().getTime() },
      (name) => directory.isPrivate(name),
      (incident) => this.unwritten.of(incident),
    );
    directory.onDate?.((...word) => deskClock.hear(...word));
    this.timed = new TimedOutboxes({ outboxes: this.outboxes, deskClock, journal, tell });
    const put = async (incident: string, records: readonly IncidentRecord[]): Promise<boolean> =>
      await this.unwritten.put(incident, records);
    const own = { ...settings, now: this.now, journal, put, tell };
    this.clockWork = new ClockWork(own);
    this.listener = new Listener(own);
    this.courier = new Courier({ ...own, unwritten: this.unwritten });
  }

  async run(): Promise<void> {
    const { stop } = this.settings;
    const rouse = (): void => this.wake.abort();
    const unwatch = this.settings.watch?.(rouse);
    stop.addEventListener("abort", rouse, { once: true });
    try {
      while (!stop.aborted && (await this.round())) {
        // What changed while it decided has roused it already.
      }
      await Promise.all([...this.inFlight.values(), this.listener.settled()]);
      await this.unwritten.flush(true);
      await this.unwritten.print();
    } finally {
      stop.removeEventListener("abort", rouse);
      unwatch?.();
    }
  }

  close(): void {
    for (const journal of this.journals.values()) void journal.then((open) => open.close()).catch(() => {});
  }

  /** Whether there is anything to send, now or later. */
  async owes(): Promise<boolean> {
    return (await this.decide()).owes;
  }

  /** @returns false when there is nothing left to do. */
  private async round(): Promise<boolean> {
    this.wake = new AbortController();
    const { clock, once } = this.settings;
    const { steps, wake, owes, open, entries, followed } = await this.decide();
    for (const step of steps) this.begin(step, entries.get(step.message.channel));
    this.listener.listen(followed, entries, () => this.wake.abort());
    const waits = open || !this.unwritten.isEmpty;
    if (this.inFlight.size === 0 && !owes && (once || !waits)) return false;
    const left = wake === undefined ? longestSleep : Math.min(longestSleep, Math.max(0, wake - this.now()));
    await clock.sleep(left, this.wake.signal);
    return true;
  }

  private async decide() {
    // Before the journals are read: what ends meanwhile may have its result behind what was read of them.
    const inFlight = new Set(this.inFlight.keys());
    const busy = new Set(this.busy);
    await this.unwritten.flush();
    let followed = await this.timed.read();
    // What a clock does is read back before anything else is decided: it may page, and end another clock's wait.
    while (await this.clockWork.fire(followed)) followed = await this.outboxes.read();
    const outboxes = followed.map(({ outbox }) => outbox);
    for (const problem of this.outboxes.problems) this.tell(problem);
    const entries = await this.settings.directory.entries();
    const decision = decide(outboxes, {
      now: this.now(),
      channels: this.facts(entries),
      inFlight,
      busy,
      asked: this.courier.asked,
    });
    return { ...decision, entries, followed, open: outboxes.some(({ ended }) => ended === undefined) };
  }

  private facts(entries: ReadonlyMap<string, DirectoryEntry>): ReadonlyMap<string, ChannelFacts> {
    return new Map(
      [...entries].map(([name, entry]) => {
        const { channel, secrets } = entry;
        const refused = this.courier.refused.get(name);
        const broken = entry.broken ?? (refused?.secrets === secrets ? refused.code : undefined);
        if (broken !== undefined) this.tell(`channel ${name} is broken: ${broken}; its messages are held`);
        const { settles = "repeat", spacing = 0 } = channel ?? {};
        const facts = { settles, spacing, tells: channel?.delivery !== undefined };
        return [name, broken === undefined ? facts : { ...facts, broken }];
      }),
    );
  }

  private begin(step: Step, entry: DirectoryEntry | undefined): void {
    const { id, channel } = step.message;
    if (step.do === "send") this.busy.add(channel);
    const work = this.courier
      .carryOut(step, entry)
      .catch(async (error: unknown) => {
        // What is not on record is not sent, and is tried again later.
        this.tell(`${step.message.incident}: ${error instanceof Error ? error.message : String(error)}`);
        await this.settings.clock.sleep(afterFault, this.settings.stop);
      })
      .finally(() => {
        this.inFlight.delete(id);
        if (step.do === "send") this.busy.delete(channel);
        this.wake.abort();
      });
    this.inFlight.set(id, work);
  }

  private async journal(incident: string): Promise<OpenJournal> {
    const open = this.journals.get(incident) ?? this.settings.store.journal({ incident });
    this.journals.set(incident, open);
    try {
      return await open;
    } catch (error) {
      this.journals.delete(incident);
      throw error;
    }
  }

  /** The same is told once. */
  private tell(text: string): void {
    if (this.told.has(text)) return;
    this.told.add(text);
    this.settings.say(text);
  }
}
