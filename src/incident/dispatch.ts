import type { IncidentData } from "../events/incident-record.ts";
import { heldCode, type ChannelUse } from "./messages.ts";
import type { Message, Outbox } from "./outbox.ts";

/** What must be known of a channel to decide. */
export interface ChannelFacts {
  readonly settles: "look" | "same-key" | "repeat";
  /** Milliseconds from one message to the next. */
  readonly spacing: number;
  /** It can be asked what became of an accepted message. */
  readonly tells: boolean;
  /** Why nothing can go this way: it is in no platform file, or its secret is missing or was refused. */
  readonly broken?: string;
}

export interface Situation {
  readonly now: number;
  readonly channels: ReadonlyMap<string, ChannelFacts>;
  /** Ids of the messages that this sender is at. An attempt on record that is not among them was a dead one's. */
  readonly inFlight: ReadonlySet<string>;
  /** Channels that it is sending to. */
  readonly busy: ReadonlySet<string>;
  /** How often each accepted message was asked after, and when last. */
  readonly asked: ReadonlyMap<string, { readonly times: number; readonly at: number }>;
}

export type Step =
  | { readonly do: "send"; readonly message: Message; readonly n: number; readonly repeat: boolean }
  | { readonly do: "look"; readonly message: Message }
  | { readonly do: "ask"; readonly message: Message; readonly providerId: string }
  | {
      readonly do: "record";
      readonly message: Message;
      readonly n: number;
      readonly outcome: IncidentData<"message.result">["outcome"];
      readonly code?: string;
    };

export interface Decision {
  readonly steps: readonly Step[];
  /** When there is something to do next, if nothing happens before. */
  readonly wake: number | undefined;
  /** Something is still to be sent, looked for or put on record, now or later. */
  readonly owes: boolean;
}

/** Milliseconds after a refusal that names no time: doubled each time. */
const firstWait = 1000;
const longestWait = 30_000;
/** Repeats of a page whose fate stays unknown; then a person has to see to it. */
const mostRepeats = 3;
/** Milliseconds before each of them. */
const beforeRepeat = [0, 30_000, 120_000];
/** Looks that could not be made, before a message counts as one that nobody can look for. */
const mostLooks = 3;
/** Milliseconds before each look. */
const beforeLook = [2000, 5000, 15_000];
/** Milliseconds after which an accepted message is asked after; the last one goes on. */
const beforeAsking = [2000, 5000, 10_000, 30_000, 60_000];
const longestAsking = 3_600_000;

/**
 * What to do now, of all open incidents together: a channel's rate and order hold over all of them. One channel's
 * state says nothing of another. In a channel pages go first, then what was queued first; one that has to wait keeps
 * its place, because what it waits for is the channel.
 */
export function decide(outboxes: readonly Outbox[], situation: Situation): Decision {
  const messages = outboxes.flatMap((outbox) => outbox.messages);
  const steps: Step[] = [];
  let wake = Infinity;
  // What is on its way may come back refused, and keeps others of its channel waiting: that is not read here.
  let owes = situation.inFlight.size > 0;
  const at = (due: number, step: Step): void => {
    owes ||= step.do !== "ask";
    if (due <= situation.now) steps.push(step);
    else wake = Math.min(wake, due);
  };
  for (const message of messages) {
    if (situation.inFlight.has(message.id)) continue;
    for (const { due, step } of settling(message, situation)) at(due, step);
  }
  for (const [channel, facts] of situation.channels) {
    if (facts.broken !== undefined || situation.busy.has(channel)) continue;
    const own = messages.filter((message) => message.channel === channel);
    // What a dead sender was at is settled first.
    if (own.some(({ id, state }) => state.state === "attempt" && !situation.inFlight.has(id))) continue;
    const free = own.filter(({ id }) => !situation.inFlight.has(id));
    const next = nextOf(free, messages, facts, situation);
    if (next === undefined) continue;
    const use = useOf(outboxes, channel);
    const due = Math.max(next.due, use.attempted + facts.spacing, use.rests);
    const { message } = next;
    at(due, { do: "send", message, n: message.attempts + 1, repeat: message.unknowns > 0 });
  }
  return { steps, wake: Number.isFinite(wake) ? wake : undefined, owes };
}

