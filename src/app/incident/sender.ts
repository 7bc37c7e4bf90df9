// The one process of a desk that sends, for all open incidents. It keeps nothing: what it does next follows from the
// journals, which other processes write to as well.
//
//   read the journals ──► decide ──► each step on its own, side by side ──► something changed ──► read …
//
// A step that sends writes the attempt to the disk, then asks the channel, then writes the result. Killed between any
// two of these, the next sender finds an attempt without a result, and says that nobody knows its end.
import { bounded } from "../../base/bounded.ts";
import type { IncidentData, IncidentRecord } from "../../events/incident-record.ts";
import { printable } from "../../base/printable.ts";
import { decide, type ChannelFacts, type Step } from "../../incident/dispatch.ts";
import { lookedCode } from "../../incident/messages.ts";
import type { Message } from "../../incident/outbox.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import type { Channel } from "../../ports/channel.ts";
import type { Clock } from "../../ports/ports.ts";
import type { OpenJournal } from "../../store/journal.ts";
import { Unwritten } from "./unwritten.ts";
import { senderLock } from "../../store/layout.ts";
import type { Store } from "../../store/store.ts";
import { takeLock, type Holder } from "../../store/lock.ts";
import type { Directory, DirectoryEntry } from "../wiring/channel-directory.ts";
import { ClockWork } from "./clock-work.ts";
import { DeskClock } from "./desk-clock.ts";
import { Listener } from "./listener.ts";
import type { OwnTexts } from "./own-texts.ts";
import { Outboxes, type FollowedIncident } from "./outboxes.ts";
import { channelMessage, resultOf, stamp, unrecorded } from "./wire-values.ts";

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

/** Milliseconds that one request to a provider may take. */
const requestDeadline = 10_000;
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
      const lock = await takeLock(senderLock(store.place), wait);
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

class Sender {
  private readonly settings: SenderSettings;
  private readonly unwritten: Unwritten;
  private readonly outboxes: Outboxes;
  private readonly clockWork: ClockWork;
  private readonly listener: Listener;
  private readonly deskClock: DeskClock;
  private readonly now: () => number;
  private readonly journals = new Map<string, Promise<OpenJournal>>();
  private readonly inFlight = new Map<string, Promise<void>>();
  private readonly busy = new Set<string>();
  private readonly asked = new Map<string, { times: number; at: number }>();
  /** Channels whose secret was refused, with which one that was. */
  private readonly refused = new Map<string, { readonly secrets: string; readonly code: string }>();
  private readonly told = new Set<string>();
  private wake = new AbortController();
  /** What the records say of the clock was taken up. */
  private assumed = false;
  /** When it is tried again to put on record what time it is. */
  private clockAgain = -Infinity;

