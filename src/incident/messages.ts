// What an incident's records say of its messages: what is to be sent, what was tried, and what is known of it. Nothing
// else is state, so a sender that was killed anywhere is followed by one that reads the same.
//
//   queued ──► attempt ──► accepted ──► delivered      refused: provably not processed, queued again
//     ▲           ├──────► failed       (or failed)    unknown: some of it was sent, and no answer came
//     ├─refused───┤
//     └─repeat── unknown ──► accepted (it was found)
//
// queued ──► superseded, withdrawn: it is no longer wanted. That follows from other records, from the moment they are
// there; the record `message.result` that says so is for the timeline.
import type { IncidentData, IncidentRecord } from "../events/incident-record.ts";
import type { Severity } from "../platform/severity.ts";
import type { Corrected } from "./corrections.ts";
import type { Placed } from "./order.ts";

/** One statement in an incident: the record, when it was so, and what it says. */
export interface Statement<T> extends Corrected {
  readonly by: Placed;
  readonly data: T;
}

export type Queued = IncidentData<"message.queued">;
export type Result = IncidentData<"message.result">;

/** `since` is when it came to be so. */
export type MessageState =
  | { readonly state: "queued"; readonly since: number; readonly held?: string }
  | { readonly state: "attempt"; readonly since: number; readonly n: number }
  | { readonly state: "accepted"; readonly since: number; readonly providerId?: string }
  | { readonly state: "delivered"; readonly since: number }
  | { readonly state: "failed"; readonly since: number; readonly code: string }
  /** `looks`: how often nobody could look for it. */
  | { readonly state: "unknown"; readonly since: number; readonly looks: number }
  | { readonly state: "superseded" | "withdrawn"; readonly since: number };

/** One message with all that the records say of it. */
export interface MessageFold {
  readonly key: string;
  readonly queued: Statement<Queued>;
  /** Where it goes: a drill's own channel, where the incident is a drill. */
  readonly channel: string;
  /** See `messageNumbers`. */
  readonly number: string;
  readonly severity: Severity;
  readonly state: MessageState;
  /** Attempts on record. */
  readonly attempts: number;
  /** Attempts whose end nobody knows: whatever is sent after one says that it may be a repeat. */
  readonly unknowns: number;
  /** Refusals since it was last sent or queued; each waits longer than the one before. */
  readonly refusals: number;
  /** The first result that says that a provider took it. */
  readonly accepted?: Statement<Result>;
  /** Why it is not wanted any more, where it is not. */
  readonly unwanted?: "superseded" | "withdrawn";
  /** It was queued before this became a security incident: only a private channel may still carry it. */
  readonly exposed: boolean;
  /** That it is not wanted is on record. */
  readonly closed: boolean;
}

/** What a provider asked of a channel. */
export interface ChannelUse {
  /** When the last attempt was. */
  readonly attempted: number;
  /** Until when the provider wants nothing. */
  readonly rests: number;
}

/** `code` of a result of a message that waits for a channel's secret. */
export const heldCode = "secret";
/** `code` of a result that came of a look. */
export const lookedCode = { none: "not-found", impossible: "cannot-look" } as const;

export type Open = { -readonly [K in keyof MessageFold]: MessageFold[K] };

/** All that a fold of messages knows. */
export interface MessagesSoFar {
  readonly messages: Map<string, Open>;
  readonly channels: ReadonlyMap<string, ChannelUse>;
  /** Keys of the updates that nothing newer supersedes. */
  readonly updates: readonly string[];
  readonly severity: Severity;
  readonly drill: boolean;
  readonly raises: readonly Severity[];
}

/** Takes the records of an incident in their order. */
export class MessageFolder {
  readonly messages: Map<string, Open> = new Map();
  readonly channels = new Map<string, ChannelUse>();
  /** Of each channel, and person on it, the update that nothing newer supersedes. */
  private readonly updates = new Map<string, Open>();
  private severity: Severity = "P0";
  private drill = false;
  /** Severities that it was raised to. */
  private readonly raises = new Set<Severity>();
  private readonly numbers: ReadonlyMap<string, string>;

  /** @param numbers of the messages, by their keys @param before what it goes on from, and keeps */
  constructor(numbers: ReadonlyMap<string, string>, before?: MessagesSoFar) {
    this.numbers = numbers;
    if (before === undefined) return;
    this.messages = before.messages;
    for (const [channel, use] of before.channels) this.channels.set(channel, use);
    for (const key of before.updates) {
      const update = this.messages.get(key);
      if (update !== undefined) this.updates.set(wayOf(update), update);
    }
    this.severity = before.severity;
    this.drill = before.drill;
    for (const raise of before.raises) this.raises.add(raise);
  }

  get soFar(): MessagesSoFar {
    const { messages, channels, severity, drill } = this;
    const updates = [...this.updates.values()].map(({ key }) => key);
    return { messages, channels, updates, severity, drill, raises: [...this.raises] };
  }