interface Due {
  readonly due: number;
  readonly step: Step;
}

/** All but sending: what follows from a message's state alone. */
function settling(message: Message, { channels, asked }: Situation): readonly Due[] {
  const { state, attempts: n } = message;
  const facts = channels.get(message.channel);
  switch (state.state) {
    case "attempt":
      return [
        {
          due: -Infinity,
          step: { do: "record", message, n: state.n, outcome: "unknown", code: "interrupted" },
        },
      ];
    case "superseded":
    case "withdrawn":
      if (message.closed) return [];
      return [{ due: -Infinity, step: { do: "record", message, n, outcome: state.state } }];
    case "queued": {
      const code = brokenCode(facts);
      if (code === undefined || state.held === code) return [];
      return [{ due: -Infinity, step: { do: "record", message, n, outcome: "refused", code } }];
    }
    case "unknown":
      if (facts?.broken !== undefined || facts?.settles !== "look" || state.looks >= mostLooks) return [];
      return [{ due: state.since + (beforeLook[state.looks] ?? 0), step: { do: "look", message } }];
    case "accepted": {
      if (facts?.tells !== true || facts.broken !== undefined || state.providerId === undefined) return [];
      const { times, at } = asked.get(message.id) ?? { times: 0, at: state.since };
      const due = at + (beforeAsking[times] ?? beforeAsking.at(-1) ?? 0);
      if (due > state.since + longestAsking) return [];
      return [{ due, step: { do: "ask", message, providerId: state.providerId } }];
    }
    case "delivered":
    case "failed":
      return [];
  }
}

/** What is on record of a message that its channel holds back. */
function brokenCode(facts: ChannelFacts | undefined): string | undefined {
  if (facts === undefined) return `${heldCode}: no such channel`;
  return facts.broken === undefined ? undefined : `${heldCode}: ${facts.broken}`;
}

/** The message of a channel whose turn it is, and from when on. */
function nextOf(
  own: readonly Message[],
  all: readonly Message[],
  facts: ChannelFacts,
  { now }: Situation,
): { readonly message: Message; readonly due: number } | undefined {
  const waiting = own.flatMap((message) => {
    const due = dueOf(message, all, facts);
    return due === undefined ? [] : [{ message, due }];
  });
  const first = (kind: "page" | "rest") =>
    waiting
      .filter(({ message }) => (message.kind === "page") === (kind === "page"))
      .toSorted((a, b) => a.message.queued - b.message.queued)
      // A repeat that is not due yet lets others by: it waits for itself.
      .find(({ message, due }) => message.state.state === "queued" || due <= now);
  return first("page") ?? first("rest") ?? waiting.toSorted((a, b) => a.due - b.due)[0];
}

/** From when on this message may be sent; undefined where it must not. */
function dueOf(message: Message, all: readonly Message[], facts: ChannelFacts): number | undefined {
  const { state, refusals } = message;
  if (state.state === "queued") {
    if (refusals === 0 || state.held !== undefined) return state.since;
    return state.since + Math.min(longestWait, firstWait * 2 ** (refusals - 1));
  }
  if (state.state !== "unknown" || message.unwanted !== undefined) return undefined;
  if (facts.settles === "look" && state.looks < mostLooks) return undefined;
  const before = beforeRepeat[message.unknowns - 1];
  if (facts.settles === "same-key") {
    // Behind a resolve the same key would open a new one.
    if (all.some((other) => resolves(other, message))) return undefined;
    return state.since + (before ?? beforeRepeat.at(-1) ?? 0);
  }
  if (message.kind !== "page" || message.unknowns > mostRepeats) return undefined;
  return state.since + (before ?? 0);
}

function resolves(other: Message, message: Message): boolean {
  const same = other.incident === message.incident && other.channel === message.channel;
  return same && other.kind === "notice" && message.kind !== "notice" && other.level === message.level;
}

function useOf(outboxes: readonly Outbox[], channel: string): ChannelUse {
  const uses = outboxes.flatMap(({ channels }) => channels.get(channel) ?? []);
  return {
    attempted: Math.max(-Infinity, ...uses.map(({ attempted }) => attempted)),
    rests: Math.max(-Infinity, ...uses.map(({ rests }) => rests)),
  };
}
