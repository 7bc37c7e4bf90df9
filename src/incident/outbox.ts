import type { Severity } from "../platform/severity.ts";
import { endOf, type IncidentFold } from "./fold.ts";
import { shownState, type ChannelUse, type MessageFold, type MessageState, type Queued } from "./messages.ts";

/** One message as its sender needs it. */
export interface Message extends Queued {
  /** Of all incidents together. */
  readonly id: string;
  readonly incident: string;
  /** In every text: `[INC-2026-0042 #4]`. */
  readonly tag: string;
  readonly severity: Severity;
  /** The incident is one of security. */
  readonly security: boolean;
  readonly queued: number;
  readonly state: MessageState;
  readonly attempts: number;
  readonly unknowns: number;
  readonly refusals: number;
  readonly unwanted?: "superseded" | "withdrawn";
  readonly closed: boolean;
}

/** What an incident has to send, has sent, and no longer sends. */
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

/** The outbox of an incident, which its sender reads; the fold that `status` shows knows the same messages. */
export function outboxOf(fold: IncidentFold, rules: OutboxRules): Outbox {
  const messages = [...fold.messages.values()].map((message) => messageOf(message, fold.security, rules));
  return { messages, channels: fold.channels, ended: endOf(fold) };
}

function messageOf(message: MessageFold, security: boolean, { incident, isPrivate }: OutboxRules): Message {
  const { key, queued, channel, number, severity, attempts, unknowns, refusals, closed } = message;
  const withdrawn = message.exposed && !isPrivate(channel) ? ("withdrawn" as const) : undefined;
  const unwanted = message.unwanted ?? withdrawn;
  const why = unwanted === undefined ? {} : { unwanted };
  return {
    ...queued.data,
    channel,
    id: `${incident} ${key}`,
    incident,
    tag: tagIn(queued.data.body, incident) ?? `[${incident} #${number}]`,
    severity,
    security,
    queued: queued.at,
    state: shownState({ state: message.state, ...why }),
    attempts,
    unknowns,
    refusals,
    ...why,
    closed,
  };
}

/** A text that was made with its tag keeps it. */
function tagIn(body: string, incident: string): string | undefined {
  const from = body.indexOf(`[${incident} #`);
  return from === -1 ? undefined : /^\[[^\]\s]+ #\d+\]/.exec(body.slice(from))?.[0];
}
