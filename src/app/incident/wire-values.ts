import type { IncidentData } from "../../events/incident-record.ts";
import { heldCode } from "../../incident/messages.ts";
import type { Message } from "../../incident/outbox.ts";
import type { ChannelMessage, Sent } from "../../ports/channel.ts";
import type { DirectoryEntry } from "../wiring/channel-directory.ts";

/** A message of the outbox as its channel takes it. */
export function channelMessage(
  message: Message,
  entry: Pick<DirectoryEntry, "reach">,
  repeat: boolean,
): ChannelMessage {
  const { key, kind, severity, security, body, head, queued, level, person, sent_as: name } = message;
  const incident = name ?? message.incident;
  const to = person === undefined ? undefined : entry.reach(person);
  return {
    key,
    incident,
    kind,
    severity,
    security,
    tag: name === undefined ? message.tag : tagOf(name),
    text: body,
    head: `${head.desk}-${head.seq} ${head.sum.slice(0, 12)}`,
    repeat,
    queued: new Date(queued),
    event: `${incident}/${level}`,
    ...(to === undefined ? {} : { to }),
  };
}

/** What a text begins with that went out before it was on record: a name of its own, and no number. */
export function tagOf(name: string): string {
  return `[${name}]`;
}

/** The same as it goes out where no disk takes a record of it. */
export function unrecorded(message: ChannelMessage): ChannelMessage {
  return { ...message, text: `${unrecordedMark}: ${message.text}` };
}

/** What such a text begins with. */
export const unrecordedMark = "NOT RECORDED";

/** How an attempt ended, as the record has it. */
export function resultOf(sent: Sent): Omit<IncidentData<"message.result">, "key" | "n"> {
  switch (sent.outcome) {
    case "accepted":
      return { outcome: "accepted", ...stamp(sent.providerId, sent.at) };
    case "failed":
      return { outcome: "failed", code: sent.code };
    case "refused": {
      const { code = sent.message, retryAfter, secret } = sent;
      const wait = retryAfter === undefined ? {} : { retry_after_s: retryAfter };
      return { outcome: "refused", code: secret === true ? `${heldCode}: ${code}` : code, ...wait };
    }
    case "unknown":
      return { outcome: "unknown", code: sent.message };
  }
}

export function stamp(
  providerId: string | undefined,
  at: Date | undefined,
): Pick<IncidentData<"message.result">, "provider_id" | "at"> {
  return {
    ...(providerId === undefined ? {} : { provider_id: providerId }),
    ...(at === undefined ? {} : { at: at.toISOString() }),
  };
}
