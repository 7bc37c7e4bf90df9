// The outbox is a fold over an incident's records: what is to be sent, what was tried, and what is known of it. Nothing
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

/** A record, and when it came by the clock that the reader decides by, in milliseconds. */
export interface TimedRecord {
  readonly record: IncidentRecord;
  readonly at: number;
}

type Queued = IncidentData<"message.queued">;
type Result = IncidentData<"message.result">;
type Severity = IncidentData<"incident.severity">["to"];

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

/** One message with all that is known of it. */
export interface Message extends Queued {
  /** Of all incidents together. */
  readonly id: string;
  readonly incident: string;
  /** In every text: `[INC-2026-0042 #4]`. */
  readonly tag: string;
  readonly severity: Severity;
  readonly queued: number;
  readonly state: MessageState;
  /** Attempts on record. */
  readonly attempts: number;
  /** Attempts whose end nobody knows: whatever is sent after one says that it may be a repeat. */
  readonly unknowns: number;
  /** Refusals since it was last sent or queued; each waits longer than the one before. */
  readonly refusals: number;
  /** Why it is not wanted any more, where it is not. */
  readonly unwanted?: "superseded" | "withdrawn";
  /** That is on record. */
  readonly closed: boolean;
}

/** What a provider asked of a channel. */
export interface ChannelUse {
  /** When the last attempt was. */
  readonly attempted: number;
  /** Until when the provider wants nothing. */
  readonly rests: number;
}

export interface Outbox {
  readonly messages: readonly Message[];
  readonly channels: ReadonlyMap<string, ChannelUse>;
  /** Resolved or cancelled, and not reopened since; when. */
  readonly ended: number | undefined;
}

export interface OutboxRules {
  readonly incident: string;
  /** A channel that may carry a security incident. */
  readonly isPrivate: (channel: string) => boolean;
}

/** `code` of a result of a message that waits for a channel's secret. */
export const heldCode = "secret";
/** `code` of a result that came of a look. */
export const lookedCode = { none: "not-found", impossible: "cannot-look" } as const;

type Open = { -readonly [K in keyof Message]: Message[K] };

/** @param records in the order of the incident. */
export function outboxOf(records: readonly TimedRecord[], rules: OutboxRules): Outbox {
  const fold = new Fold(rules);
  for (const { record, at } of records) fold.take(record, at);
  return { messages: [...fold.messages.values()].map(shown), channels: fold.channels, ended: fold.ended };
}

/** Why it is not wanted shows as its state, as long as it is only queued. */
function shown(message: Open): Message {
  const { state, unwanted } = message;
  if (unwanted === undefined || state.state !== "queued") return message;
  return { ...message, state: { state: unwanted, since: state.since } };
}

class Fold {
  readonly messages = new Map<string, Open>();
  readonly channels = new Map<string, ChannelUse>();
  ended: number | undefined;
  private readonly rules: OutboxRules;
  private severity: Severity = "P0";
  private drill = false;
  /** Severities that it was raised to. */
  private readonly raises = new Set<Severity>();

  constructor(rules: OutboxRules) {
    this.rules = rules;
  }

  take(record: IncidentRecord, at: number): void {
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
        this.queue(record.data, at);
        return;
      case "message.attempt":
        this.attempt(record.data, at);
        return;
      case "message.result":
        this.result(record.data, at);
        return;
      case "incident.resolved":
      case "incident.cancelled":
        this.ended = at;
        this.withdraw(({ kind }) => kind !== "notice");
        return;
      case "incident.reopened":
        this.ended = undefined;
        return;
      case "incident.answer":
        // What a clock made of his silence is answered; a page that is the first to him is still for him to read.
        this.withdraw(
          ({ kind, person, clock }) =>
            kind === "page" && person === record.data.person && clock !== undefined,
        );
        return;
      case "incident.security":
        this.withdraw(({ channel }) => !this.rules.isPrivate(channel));
        return;
      case "incident.joined":
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

  private queue(written: Queued, at: number): void {
    // A drill never goes where a real incident does.
    const data = this.drill ? { ...written, channel: drillChannel(written.channel) } : written;
    // Two desks make one key of one clock, and a command that is repeated makes it again: it is one message.
    if (this.messages.has(data.key)) return;
    const { incident } = this.rules;
    if (data.kind === "update") {
      for (const one of this.messages.values()) {
        const same = one.kind === "update" && one.channel === data.channel && one.person === data.person;
        if (same) one.unwanted ??= "superseded";
      }
    }
    this.messages.set(data.key, {
      ...data,
      id: `${incident} ${data.key}`,
      incident,
      tag: tagIn(data.body, incident) ?? `[${incident} #${this.messages.size + 1}]`,
      severity: severityIn(data.level) ?? this.severity,
      queued: at,
      state: { state: "queued", since: at },
      attempts: 0,
      unknowns: 0,
      refusals: 0,
      closed: false,
    });
  }

  private attempt({ key, n }: IncidentData<"message.attempt">, at: number): void {
    const message = this.messages.get(key);
    if (message === undefined) return;
    // One attempt behind another whose end is on no record: nobody knows that end.
    if (message.state.state === "attempt") message.unknowns += 1;
    message.state = { state: "attempt", since: at, n };
    message.attempts = Math.max(message.attempts, n);
    this.use(message.channel, { attempted: at });
  }

  private result(data: Result, at: number): void {
    const message = this.messages.get(data.key);
    if (message === undefined) return;
    const { state } = message.state;
    switch (data.outcome) {
      case "accepted":
        message.state = {
          state: "accepted",
          since: at,
          ...(data.provider_id === undefined ? {} : { providerId: data.provider_id }),
        };
        return;
      case "delivered":
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
  private isRaise({ kind, clock, level }: Open): boolean {
    const to = severityIn(level);
    return kind === "page" && clock === undefined && to !== undefined && this.raises.has(to);
  }

  private use(channel: string, part: Partial<ChannelUse>): void {
    const before = this.channels.get(channel) ?? { attempted: -Infinity, rests: -Infinity };
    const { attempted = before.attempted, rests = before.rests } = part;
    this.channels.set(channel, { attempted, rests: Math.max(before.rests, rests) });
  }
}

/** A channel's own name for drills: it has an address of its own, or none. */
export function drillChannel(channel: string): string {
  return `drill:${channel}`;
}

/** A text that was made with its tag keeps it. */
function tagIn(body: string, incident: string): string | undefined {
  const from = body.indexOf(`[${incident} #`);
  return from === -1 ? undefined : /^\[[^\]\s]+ #\d+\]/.exec(body.slice(from))?.[0];
}

/** `P0`, and `P0.2` of a page that is repeated; a level of the escalation has none. */
function severityIn(level: string): Severity | undefined {
  return /^(P[0-3])(?:\.\d+)?$/.exec(level)?.[1] as Severity | undefined;
}