  constructor(settings: SenderSettings) {
    this.settings = settings;
    const { clock, directory, store } = settings;
    this.deskClock = new DeskClock(clock, () => {
      this.outboxes.forget();
      this.wake.abort();
    });
    this.now = this.deskClock.now;
    const journal = async (incident: string): Promise<OpenJournal> => await this.journal(incident);
    const tell = (text: string): void => this.tell(text);
    this.unwritten = new Unwritten({
      clock,
      now: this.now,
      ahead: (incident) => this.outboxes.aheadIn(incident),
      host: store.host,
      journal,
      say: settings.say,
    });
    this.outboxes = new Outboxes(
      store,
      { now: this.now, wall: () => clock.now().getTime() },
      (name) => directory.isPrivate(name),
      (incident) => this.unwritten.of(incident),
    );
    directory.onDate?.((...word) => this.deskClock.hear(...word));
    const put = async (incident: string, records: readonly IncidentRecord[]): Promise<boolean> =>
      await this.unwritten.put(incident, records);
    const own = { ...settings, now: this.now, journal, put, tell };
    this.clockWork = new ClockWork(own);
    this.listener = new Listener(own);
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
      this.unwritten.print();
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
    let followed = await this.timed();
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
      asked: this.asked,
    });
    return { ...decision, entries, followed, open: outboxes.some(({ ended }) => ended === undefined) };
  }

  /** What the incidents say, by a clock that agrees with what they say of it. */
  private async timed(): Promise<readonly FollowedIncident[]> {
    let followed = await this.outboxes.read();
    // Of what is on record later this sender knows more.
    const before = this.assumed
      ? undefined
      : followed.findLast(({ outbox }) => outbox.ended === undefined)?.offset;
    this.assumed = true;
    if (before !== undefined && this.deskClock.assume(before)) followed = await this.outboxes.read();
    let written = false;
    for (const { incident, outbox, offset } of followed) {
      const data = outbox.ended === undefined ? this.deskClock.correction(offset) : undefined;
      if (data === undefined || this.now() < this.clockAgain) continue;
      try {
        await (await this.journal(incident)).append({ type: "desk.clock", data }, { sync: true });
        this.tell(`${incident}: this machine's clock is ${clockText(data)}`);
        written = true;
      } catch (error) {
        this.tell(`${incident}: ${error instanceof Error ? error.message : String(error)}`);
        this.clockAgain = this.now() + afterFault;
      }
    }
    return written ? await this.outboxes.read() : followed;
  }

  private facts(entries: ReadonlyMap<string, DirectoryEntry>): ReadonlyMap<string, ChannelFacts> {
    return new Map(
      [...entries].map(([name, entry]) => {
        const { channel, secrets } = entry;
        const refused = this.refused.get(name);
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
    const work = this.carryOut(step, entry)
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

  private async carryOut(step: Step, entry: DirectoryEntry | undefined): Promise<void> {
    const { message } = step;
    if (step.do === "record") {
      const { n, outcome, code } = step;
      await this.record(message, { n, outcome, ...(code === undefined ? {} : { code }) });
      return;
    }
    const channel = entry?.channel;
    if (entry === undefined || channel === undefined) return;
    if (step.do === "send") await this.send(step, entry, channel);
    else if (step.do === "look") await this.look(message, entry, channel);
    else await this.ask(message, step.providerId, channel);
  }

  private async send(
    { message, n, repeat }: Extract<Step, { do: "send" }>,
    entry: DirectoryEntry,
    channel: Channel,
  ): Promise<void> {
    const { key } = message;
    const attempt: IncidentRecord = {
      type: "message.attempt",
      data: { key, n, claimed: "own", repeat },
    };
    const recorded = await this.intend(message, attempt);
    const text = channelMessage(message, entry, repeat);
    const sent = await channel.send(recorded ? text : unrecorded(text), this.deadline());
    if (sent.outcome === "refused" && sent.secret === true)
      this.refused.set(message.channel, { secrets: entry.secrets, code: sent.code ?? sent.message });
    const { code, ...rest } = resultOf(sent);
    const words = code === undefined ? {} : { code: this.settings.directory.redact(printable(code)) };
    await this.record(message, { n, ...rest, ...words });
  }

  private async look(message: Message, entry: DirectoryEntry, channel: Channel): Promise<void> {
    const sought = channelMessage(message, entry, false);
    const looked = (await channel.look?.(sought, this.deadline())) ?? { found: "unknown", message: "" };
    const n = message.attempts;
    if (looked.found === "no") await this.record(message, { n, outcome: "refused", code: lookedCode.none });
    else if (looked.found === "unknown")
      await this.record(message, { n, outcome: "unknown", code: lookedCode.impossible });
    else {
      const { providerId, at } = looked;
      await this.record(message, { n, outcome: "accepted", ...stamp(providerId, at) });
    }
  }

  private async ask(message: Message, providerId: string, channel: Channel): Promise<void> {
    const delivery = await channel.delivery?.(providerId, this.deadline());
    const times = (this.asked.get(message.id)?.times ?? 0) + 1;
    this.asked.set(message.id, { times, at: this.now() });
    if (delivery === undefined || delivery.state === "waiting") return;
    const n = message.attempts;
    if (delivery.state === "failed")
      await this.record(message, { n, outcome: "failed", code: delivery.code });
    else await this.record(message, { n, outcome: "delivered", ...stamp(undefined, delivery.at) });
  }

  private async record(message: Message, data: Omit<IncidentData<"message.result">, "key">): Promise<void> {
    const result = { type: "message.result", data: { key: message.key, ...data } } as const;
    await this.unwritten.put(message.incident, [result]);
  }

  /** An alert goes out though its attempt is on no record; anything else waits for the disk. @returns whether it is */
  private async intend({ incident, kind }: Message, attempt: IncidentRecord): Promise<boolean> {
    if (kind === "page" || kind === "reminder") return await this.unwritten.put(incident, [attempt]);
    if (this.unwritten.of(incident).length > 0) throw new Error("earlier records wait for the disk");
    await (await this.journal(incident)).append(attempt, { sync: true });
    return true;
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

  /** Whoever ends the sender waits for a request's end: cut off, its fate would be unknown. */
  private deadline(): AbortSignal {
    return bounded(new AbortController().signal, requestDeadline);
  }
}

function clockText({ offset_ms: offset, step_ms: step }: IncidentData<"desk.clock">): string {
  const seconds = `${Math.round(Math.abs(offset) / 1000)} s`;
  const how = offset < 0 ? `${seconds} slow` : `${seconds} fast`;
  return step === undefined ? how : `${how}; it has stepped by ${Math.round(step / 1000)} s`;
}