  /** @param stated the record as a statement, with its time after corrections */
  take(record: IncidentRecord, stated: <T>(data: T) => Statement<T>): void {
    switch (record.type) {
      case "incident.declared":
        this.severity = record.data.severity;
        this.drill = record.data.drill;
        return;
      case "incident.severity":
        this.severity = record.data.to;
        if (record.data.to < record.data.from) this.raises.add(record.data.to);
        return;
      case "message.queued":
        this.queue(stated(record.data));
        return;
      case "message.attempt":
        this.attempt(stated(record.data));
        return;
      case "message.result":
        this.result(stated(record.data));
        return;
      case "incident.resolved":
      case "incident.cancelled":
        this.withdraw(({ queued }) => queued.data.kind !== "notice");
        return;
      case "incident.answer":
        // What a clock made of his silence is answered; a page that is the first to him is still for him to read.
        this.withdraw(
          ({ queued: { data } }) =>
            data.kind === "page" && data.person === record.data.person && data.clock !== undefined,
        );
        return;
      case "incident.security":
        if (stated(record.data).withdrawn) return;
        for (const message of this.messages.values()) message.exposed ||= !this.isRaise(message);
        return;
      case "incident.joined":
      case "incident.reopened":
      case "incident.fact":
      case "incident.affects":
      case "incident.role":
      case "incident.handoff":
      case "incident.note":
      case "incident.correct":
      case "incident.action":
      case "incident.review":
      case "clock.fired":
      case "desk.clock":
      case "desk.head":
        return;
    }
  }

  private queue(queued: Statement<Queued>): void {
    const { data, at } = queued;
    // Two desks make one key of one clock, and a command that is repeated makes it again: it is one message.
    if (this.messages.has(data.key)) return;
    // A drill never goes where a real incident does.
    const channel = this.drill ? drillChannel(data.channel) : data.channel;
    const message: Open = {
      key: data.key,
      queued,
      channel,
      number: this.numbers.get(data.key) ?? "",
      severity: severityIn(data.level) ?? this.severity,
      state: { state: "queued", since: at },
      attempts: 0,
      unknowns: 0,
      refusals: 0,
      exposed: false,
      closed: false,
    };
    this.messages.set(data.key, message);
    if (data.kind === "update") this.supersede(message);
  }

  private supersede(update: Open): void {
    const way = wayOf(update);
    const before = this.updates.get(way);
    if (before !== undefined) before.unwanted ??= "superseded";
    this.updates.set(way, update);
  }

  private attempt({ data: { key, n }, at }: Statement<IncidentData<"message.attempt">>): void {
    const message = this.messages.get(key);
    if (message === undefined) return;
    // One attempt behind another whose end is on no record: nobody knows that end.
    if (message.state.state === "attempt") message.unknowns += 1;
    message.state = { state: "attempt", since: at, n };
    message.attempts = Math.max(message.attempts, n);
    this.use(message.channel, { attempted: at });
  }

  private result(result: Statement<Result>): void {
    const { data, at } = result;
    const message = this.messages.get(data.key);
    if (message === undefined) return;
    const { state } = message.state;
    switch (data.outcome) {
      case "accepted":
        message.accepted ??= result;
        message.state = {
          state: "accepted",
          since: at,
          ...(data.provider_id === undefined ? {} : { providerId: data.provider_id }),
        };
        return;
      case "delivered":
        message.accepted ??= result;
        message.state = { state: "delivered", since: at };
        return;
      case "failed":
        message.state = { state: "failed", since: at, code: data.code ?? "" };
        return;
      case "refused": {
        const held = data.code?.startsWith(`${heldCode}: `) === true ? { held: data.code } : {};
        if (data.retry_after_s !== undefined)
          this.use(message.channel, { rests: at + data.retry_after_s * 1000 });
        // Sought and not found is no refusal: it is to be sent at once.
        message.refusals = state === "attempt" ? message.refusals + 1 : 0;
        message.state = { state: "queued", since: at, ...held };
        return;
      }
      case "unknown": {
        const looks = message.state.state === "unknown" ? message.state.looks + 1 : 0;
        if (state !== "unknown") message.unknowns += 1;
        message.refusals = 0;
        message.state = { state: "unknown", since: at, looks };
        return;
      }
      case "superseded":
      case "withdrawn":
        message.unwanted ??= data.outcome;
        message.closed = true;
        return;
    }
  }

  private withdraw(whom: (message: Open) => boolean): void {
    for (const message of this.messages.values()) {
      if (this.isRaise(message) || !whom(message)) continue;
      message.unwanted ??= "withdrawn";
    }
  }

  /** The page of a raised severity is never withdrawn: whoever answered before did not answer that. */
  private isRaise({ queued: { data } }: Open): boolean {
    const to = severityIn(data.level);
    return data.kind === "page" && data.clock === undefined && to !== undefined && this.raises.has(to);
  }

  private use(channel: string, part: Partial<ChannelUse>): void {
    const before = this.channels.get(channel) ?? { attempted: -Infinity, rests: -Infinity };
    const { attempted = before.attempted, rests = before.rests } = part;
    this.channels.set(channel, { attempted, rests: Math.max(before.rests, rests) });
  }
}

/** A channel, and the person on it. */
function wayOf({ channel, queued }: MessageFold): string {
  return JSON.stringify([channel, queued.data.person]);
}

/** A channel's own name for drills: it has an address of its own, or none. */
export function drillChannel(channel: string): string {
  return `drill:${channel}`;
}

/** Why it is not wanted shows as its state, as long as it is only queued. */
export function shownState({ state, unwanted }: Pick<MessageFold, "state" | "unwanted">): MessageState {
  return unwanted === undefined || state.state !== "queued" ? state : { state: unwanted, since: state.since };
}

/** `P0`, and `P0.2` of a page that is repeated; a level of the escalation has none. */
function severityIn(level: string): Severity | undefined {
  return /^(P[0-3])(?:\.\d+)?$/.exec(level)?.[1] as Severity | undefined;
}
